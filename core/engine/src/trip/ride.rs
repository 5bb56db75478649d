//! The open trip: what has become of it so far, and what it is worth in the end. It gathers labelled steps; when it opens
//! and ends is `machine`'s.

use serde::{Deserialize, Serialize};

use super::anchor::{self, First};
use super::config::TripConfig;
use super::facts::{DiscardReason, EndReason, StopFacts, TripFacts, TripStatusFacts};
use super::legs::{Finished, Legs, main_mode};
use super::mode::Labelled;
use super::stops::{Dwell, Dwells};
use crate::geo::{LatLon, distance_m};
use crate::record::Mode;
use crate::sample::MonoTime;

/// A trip has at most so many tags.
const MAX_TAGS: usize = 16;
/// Walked metres are no trip when they are more than this part of it.
const MOSTLY_ON_FOOT: f64 = 0.75;

/// What the host calls a trip.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TripNames {
    tags: Vec<String>,
    external_id: Option<String>,
}

impl TripNames {
    /// One more tag, if it is new.
    pub fn tag(&mut self, tag: &str) {
        if self.tags.len() < MAX_TAGS && !self.tags.iter().any(|t| t == tag) {
            self.tags.push(tag.to_owned());
        }
    }

    /// The host's own id; empty is none.
    pub fn call(&mut self, external_id: &str) {
        self.external_id = (!external_id.is_empty()).then(|| external_id.to_owned());
    }
}

/// A trip that is going on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpenTrip {
    /// Running number.
    pub number: u64,
    /// Nothing that belongs to it is earlier.
    pub start: MonoTime,
    /// Where the trip before it ended: it begins no earlier.
    after: Option<MonoTime>,
    /// Begun by command: kept, whatever it looks like.
    pub forced: bool,
    /// Under `manual`: walks at its ends belong to it.
    pub whole: bool,
    /// What lies right before it, if it began in there.
    pub asleep: Option<First>,
    /// End of its last ride so far.
    pub last_ride: Option<MonoTime>,
    /// The same by another path of the mode that is nearly as likely.
    pub maybe_ride: Option<MonoTime>,
    /// What the host called it.
    pub names: TripNames,
    legs: Legs,
    dwells: Dwells,
    origin: Option<LatLon>,
    position: Option<LatLon>,
    reach_m: f64,
    max_speed_mps: Option<f64>,
}

impl OpenTrip {
    /// Begins at `start`.
    pub fn new(number: u64, start: MonoTime, names: TripNames) -> Self {
        Self {
            number,
            start,
            after: None,
            forced: false,
            whole: false,
            asleep: None,
            last_ride: None,
            maybe_ride: None,
            names,
            legs: Legs::default(),
            dwells: Dwells::default(),
            origin: None,
            position: None,
            reach_m: 0.0,
            max_speed_mps: None,
        }
    }

    /// It begins no earlier than the trip before it ended.
    pub fn not_before(self, after: Option<MonoTime>) -> Self {
        Self { after, ..self }
    }

    /// Metres so far.
    pub fn ridden_m(&self) -> f64 {
        self.legs.distance_m()
    }

    /// Seconds so far, lights and all.
    pub fn ridden_s(&self) -> f64 {
        self.last_ride.map_or(0.0, |ride| ride.since(self.start))
    }

    /// Takes a step with its final label. Returns the stop that it ends.
    pub fn take(&mut self, labelled: &Labelled) -> Option<Dwell> {
        let step = &labelled.step;
        if step.start < self.start {
            return None;
        }
        let origin = *self.origin.get_or_insert(step.from);
        self.position = Some(step.to);
        self.reach_m = self.reach_m.max(distance_m(origin, step.to));
        if let Some(v) = step.max_speed_mps {
            self.max_speed_mps = Some(self.max_speed_mps.map_or(v, |m| m.max(v)));
        }
        self.legs.push(labelled);
        self.dwells.push(labelled)
    }

    /// While it goes on.
    pub fn facts(&self) -> TripFacts {
        TripFacts {
            number: self.number,
            status: TripStatusFacts::Open,
            start: self.begun(),
            end: None,
            start_inferred: false,
            missed_start_m: None,
            mode: Mode::Unknown,
            distance_m: self.legs.distance_m(),
            max_speed_mps: self.max_speed_mps,
            start_position: self.origin,
            end_position: None,
            legs: Vec::new(),
            tags: self.names.tags.clone(),
            external_id: self.names.external_id.clone(),
        }
    }

    /// All of it, over at `end`.
    pub fn finish(&self, end: MonoTime, reason: EndReason, config: &TripConfig) -> TripFacts {
        let Finished { mut legs, first, asleep, last } = self.legs.finish(!self.whole, self.asleep, end);
        if let (Some(first), Some(after)) = (legs.first_mut(), self.after) {
            first.start = first.start.max(after.min(first.end));
        }
        let begun = self.begun();
        let (start, end) = if self.whole || legs.is_empty() {
            (begun, end.max(begun))
        } else if self.forced {
            (begun, end)
        } else {
            (legs.first().map_or(begun, |l| l.start), legs.last().map_or(end, |l| l.end))
        };
        let missed = asleep.map(|a| a.chord_m).or_else(|| first.as_ref().and_then(anchor::missed_m));
        let missed = missed.filter(|_| !self.whole && !self.forced);
        let mut facts = TripFacts {
            status: TripStatusFacts::Ended(reason),
            start,
            end: Some(end),
            start_inferred: missed.is_some(),
            missed_start_m: missed,
            mode: main_mode(&legs),
            distance_m: legs.iter().map(|l| l.distance_m).sum(),
            start_position: if self.whole {
                self.origin
            } else {
                asleep.map(|a| a.from).or(first.map(|s| s.from)).or(self.origin)
            },
            end_position: if self.whole { self.position } else { last.map(|s| s.to).or(self.position) },
            legs,
            ..self.facts()
        };
        if !self.whole
            && !self.forced
            && let Some(discard) = self.worthless(&facts, config)
        {
            facts.status = TripStatusFacts::Discarded(discard);
        }
        facts
    }

    fn begun(&self) -> MonoTime {
        self.start.max(self.after.unwrap_or(self.start))
    }

    fn worthless(&self, facts: &TripFacts, config: &TripConfig) -> Option<DiscardReason> {
        let duration_s = facts.end.map_or(0.0, |e| e.since(facts.start));
        let of =
            |mode: fn(Mode) -> bool| -> f64 { facts.legs.iter().filter(|l| mode(l.mode)).map(|l| l.distance_m).sum() };
        let excluded = |m: Mode| match m {
            Mode::Cycling => !config.cycling_counts,
            Mode::Bus | Mode::Rail => !config.passenger_counts,
            Mode::Still | Mode::Walking | Mode::Running | Mode::Automotive | Mode::Unknown => false,
        };
        if facts.distance_m < config.min_distance_m {
            Some(DiscardReason::TooShort)
        } else if duration_s < config.min_duration_s {
            Some(DiscardReason::TooBrief)
        } else if self.reach_m < config.min_displacement_m {
            Some(DiscardReason::NoDisplacement)
        } else if of(|m| !m.is_ride()) > MOSTLY_ON_FOOT * facts.distance_m {
            Some(DiscardReason::OnFoot)
        } else if excluded(facts.mode) {
            Some(DiscardReason::ModeExcluded)
        } else if facts.distance_m > config.max_mean_speed_mps * duration_s {
            Some(DiscardReason::TooFast)
        } else {
            None
        }
    }
}

/// The record of a stop.
pub fn stop_facts(number: u64, trip_number: u64, dwell: &Dwell) -> StopFacts {
    let (class, confidence) = dwell.class();
    StopFacts {
        number,
        trip_number,
        rev: 1,
        start: dwell.start,
        end: dwell.end,
        class,
        position: Some(dwell.position),
        confidence,
    }
}
