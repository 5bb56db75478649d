//! From facts to records: ids, revisions, running numbers, wall-clock times. What the facts are is left to the modules
//! that found them.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::hours::{AtWheel, night_s, rush_hour_s};
use super::wall::WallClock;
use crate::base64;
use crate::behaviour::{Cancelled, EventFacts, EvidenceItem, RawWindow};
use crate::id::{IdKind, uuid7};
use crate::num::round;
use crate::record::{
    Body, EventBody, EventType, Evidence, GapBody, HealthBody, Leg, Record, ScoreBody, StopBody, SummaryBody, TripBody,
    Weighed, WindowBody,
};
use crate::sample::MonoTime;
use crate::trip::{GapFacts, StopFacts, TripFacts, TripStatusFacts};
use crate::zone::Zones;

/// Trips that can still be revised: a late limit or a merge concerns the last few.
const MAX_REVISABLE: usize = 16;
/// Waveforms are 25 Hz whatever the sensor's rate was.
const WAVEFORM_HZ: f64 = 25.0;

/// Numbers and names of what was said so far.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ledger {
    seed: u64,
    /// Where no position is told.
    zones: Zones,
    seq: u64,
    health: u64,
    trips: VecDeque<Known>,
    /// Since the last break.
    pub at_wheel: AtWheel,
    /// Who drives.
    pub driver_id: Option<String>,
    /// What is driven.
    pub vehicle_id: Option<String>,
    /// From the input's axis to the wall.
    pub wall: WallClock,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Known {
    number: u64,
    id: Uuid,
    rev: u32,
    score_rev: u32,
    /// Who drove what, once it is over: what is told of it later is theirs.
    names: Option<Names>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Names {
    driver_id: Option<String>,
    vehicle_id: Option<String>,
}

impl Ledger {
    /// `next_seq` is the running number of the first record to come.
    pub fn new(seed: u64, next_seq: u64, zones: Zones) -> Self {
        Self {
            seed,
            zones,
            seq: next_seq,
            health: 0,
            trips: VecDeque::new(),
            at_wheel: AtWheel::default(),
            driver_id: None,
            vehicle_id: None,
            wall: WallClock::default(),
        }
    }

    /// What ids are made of.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The running number of the next record.
    pub fn next_seq(&self) -> u64 {
        self.seq
    }

    /// Who drives a trip, or drove it.
    pub fn driver_of(&self, trip_number: u64) -> Option<&str> {
        let names = self.trips.iter().find(|k| k.number == trip_number).and_then(|k| k.names.as_ref());
        names.map_or(self.driver_id.as_deref(), |names| names.driver_id.as_deref())
    }

    /// The id of a trip that was recorded.
    pub fn trip_id(&self, number: u64) -> Option<Uuid> {
        self.trips.iter().find(|k| k.number == number).map(|k| k.id)
    }

    /// The next revision of a trip, and how long it idled.
    pub fn trip(&mut self, t: MonoTime, facts: &TripFacts, idling_s: Option<f64>) -> Record {
        let (id, rev) = self.next_trip_rev(facts);
        let (discard_reason, end_reason) = match facts.status {
            TripStatusFacts::Open => (None, None),
            TripStatusFacts::Ended(reason) => (None, Some(reason.name())),
            TripStatusFacts::Discarded(reason) => (Some(reason.name()), None),
        };
        let local = |seconds: fn(i64, i64, i32) -> f64| {
            let (start, end) = (facts.start, facts.end?);
            // The clock may have been set on the way: what it showed last is nearest to the truth.
            let end_ms = self.wall.at(end)?;
            let start_ms = end_ms.saturating_sub((end.since(start) * 1e3) as i64);
            Some(round(seconds(start_ms, end_ms, self.wall.utc_offset_min(end)?), 1))
        };
        let (night, rush_hour) = (local(night_s), local(rush_hour_s));
        let at_wheel = match facts.status {
            TripStatusFacts::Ended(_) => facts.end.map(|end| round(self.at_wheel.ended(facts, end), 1)),
            TripStatusFacts::Open | TripStatusFacts::Discarded(_) => None,
        };
        let leg = |l: &crate::trip::LegFacts| Leg {
            mode: l.mode,
            start_t_s: l.start.into(),
            end_t_s: l.end.into(),
            distance_m: round(l.distance_m, 1),
        };
        let body = TripBody {
            status: facts.status.status(),
            discard_reason,
            end_reason,
            start_t_s: facts.start.into(),
            end_t_s: facts.end.map(Into::into),
            start_inferred: facts.start_inferred,
            missed_start_m: facts.missed_start_m.map(|m| round(m, 1)),
            mode: facts.mode,
            distance_m: round(facts.distance_m, 1),
            duration_s: round(facts.end.unwrap_or(t).since(facts.start).max(0.0), 3),
            max_speed_mps: facts.max_speed_mps.map(|v| round(v, 2)),
            start: self.zones.show(facts.start_position).map(Into::into),
            end: self.zones.show(facts.end_position).map(Into::into),
            legs: facts.legs.iter().map(leg).collect(),
            idling_s: idling_s.map(|s| round(s, 1)),
            night_s: night,
            rush_hour_s: rush_hour,
            at_wheel_s: at_wheel,
            tags: facts.tags.clone(),
            external_id: facts.external_id.clone(),
        };
        let record = self.record_of(facts.number, id, rev, t, Body::Trip(Box::new(body)));
        if facts.status != TripStatusFacts::Open
            && let Some(known) = self.trips.iter_mut().find(|k| k.number == facts.number)
        {
            known.names = Some(Names { driver_id: record.driver_id.clone(), vehicle_id: record.vehicle_id.clone() });
        }
        record
    }

    /// The first trip of this session is this one of a session that was lost.
    pub fn adopt(&mut self, id: Uuid, rev: u32) {
        self.trips.push_back(Known { number: 0, id, rev, score_rev: 0, names: None });
    }

    /// A stop.
    pub fn stop(&mut self, t: MonoTime, facts: &StopFacts) -> Record {
        let body = StopBody {
            trip_id: self.trip_id(facts.trip_number),
            start_t_s: facts.start.into(),
            end_t_s: facts.end.into(),
            class: facts.class,
            position: self.zones.show(facts.position).map(Into::into),
            confidence: round(facts.confidence, 2),
        };
        let id = self.id(IdKind::Stop, facts.number, facts.start);
        self.record_of(facts.trip_number, id, facts.rev, t, Body::Stop(body))
    }

    /// An event of a trip.
    pub fn event(&mut self, t: MonoTime, trip_number: u64, facts: &EventFacts) -> Record {
        let evidence = facts.evidence.as_ref().map(|w| Evidence {
            rate_hz: WAVEFORM_HZ,
            t0_s: w.t0.into(),
            a_long_cmps2: w.long_cmps2.clone(),
            a_lat_cmps2: w.lat_cmps2.clone(),
            a_vert_cmps2: w.vert_cmps2.clone(),
        });
        let rounded = |x: Option<f64>, decimals| x.map(|v| round(v, decimals));
        let body = EventBody {
            trip_id: self.trip_id(trip_number),
            kind: facts.kind,
            start_t_s: facts.start.into(),
            peak_t_s: facts.peak.into(),
            end_t_s: facts.end.into(),
            peak_mps2: rounded(facts.peak_mps2, 2),
            threshold_mps2: facts.threshold_mps2,
            speed_in_mps: rounded(facts.speed_in_mps, 2),
            speed_out_mps: rounded(facts.speed_out_mps, 2),
            heading_change_deg: rounded(facts.heading_change_deg, 1),
            severity: facts.severity,
            confidence: round(facts.confidence, 2),
            status: facts.status,
            position: self.zones.show(facts.position).map(Into::into),
            limit_mps: rounded(facts.limit_mps, 2),
            over_mps: rounded(facts.over_mps, 2),
            distance_m: rounded(facts.distance_m, 1),
            band_s: facts.band_s.map(|bands| bands.map(|s| round(s, 1))),
            over_band_s: facts.over_band_s.map(|bands| bands.map(|s| round(s, 1))),
            over_band_m: facts.over_band_m.map(|bands| bands.map(|m| round(m, 1))),
            cancelled: facts.cancelled.map(Cancelled::name),
            weighed: (facts.kind == EventType::Impact).then(|| facts.items.iter().map(weighed).collect()),
            evidence,
        };
        let id = self.id(IdKind::Event, facts.number, facts.first_start);
        self.record_of(trip_number, id, facts.rev, t, Body::Event(Box::new(body)))
    }

    /// The raw samples of an event.
    pub fn window(
        &mut self,
        t: MonoTime,
        trip_number: u64,
        event_id: Uuid,
        event: &EventFacts,
        raw: &RawWindow,
    ) -> Record {
        let body = WindowBody {
            trip_id: self.trip_id(trip_number),
            event_id,
            t0_s: raw.t0.into(),
            samples: raw.samples,
            encoding: "milepost-window-2+base64",
            data: base64::text(&raw.bytes),
        };
        let id = self.id(IdKind::Window, event.number, event.start);
        self.record_of(trip_number, id, 1, t, Body::Window(Box::new(body)))
    }

    /// The score of a trip that was recorded; another one for the same trip is a revision.
    pub fn score(&mut self, t: MonoTime, trip: &TripFacts, body: impl FnOnce(Uuid) -> ScoreBody) -> Option<Record> {
        let known = self.trips.iter_mut().find(|k| k.number == trip.number)?;
        known.score_rev += 1;
        let (trip_id, rev) = (known.id, known.score_rev);
        let id = self.id(IdKind::Score, trip.number, trip.start);
        Some(self.record_of(trip.number, id, rev, t, Body::Score(Box::new(body(trip_id)))))
    }

    /// A gap.
    pub fn gap(&mut self, t: MonoTime, facts: &GapFacts) -> Record {
        let body = GapBody { start_t_s: facts.start.into(), end_t_s: facts.end.into(), cause: facts.cause.name() };
        let id = self.id(IdKind::Gap, facts.number, facts.start);
        self.record(id, 1, t, Body::Gap(body))
    }

    /// How the engine is.
    pub fn health(&mut self, t: MonoTime, body: HealthBody) -> Record {
        let id = self.id(IdKind::Health, self.health, t);
        self.health += 1;
        self.record(id, 1, t, Body::Health(body))
    }

    /// The last record of a replay.
    pub fn summary(&mut self, t: MonoTime, body: SummaryBody) -> Record {
        let id = self.id(IdKind::Summary, 0, t);
        self.record(id, 1, t, Body::Summary(Box::new(body)))
    }

    /// A record of a trip: of those who drove it.
    fn record_of(&mut self, trip_number: u64, id: Uuid, rev: u32, t: MonoTime, body: Body) -> Record {
        let record = self.record(id, rev, t, body);
        match self.trips.iter().find(|k| k.number == trip_number).and_then(|k| k.names.clone()) {
            Some(Names { driver_id, vehicle_id }) => Record { driver_id, vehicle_id, ..record },
            None => record,
        }
    }

    fn record(&mut self, id: Uuid, rev: u32, t: MonoTime, body: Body) -> Record {
        let seq = self.seq;
        self.seq += 1;
        Record {
            id,
            rev,
            seq,
            t,
            occurred_at_ms: self.wall.at(t),
            utc_offset_min: self.wall.utc_offset_min(t),
            driver_id: self.driver_id.clone(),
            vehicle_id: self.vehicle_id.clone(),
            body,
        }
    }

    /// The id's time is the wall clock's where it is known, else the axis's own.
    fn id(&self, kind: IdKind, number: u64, t: MonoTime) -> Uuid {
        uuid7(self.seed, kind, number, self.wall.at(t).unwrap_or(t.0.div_euclid(1_000_000)))
    }

    fn next_trip_rev(&mut self, facts: &TripFacts) -> (Uuid, u32) {
        if let Some(known) = self.trips.iter_mut().find(|k| k.number == facts.number) {
            known.rev += 1;
            return (known.id, known.rev);
        }
        let id = self.id(IdKind::Trip, facts.number, facts.start);
        if self.trips.len() == MAX_REVISABLE {
            self.trips.pop_front();
        }
        self.trips.push_back(Known { number: facts.number, id, rev: 1, score_rev: 0, names: None });
        (id, 1)
    }
}

fn weighed(item: &EvidenceItem) -> Weighed {
    Weighed { what: item.what.name(), value: round(item.value, 2), weight: round(item.weight, 2) }
}
