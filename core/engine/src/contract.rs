//! What goes into the engine and what comes out. Types only.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::geo::LatLon;
use crate::motion::State;
use crate::record::{Mode, Record};
use crate::sample::{Clock, Command, Fix, ImuSample, MonoTime, Signal};
use crate::trip::TripState;

/// Everything that can happen to an engine.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A batch of accelerometer and gyroscope readings, as the host got it.
    Imu(Vec<ImuSample>),
    /// One position.
    Fix(Fix),
    /// A fact about the phone, and when it became true.
    Signal(MonoTime, Signal),
    /// What the host or the driver asks for, and when.
    Command(MonoTime, Command),
    /// How the axis relates to the wall clock.
    Clock(Clock),
    /// Time passes; a hint that makes outputs appear sooner and never changes them.
    Tick(MonoTime),
    /// Nothing more will come: an open trip ends at its last moving fix. Only replays say this.
    End,
}

impl Input {
    /// The newest time in it.
    pub fn newest(&self) -> Option<MonoTime> {
        match self {
            Self::Imu(batch) => batch.last().map(|sample| sample.t),
            Self::Fix(fix) => Some(fix.t),
            Self::Signal(t, _) | Self::Command(t, _) | Self::Tick(t) => Some(*t),
            Self::Clock(clock) => Some(clock.mono),
            Self::End => None,
        }
    }
}

/// What the engine has to say.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// A record or a new revision of one: to be stored before anyone is told.
    Record(Box<Record>),
    /// What the host shall sense from now on.
    Plan(SensingPlan),
    /// What is known of the vehicle; only when the configuration asks for states.
    State(Box<StateRow>),
    /// The next smoothed points of the open trip, in order of time.
    Track(TrackChunk),
}

/// A line of `states.csv`.
#[derive(Clone, Debug, PartialEq)]
pub struct StateRow {
    /// What motion knows.
    pub state: State,
    /// Means of transport now.
    pub mode: Mode,
    /// Means of transport five seconds ago, as known now.
    pub mode_5s: Mode,
    /// Means of transport thirty seconds ago, as known now.
    pub mode_30s: Mode,
    /// Where the trip machine is.
    pub trip_state: TripState,
}

/// The track of a trip reaches so far beyond both ends, s: they are known to a few seconds, and a drawn track shall
/// begin and end where the vehicle stood.
const TRACK_MARGIN_S: f64 = 5.0;

/// The times of the points that belong to the track of a trip from `start` to `end`; without an end it goes on. Whoever
/// keeps the chunks of a trip cuts them to this once it is over: it ended before that was known.
pub fn track_span(start: MonoTime, end: Option<MonoTime>) -> RangeInclusive<MonoTime> {
    start.plus(-TRACK_MARGIN_S)..=end.map_or(MonoTime(i64::MAX), |end| end.plus(TRACK_MARGIN_S))
}

/// Smoothed points of one trip.
#[derive(Clone, Debug, PartialEq)]
pub struct TrackChunk {
    /// The trip.
    pub trip_id: uuid::Uuid,
    /// In order of time, later than all before.
    pub points: Vec<TrackPoint>,
}

/// A point of the smoothed track.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrackPoint {
    /// When.
    pub t: MonoTime,
    /// Where.
    pub position: LatLon,
    /// How fast.
    pub speed_mps: Option<f64>,
    /// Where a vehicle points, or somebody else goes: whole degrees clockwise from true north, 0 to 359.
    pub heading_deg: Option<u16>,
    /// How high the receiver said that it was, in whole metres; none between fixes.
    pub alt_m: Option<i16>,
}

/// GNSS as the plan wants it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum GnssPlan {
    /// No positions at all.
    Off,
    /// Network and cached positions; the receiver stays off.
    LowPower,
    /// A fix every so many seconds.
    Every(f64),
}

/// Where to wake up.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct WakeFence {
    /// Its centre.
    pub centre: LatLon,
    /// Its radius.
    pub radius_m: f64,
}

/// What the host shall sense until the next plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SensingPlan {
    /// From when on.
    pub t: MonoTime,
    /// Positions.
    pub gnss: GnssPlan,
    /// Readings a second; 0 is off.
    pub imu_hz: u16,
    /// The OS's activity recognition.
    pub activity: bool,
    /// Where to wake up.
    pub wake_fence: Option<WakeFence>,
    /// When the engine wants a [`Input::Tick`] even if nothing happens.
    pub next_tick: Option<MonoTime>,
    /// Why.
    pub reason: Reason,
}

/// Why the engine wants something at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// No consent, or off duty.
    NotAllowed,
    /// Nothing moves.
    Idle,
    /// Something moves: the IMU looks whether it is a ride.
    Stirring,
    /// It may be a trip.
    Candidate,
    /// A trip is going on.
    Driving,
    /// The vehicle stands.
    Standing,
    /// A stop that may be the end.
    StopTimeout,
    /// Inputs are held until every stream has passed them.
    Lateness,
    /// A record waits for more evidence.
    Evidence,
    /// The phone asks to save power.
    PowerSaving,
}

impl Reason {
    /// The word for it in CSV.
    pub fn name(self) -> &'static str {
        match self {
            Reason::NotAllowed => "not_allowed",
            Reason::Idle => "idle",
            Reason::Stirring => "stirring",
            Reason::Candidate => "candidate",
            Reason::Driving => "driving",
            Reason::Standing => "standing",
            Reason::StopTimeout => "stop_timeout",
            Reason::Lateness => "lateness",
            Reason::Evidence => "evidence",
            Reason::PowerSaving => "power_saving",
        }
    }
}
