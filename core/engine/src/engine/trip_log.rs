//! What happened on the open trip so far: its events and how much of it could be rated. Events that came before any
//! trip was noticed wait here for a while, because a trip is noticed after it began.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::behaviour::EventFacts;
use crate::motion::{Frame, Mount, State};
use crate::sample::{MonoTime, Signal};
use crate::score::Sensed;
use crate::trip::TripFacts;

/// Events of one trip that a score may rest on; more than a few hundred change nothing in it.
const MAX_EVENTS: usize = 1_024;
/// Events that wait for a trip: a candidate lasts minutes, and events have a refractory time of seconds.
const MAX_EARLY: usize = 64;
/// A hole in the states longer than this is not driven over: nobody knows what happened in it.
const MAX_STEP_S: f64 = 5.0;

/// What happened on the open trip.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct TripLog {
    trip: Option<(u64, MonoTime)>,
    events: Vec<EventFacts>,
    early: VecDeque<(MonoTime, EventFacts)>,
    sensed: Sensed,
    has_limit: bool,
    last: Option<MonoTime>,
    /// What happened on the last trip: after a hole in the fixes it may go on under its number.
    closed: Option<Closed>,
}

/// What happened on a trip that is over.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Closed {
    number: u64,
    events: Vec<EventFacts>,
    sensed: Sensed,
}

impl TripLog {
    /// The vehicle went on.
    pub fn moved(&mut self, state: &State, frame: Option<&Frame>) {
        let dt_s = self.last.map_or(0.0, |last| state.t.since(last));
        self.last = Some(state.t);
        let (Some(speed_mps), true) = (state.speed_mps, dt_s <= MAX_STEP_S) else { return };
        let step_m = speed_mps * dt_s;
        self.sensed.speed_m += step_m;
        if state.acceleration.is_some() {
            self.sensed.frame_m += step_m;
        }
        if frame.is_some_and(|f| f.mount != Mount::Unknown && f.rate_rad_s.is_some()) {
            self.sensed.phone_m += step_m;
        }
        if self.has_limit {
            self.sensed.limit_m += step_m;
        }
    }

    /// The limit became known or unknown.
    pub fn signal(&mut self, signal: &Signal) {
        if let Signal::SpeedLimit(limit) = signal {
            self.has_limit = limit.is_some();
        }
    }

    /// A trip was opened or revised while open. Returns the events that lie in it and came before, in their order.
    pub fn open(&mut self, facts: &TripFacts) -> Option<Vec<(MonoTime, EventFacts)>> {
        if self.trip.is_some_and(|(number, _)| number == facts.number) {
            return None;
        }
        self.trip = Some((facts.number, facts.start));
        self.events.clear();
        if let Some(closed) = self.closed.take().filter(|closed| closed.number == facts.number) {
            self.events = closed.events;
            self.sensed.add(&closed.sensed);
        }
        let early: Vec<_> = self.early.drain(..).filter(|(_, e)| e.peak >= facts.start).collect();
        self.events.extend(early.iter().map(|(_, e)| light(e)));
        Some(early)
    }

    /// An event, told at `t`. Returns the number of the trip if it belongs to one that is open.
    pub fn add(&mut self, t: MonoTime, event: &EventFacts) -> Option<u64> {
        match self.trip {
            Some((number, start)) if event.peak >= start => {
                self.events.retain(|e| e.number != event.number);
                if self.events.len() < MAX_EVENTS {
                    self.events.push(light(event));
                }
                Some(number)
            }
            Some(_) | None => {
                if self.early.len() == MAX_EARLY {
                    self.early.pop_front();
                }
                self.early.push_back((t, event.clone()));
                None
            }
        }
    }

    /// The events within the ends of the finished trip.
    pub fn events_of(&self, facts: &TripFacts) -> Vec<EventFacts> {
        let inside = |e: &&EventFacts| e.peak >= facts.start && facts.end.is_none_or(|end| e.peak <= end);
        self.events.iter().filter(inside).cloned().collect()
    }

    /// How much of it could be rated.
    pub fn sensed(&self) -> &Sensed {
        &self.sensed
    }

    /// The trip is over.
    pub fn close(&mut self) {
        let (events, sensed) = (std::mem::take(&mut self.events), std::mem::take(&mut self.sensed));
        self.closed = self.trip.take().map(|(number, _)| Closed { number, events, sensed });
    }
}

/// A score needs no waveform.
fn light(event: &EventFacts) -> EventFacts {
    EventFacts { evidence: None, ..event.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::behaviour::EventFacts;
    use crate::record::{EventType, Mode};
    use crate::trip::TripStatusFacts;

    fn at(t_s: f64) -> MonoTime {
        MonoTime::from_seconds(t_s)
    }

    fn trip(number: u64, start_s: f64) -> TripFacts {
        TripFacts {
            number,
            status: TripStatusFacts::Open,
            start: at(start_s),
            end: None,
            start_inferred: false,
            missed_start_m: None,
            mode: Mode::Automotive,
            distance_m: 0.0,
            max_speed_mps: None,
            start_position: None,
            end_position: None,
            legs: Vec::new(),
            idling_s: None,
            tags: Vec::new(),
        }
    }

    fn braking(number: u64, t_s: f64) -> EventFacts {
        EventFacts { number, confidence: 1.0, ..EventFacts::bare(EventType::HarshBraking, at(t_s), at(t_s), at(t_s)) }
    }

    #[test]
    fn given_a_trip_that_goes_on_under_its_number_when_it_ends_again_then_the_first_part_still_counts() {
        let mut log = TripLog::default();
        log.open(&trip(7, 0.0));
        log.add(at(10.0), &braking(1, 10.0));
        log.sensed.speed_m = 500.0;
        log.close();
        log.add(at(400.0), &braking(2, 400.0));
        log.open(&trip(7, 0.0));
        log.sensed.speed_m += 300.0;
        let numbers: Vec<u64> = log.events_of(&trip(7, 0.0)).iter().map(|e| e.number).collect();
        assert_eq!(numbers, [1, 2]);
        assert_eq!(log.sensed().speed_m, 800.0);
    }

    #[test]
    fn given_another_trip_when_it_opens_then_nothing_of_the_last_one_counts() {
        let mut log = TripLog::default();
        log.open(&trip(7, 0.0));
        log.add(at(10.0), &braking(1, 10.0));
        log.sensed.speed_m = 500.0;
        log.close();
        log.open(&trip(8, 0.0));
        assert!(log.events_of(&trip(8, 0.0)).is_empty());
        assert_eq!(log.sensed().speed_m, 0.0);
    }
}
