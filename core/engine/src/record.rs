//! The records of RECORDS.md as types, and their one canonical JSON. Decides nothing: the modules that know a thing
//! fill these in, `engine` numbers them. Field order is the order in the JSON; unknown is `null`; numbers are rounded
//! here to what they can mean, so that the bytes do not depend on the last bit of a computation.

use serde::Serialize;
use uuid::Uuid;

use crate::geo::LatLon;
use crate::num::round;
use crate::sample::MonoTime;

/// Means of transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Not moving.
    Still,
    /// On foot.
    Walking,
    /// On foot, fast.
    Running,
    /// Bicycle or e-scooter.
    Cycling,
    /// Car, van, lorry, moped.
    Automotive,
    /// Bus or coach.
    Bus,
    /// Anything on rails.
    Rail,
    /// Nobody knows.
    Unknown,
}

impl Mode {
    /// The word for it in JSON and CSV.
    pub fn name(self) -> &'static str {
        match self {
            Mode::Still => "still",
            Mode::Walking => "walking",
            Mode::Running => "running",
            Mode::Cycling => "cycling",
            Mode::Automotive => "automotive",
            Mode::Bus => "bus",
            Mode::Rail => "rail",
            Mode::Unknown => "unknown",
        }
    }

    /// On wheels or rails: what a leg must be to be a ride.
    pub fn is_ride(self) -> bool {
        match self {
            Mode::Cycling | Mode::Automotive | Mode::Bus | Mode::Rail => true,
            Mode::Still | Mode::Walking | Mode::Running | Mode::Unknown => false,
        }
    }
}

/// A line of `records.jsonl`.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// UUIDv7; the same through all revisions.
    pub id: Uuid,
    /// 1 at first; the highest wins.
    pub rev: u32,
    /// Rises with every record of a device, revisions included.
    pub seq: u64,
    /// When it became true, on the input's axis.
    pub t: MonoTime,
    /// The same in epoch milliseconds, where the wall clock is known.
    pub occurred_at_ms: Option<i64>,
    /// Minutes east of UTC.
    pub utc_offset_min: Option<i32>,
    /// Who drives.
    pub driver_id: Option<String>,
    /// What is driven.
    pub vehicle_id: Option<String>,
    /// The rest.
    pub body: Body,
}

/// What a record says.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// `milepost.trip/1`
    Trip(Box<TripBody>),
    /// `milepost.stop/1`
    Stop(StopBody),
    /// `milepost.event/1`
    Event(Box<EventBody>),
    /// `milepost.score/1`
    Score(Box<ScoreBody>),
    /// `milepost.gap/1`
    Gap(GapBody),
    /// `milepost.window/1`
    Window(Box<WindowBody>),
    /// `milepost.health/1`
    Health(HealthBody),
    /// `milepost.summary/1`
    Summary(Box<SummaryBody>),
}

impl Body {
    /// The schema's name with its version.
    pub fn schema(&self) -> &'static str {
        match self {
            Body::Trip(_) => "milepost.trip/1",
            Body::Stop(_) => "milepost.stop/1",
            Body::Event(_) => "milepost.event/1",
            Body::Score(_) => "milepost.score/1",
            Body::Gap(_) => "milepost.gap/1",
            Body::Window(_) => "milepost.window/1",
            Body::Health(_) => "milepost.health/1",
            Body::Summary(_) => "milepost.summary/1",
        }
    }

    /// The trip that it belongs to; a trip belongs to itself.
    pub fn trip_id(&self) -> Option<Uuid> {
        match self {
            Body::Stop(b) => b.trip_id,
            Body::Event(b) => b.trip_id,
            Body::Score(b) => Some(b.trip_id),
            Body::Window(b) => b.trip_id,
            Body::Trip(_) | Body::Gap(_) | Body::Health(_) | Body::Summary(_) => None,
        }
    }
}

impl Record {
    /// The canonical JSON of the record, one line without its end.
    pub fn to_json(&self) -> String {
        #[derive(Serialize)]
        struct Line<'a> {
            schema: &'static str,
            id: Uuid,
            rev: u32,
            seq: u64,
            t_s: Seconds,
            occurred_at: Option<i64>,
            utc_offset_min: Option<i32>,
            driver_id: &'a Option<String>,
            vehicle_id: &'a Option<String>,
            #[serde(flatten)]
            body: Flat<'a>,
        }
        #[derive(Serialize)]
        #[serde(untagged)]
        enum Flat<'a> {
            Trip(&'a TripBody),
            Stop(&'a StopBody),
            Event(&'a EventBody),
            Score(&'a ScoreBody),
            Gap(&'a GapBody),
            Window(&'a WindowBody),
            Health(&'a HealthBody),
            Summary(&'a SummaryBody),
        }
        let body = match &self.body {
            Body::Trip(b) => Flat::Trip(b),
            Body::Stop(b) => Flat::Stop(b),
            Body::Event(b) => Flat::Event(b),
            Body::Score(b) => Flat::Score(b),
            Body::Gap(b) => Flat::Gap(b),
            Body::Window(b) => Flat::Window(b),
            Body::Health(b) => Flat::Health(b),
            Body::Summary(b) => Flat::Summary(b),
        };
        let line = Line {
            schema: self.body.schema(),
            id: self.id,
            rev: self.rev,
            seq: self.seq,
            t_s: self.t.into(),
            occurred_at: self.occurred_at_ms,
            utc_offset_min: self.utc_offset_min,
            driver_id: &self.driver_id,
            vehicle_id: &self.vehicle_id,
            body,
        };
        // Every map has text for keys and every number is finite or written as null: this cannot fail.
        serde_json::to_string(&line).unwrap_or_default()
    }
}

/// A time in seconds with milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Seconds(f64);

impl Seconds {
    /// The same as a time of the engine.
    pub fn time(self) -> MonoTime {
        MonoTime((self.0 * 1e3).round() as i64 * 1_000_000)
    }
}

impl From<MonoTime> for Seconds {
    fn from(t: MonoTime) -> Self {
        // Whole milliseconds first: an epoch in nanoseconds has more digits than an f64.
        Self(t.0.div_euclid(1_000_000) as f64 / 1e3 + 0.0)
    }
}

/// `[lon, lat]` at 10⁻⁷ degrees (1 cm).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Position([f64; 2]);

impl From<LatLon> for Position {
    fn from(p: LatLon) -> Self {
        Self([round(p.lon_deg, 7), round(p.lat_deg, 7)])
    }
}

/// How far a trip got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TripStatus {
    /// Going on.
    Open,
    /// Over, and it counts.
    Ended,
    /// It was none, or became part of another.
    Discarded,
}

/// `milepost.trip/1`
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TripBody {
    /// How far it got.
    pub status: TripStatus,
    /// Why it was discarded.
    pub discard_reason: Option<&'static str>,
    /// Why it ended.
    pub end_reason: Option<&'static str>,
    /// Back-dated start.
    pub start_t_s: Seconds,
    /// Back-dated end; null while open.
    pub end_t_s: Option<Seconds>,
    /// The start was not seen but worked out.
    pub start_inferred: bool,
    /// Metres driven before the first fix, as far as can be told.
    pub missed_start_m: Option<f64>,
    /// That of the longest leg.
    pub mode: Mode,
    /// Metres driven, walks included.
    pub distance_m: f64,
    /// From start to end.
    pub duration_s: f64,
    /// Fastest.
    pub max_speed_mps: Option<f64>,
    /// Where it began.
    pub start: Option<Position>,
    /// Where it ended.
    pub end: Option<Position>,
    /// One stretch per means of transport.
    pub legs: Vec<Leg>,
    /// Seconds with the engine on and no motion, as far as can be told.
    pub idling_s: Option<f64>,
    /// Seconds between 23:00 and 05:00 local time; null without a time zone.
    pub night_s: Option<f64>,
    /// Seconds in the rush hours of workdays; null without a time zone.
    pub rush_hour_s: Option<f64>,
    /// Seconds at the wheel since the last break, this trip included; null while open.
    pub at_wheel_s: Option<f64>,
    /// What the host called it.
    pub tags: Vec<String>,
    /// The host's own id for it.
    pub external_id: Option<String>,
}

/// A stretch of a trip by one means of transport.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Leg {
    /// By what.
    pub mode: Mode,
    /// From.
    pub start_t_s: Seconds,
    /// To.
    pub end_t_s: Seconds,
    /// Metres.
    pub distance_m: f64,
}

/// Why a vehicle stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopClass {
    /// A traffic light or a junction.
    Light,
    /// A traffic jam.
    Jam,
    /// A hand-over at a door.
    Delivery,
    /// A rest.
    Break,
    /// Anything.
    Unknown,
}

/// `milepost.stop/1`
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StopBody {
    /// Its trip.
    pub trip_id: Option<Uuid>,
    /// From.
    pub start_t_s: Seconds,
    /// To.
    pub end_t_s: Seconds,
    /// Why.
    pub class: StopClass,
    /// Where.
    pub position: Option<Position>,
    /// 0–1
    pub confidence: f64,
}

/// How hard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// At the threshold.
    Low,
    /// Well above it.
    Medium,
    /// Far above it.
    High,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, serde::Deserialize)]
pub enum EventType {
    /// Slowed down hard.
    #[serde(rename = "driving.harsh_braking")]
    HarshBraking,
    /// Sped up hard.
    #[serde(rename = "driving.harsh_acceleration")]
    HarshAcceleration,
    /// Turned hard.
    #[serde(rename = "driving.harsh_cornering")]
    HarshCornering,
    /// To one side and back.
    #[serde(rename = "driving.swerve")]
    Swerve,
    /// A crash.
    #[serde(rename = "driving.impact")]
    Impact,
    /// Over the limit.
    #[serde(rename = "driving.speeding")]
    Speeding,
    /// Phone in a hand.
    #[serde(rename = "driving.phone_handling")]
    PhoneHandling,
    /// Engine on, not moving.
    #[serde(rename = "driving.idling")]
    Idling,
}

/// Whether GNSS agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventStatus {
    /// Passed every threshold, and GNSS agreed.
    Confirmed,
    /// Passed every threshold; GNSS did not agree or was absent. Never part of a score.
    Unconfirmed,
}

/// `milepost.event/1`
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EventBody {
    /// Its trip.
    pub trip_id: Option<Uuid>,
    /// What.
    #[serde(rename = "type")]
    pub kind: EventType,
    /// From.
    pub start_t_s: Seconds,
    /// At its worst.
    pub peak_t_s: Seconds,
    /// To.
    pub end_t_s: Seconds,
    /// Its worst, without sign.
    pub peak_mps2: Option<f64>,
    /// What it had to reach.
    pub threshold_mps2: Option<f64>,
    /// Speed before.
    pub speed_in_mps: Option<f64>,
    /// Speed after.
    pub speed_out_mps: Option<f64>,
    /// Turned by, positive clockwise.
    pub heading_change_deg: Option<f64>,
    /// How hard.
    pub severity: Option<Severity>,
    /// 0–1
    pub confidence: f64,
    /// Whether GNSS agreed.
    pub status: EventStatus,
    /// Where.
    pub position: Option<Position>,
    /// The limit.
    pub limit_mps: Option<f64>,
    /// Peak speed over the limit.
    pub over_mps: Option<f64>,
    /// Metres.
    pub distance_m: Option<f64>,
    /// Of phone handling: seconds by speed band.
    pub band_s: Option<[f64; 4]>,
    /// Of speeding: seconds by band of the excess.
    pub over_band_s: Option<[f64; 3]>,
    /// Of speeding: metres by band of the excess.
    pub over_band_m: Option<[f64; 3]>,
    /// Why it is none after all.
    pub cancelled: Option<&'static str>,
    /// Of an impact: what was weighed.
    pub weighed: Option<Vec<Weighed>>,
    /// The fused waveform.
    pub evidence: Option<Evidence>,
}

/// `milepost.window/1`: what the sensors gave around an impact, at their full rate, phone frame.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WindowBody {
    /// Its trip.
    pub trip_id: Option<Uuid>,
    /// Of what.
    pub event_id: Uuid,
    /// Time of the first sample.
    pub t0_s: Seconds,
    /// How many there are.
    pub samples: usize,
    /// Of `data`.
    pub encoding: &'static str,
    /// All of them, see [`crate::window`].
    pub data: String,
}

/// Something that speaks for or against an impact.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Weighed {
    /// What was looked at.
    pub what: &'static str,
    /// What was found, in its own unit.
    pub value: f64,
    /// Log odds for (above 0) or against.
    pub weight: f64,
}

/// The fused waveform of an event.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evidence {
    /// Samples a second.
    pub rate_hz: f64,
    /// Time of the first sample.
    pub t0_s: Seconds,
    /// Longitudinal acceleration, cm/s².
    pub a_long_cmps2: Vec<i32>,
    /// Lateral acceleration, cm/s².
    pub a_lat_cmps2: Vec<i32>,
    /// Vertical acceleration, cm/s².
    pub a_vert_cmps2: Vec<i32>,
}

/// `milepost.score/1`
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScoreBody {
    /// Its trip.
    pub trip_id: Uuid,
    /// All categories together.
    pub overall: Score,
    /// One by one.
    pub categories: Categories,
    /// The driver's, over this and earlier trips.
    pub driver: Option<DriverScore>,
}

/// A driver's score over many trips, as of one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DriverScore {
    /// All categories together.
    pub overall: Score,
    /// One by one.
    pub categories: Categories,
}

/// The categories of a score.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Categories {
    /// Braking.
    pub braking: Score,
    /// Acceleration.
    pub acceleration: Score,
    /// Cornering and swerving.
    pub cornering: Score,
    /// Speeding.
    pub speeding: Score,
    /// Phone handling.
    pub phone: Score,
}

/// A number that says where it comes from, or why there is none.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Score {
    /// 0–100, 100 is best.
    pub value: Option<f64>,
    /// Why there is none.
    pub reason: Option<&'static str>,
    /// 0–1
    pub confidence: Option<f64>,
    /// Kilometres that it rests on.
    pub exposure_km: f64,
    /// The versioned rules, such as `milepost-safety@1`.
    pub ruleset: &'static str,
}

/// `milepost.gap/1`
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GapBody {
    /// From.
    pub start_t_s: Seconds,
    /// To.
    pub end_t_s: Seconds,
    /// Why, as far as can be told.
    pub cause: &'static str,
}

/// `milepost.health/1`
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HealthBody {
    /// What keeps the engine from detecting trips; empty is healthy.
    pub blockers: Vec<&'static str>,
    /// As in the summary.
    pub counters: crate::intake::Counters,
}

/// `milepost.summary/1`
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SummaryBody {
    /// Taken and refused, by reason.
    pub counters: crate::intake::Counters,
    /// Seconds by which the receiver's speed and course are late.
    pub gnss_lag_s: Option<f64>,
    /// Seconds by which its position is late.
    pub gnss_position_lag_s: Option<f64>,
    /// Samples a second as measured.
    pub imu_rate_hz: Option<f64>,
    /// Every threshold in force, flat.
    pub config: serde_json::Value,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_one_canonical_line() {
        let record = Record {
            id: crate::id::uuid7(1, crate::id::IdKind::Gap, 0, 0),
            rev: 1,
            seq: 3,
            t: MonoTime::from_seconds(1.25),
            occurred_at_ms: None,
            utc_offset_min: Some(-300),
            driver_id: None,
            vehicle_id: Some("van \"7\"".into()),
            body: Body::Gap(GapBody {
                start_t_s: MonoTime::from_seconds(0.5).into(),
                end_t_s: MonoTime(-1).into(),
                cause: "no_fix",
            }),
        };
        let json = record.to_json();
        let tail = r#""rev":1,"seq":3,"t_s":1.25,"occurred_at":null,"utc_offset_min":-300,"driver_id":null,"vehicle_id":"van \"7\"","start_t_s":0.5,"end_t_s":-0.001,"cause":"no_fix"}"#;
        assert!(json.starts_with(r#"{"schema":"milepost.gap/1","id":"#) && json.ends_with(tail), "{json}");
    }
}
