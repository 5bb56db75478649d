//! What happened on the open trip so far: its events and how much of it could be rated. Events that came before any
//! trip was noticed wait here for a while, because a trip is noticed after it began.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::behaviour::{Cancelled, EventFacts};
use crate::motion::{Frame, Mount, State};
use crate::record::{EventStatus, EventType};
use crate::sample::MonoTime;
use crate::score::Sensed;
use crate::trip::TripFacts;

/// Events of one trip that a score may rest on; more than a few hundred change nothing in it.
const MAX_EVENTS: usize = 1_024;
/// Events that wait for a trip: a candidate lasts minutes, and events have a refractory time of seconds.
const MAX_EARLY: usize = 64;
/// What could be seen before any trip waits as well, in parts of this length,
const PART_S: f64 = 20.0;
/// and so many: five minutes, in which any trip that moves is noticed.
const MAX_PARTS: usize = 15;
/// A hole in the states longer than this is not driven over: nobody knows what happened in it.
pub const MAX_STEP_S: f64 = 5.0;

/// What happened on the open trip, and on the one before it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct TripLog {
    trip: Option<(u64, MonoTime)>,
    events: Vec<EventFacts>,
    early: VecDeque<(MonoTime, EventFacts)>,
    early_sensed: VecDeque<(MonoTime, Sensed)>,
    sensed: Sensed,
    last: Option<MonoTime>,
    /// The last trip: after a hole in the fixes it may go on under its number, and a limit may come late.
    closed: Option<Closed>,
}

/// What happened on a trip that is over.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Closed {
    facts: TripFacts,
    events: Vec<EventFacts>,
    sensed: Sensed,
}

impl TripLog {
    /// The vehicle went on; `limited`: where the limit is known.
    pub fn moved(&mut self, state: &State, frame: Option<&Frame>, limited: bool) {
        let dt_s = self.last.map_or(0.0, |last| state.t.since(last));
        self.last = Some(state.t);
        let (Some(speed_mps), true) = (state.speed_mps, (0.0..=MAX_STEP_S).contains(&dt_s)) else { return };
        let step_m = speed_mps * dt_s;
        let seen_if = |seen: bool| if seen { step_m } else { 0.0 };
        let step = Sensed {
            speed_m: step_m,
            frame_m: seen_if(state.acceleration.is_some()),
            phone_m: seen_if(frame.is_some_and(|f| f.mount != Mount::Unknown && f.rate_rad_s.is_some())),
            limit_m: seen_if(limited),
        };
        if self.trip.is_some() { self.sensed.add(&step) } else { self.sense_early(state.t, &step) }
    }

    /// It may belong to a trip that is not noticed yet.
    fn sense_early(&mut self, t: MonoTime, step: &Sensed) {
        match self.early_sensed.back_mut() {
            Some((since, part)) if t.since(*since) < PART_S => part.add(step),
            Some(_) | None => {
                if self.early_sensed.len() == MAX_PARTS {
                    self.early_sensed.pop_front();
                }
                self.early_sensed.push_back((t, *step));
            }
        }
    }

    /// A trip was opened or revised while open. Returns the events that lie in it and came before, in their order.
    pub fn open(&mut self, facts: &TripFacts) -> Option<Vec<(MonoTime, EventFacts)>> {
        if self.trip.is_some_and(|(number, _)| number == facts.number) {
            return None;
        }
        self.trip = Some((facts.number, facts.start));
        self.events.clear();
        if let Some(closed) = self.closed.take_if(|closed| closed.facts.number == facts.number) {
            self.events = closed.events;
            self.sensed.add(&closed.sensed);
        }
        for (since, part) in self.early_sensed.drain(..) {
            if since.plus(PART_S) > facts.start {
                self.sensed.add(&part);
            }
        }
        let early: Vec<_> = self.early.drain(..).filter(|(_, e)| e.peak >= facts.start).collect();
        self.events.extend(early.iter().map(|(_, e)| light(e)));
        Some(early)
    }

    /// An event, told at `t`. Returns the number of the trip if it belongs to one that is open or was the last.
    pub fn add(&mut self, t: MonoTime, event: &mut EventFacts) -> Option<u64> {
        match self.trip {
            Some((number, start)) if event.peak >= start => {
                put(&mut self.events, event);
                return Some(number);
            }
            Some(_) | None => {}
        }
        if let Some(closed) = self.closed.as_mut().filter(|closed| lies_in(&closed.facts, event)) {
            put(&mut closed.events, event);
            return Some(closed.facts.number);
        }
        // What was told of a trip longer ago stays as it is; a first word of anything else waits for its trip.
        self.early.retain(|(_, e)| e.number != event.number);
        if self.early.len() == MAX_EARLY {
            self.early.pop_front();
        }
        self.early.push_back((t, event.clone()));
        None
    }

    /// Revisions of the events that were told of a trip which, as it turns out, ended before them or meanwhile.
    pub fn outside(&mut self, facts: &TripFacts) -> Vec<EventFacts> {
        let Some(end) = facts.end.filter(|_| self.trip.is_some_and(|(number, _)| number == facts.number)) else {
            return Vec::new();
        };
        let mut revised = Vec::new();
        for event in self.events.iter_mut().filter(|event| event.cancelled.is_none()) {
            if !lies_in(facts, event) {
                event.cancelled = Some(Cancelled::OutsideTrip);
                event.status = EventStatus::Unconfirmed;
            } else if event.kind == EventType::Idling && event.end > end {
                event.end = end;
            } else {
                continue;
            }
            event.rev += 1;
            revised.push(event.clone());
        }
        revised
    }

    /// The events within the ends of a finished trip: the open one, or the last.
    pub fn events_of(&self, facts: &TripFacts) -> impl Iterator<Item = &EventFacts> + Clone {
        let events = self.closed_as(facts).map_or(&self.events, |closed| &closed.events);
        events.iter().filter(|e| lies_in(facts, e))
    }

    /// Seconds of idling within the ends of a trip; `None` where none was told.
    pub fn idling_s(&self, facts: &TripFacts) -> Option<f64> {
        let idling = self.events_of(facts).filter(|e| e.kind == EventType::Idling);
        let within = idling.map(|e| facts.end.map_or(e.end, |end| e.end.min(end)).since(e.start.max(facts.start)));
        within.reduce(|sum, s| sum + s)
    }

    /// How much of it could be rated.
    pub fn sensed_of(&self, facts: &TripFacts) -> &Sensed {
        self.closed_as(facts).map_or(&self.sensed, |closed| &closed.sensed)
    }

    /// The open trip's time so far, else that of the last.
    pub fn span(&self) -> Option<(MonoTime, MonoTime)> {
        match (self.trip, &self.closed) {
            (Some((_, start)), _) => Some((start, MonoTime(i64::MAX))),
            (None, Some(closed)) => Some((closed.facts.start, closed.facts.end?)),
            (None, None) => None,
        }
    }

    /// So many metres of the open trip, else of the last, can be rated after all: a limit came late. Returns the trip
    /// whose score that changes.
    pub fn limit_came(&mut self, more_m: f64) -> Option<TripFacts> {
        let sensed = match (self.trip, &mut self.closed) {
            (Some(_), _) => &mut self.sensed,
            (None, Some(closed)) => &mut closed.sensed,
            (None, None) => return None,
        };
        sensed.limit_m = (sensed.limit_m + more_m).max(0.0);
        self.trip.is_none().then(|| self.closed.as_ref().map(|closed| closed.facts.clone())).flatten()
    }

    /// The trip is over.
    pub fn close(&mut self, facts: &TripFacts) {
        let (events, sensed) = (std::mem::take(&mut self.events), std::mem::take(&mut self.sensed));
        self.closed = self.trip.take().map(|_| Closed { facts: facts.clone(), events, sensed });
    }

    fn closed_as(&self, facts: &TripFacts) -> Option<&Closed> {
        let open = self.trip.is_some_and(|(number, _)| number == facts.number);
        self.closed.as_ref().filter(|closed| !open && closed.facts.number == facts.number)
    }
}

/// The event, or its newest revision: newer than any that was told of it here.
fn put(events: &mut Vec<EventFacts>, event: &mut EventFacts) {
    if let Some(known) = events.iter().find(|e| e.number == event.number) {
        event.rev = event.rev.max(known.rev + 1);
    }
    events.retain(|e| e.number != event.number);
    if events.len() < MAX_EVENTS {
        events.push(light(event));
    }
}

fn lies_in(facts: &TripFacts, event: &EventFacts) -> bool {
    event.peak >= facts.start && facts.end.is_none_or(|end| event.peak <= end)
}

/// A score needs no waveform.
fn light(event: &EventFacts) -> EventFacts {
    EventFacts { evidence: None, raw: None, ..event.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::behaviour::EventFacts;
    use crate::record::Mode;
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
            tags: Vec::new(),
            external_id: None,
        }
    }

    fn braking(number: u64, t_s: f64) -> EventFacts {
        EventFacts { number, confidence: 1.0, ..EventFacts::bare(EventType::HarshBraking, at(t_s), at(t_s), at(t_s)) }
    }

    #[test]
    fn given_a_trip_that_goes_on_under_its_number_when_it_ends_again_then_the_first_part_still_counts() {
        let mut log = TripLog::default();
        log.open(&trip(7, 0.0));
        log.add(at(10.0), &mut braking(1, 10.0));
        log.sensed.speed_m = 500.0;
        log.close(&trip(7, 0.0));
        log.add(at(400.0), &mut braking(2, 400.0));
        log.open(&trip(7, 0.0));
        log.sensed.speed_m += 300.0;
        let numbers: Vec<u64> = log.events_of(&trip(7, 0.0)).map(|e| e.number).collect();
        assert_eq!(numbers, [1, 2]);
        assert_eq!(log.sensed_of(&trip(7, 0.0)).speed_m, 800.0);
    }

    #[test]
    fn given_metres_between_trips_when_the_next_one_opens_then_only_its_own_count() {
        let mut log = TripLog::default();
        for t_s in 0..600 {
            let state = State { t: at(f64::from(t_s)), speed_mps: Some(2.0), ..State::default() };
            log.moved(&state, None, false);
        }
        log.open(&trip(7, 560.0));
        let known_m = log.sensed_of(&trip(7, 560.0)).speed_m;
        assert!((70.0..=130.0).contains(&known_m), "{known_m}");
    }

    #[test]
    fn given_another_trip_when_it_opens_then_nothing_of_the_last_one_counts() {
        let mut log = TripLog::default();
        log.open(&trip(7, 0.0));
        log.add(at(10.0), &mut braking(1, 10.0));
        log.sensed.speed_m = 500.0;
        log.close(&trip(7, 0.0));
        log.open(&trip(8, 0.0));
        assert!(log.events_of(&trip(8, 0.0)).next().is_none());
        assert_eq!(log.sensed_of(&trip(8, 0.0)).speed_m, 0.0);
    }

    #[test]
    fn given_a_trip_that_ended_before_it_was_known_when_it_is_over_then_what_came_later_is_none_of_it() {
        let mut log = TripLog::default();
        log.open(&trip(7, 0.0));
        let idling = |start_s, end_s| EventFacts::bare(EventType::Idling, at(start_s), at(start_s), at(end_s));
        log.add(at(10.0), &mut braking(1, 10.0));
        log.add(at(200.0), &mut EventFacts { number: 2, ..idling(90.0, 200.0) });
        log.add(at(250.0), &mut braking(3, 240.0));
        let over = TripFacts { end: Some(at(100.0)), ..trip(7, 0.0) };
        let revised: Vec<_> = log.outside(&over).into_iter().map(|e| (e.number, e.rev, e.end, e.cancelled)).collect();
        assert_eq!(revised, [(2, 2, at(100.0), None), (3, 2, at(240.0), Some(Cancelled::OutsideTrip))]);
        assert!(log.outside(&over).is_empty(), "told once");
        assert_eq!(log.idling_s(&over), Some(10.0));
        log.close(&over);
        let mut again = EventFacts { rev: 2, ..idling(90.0, 95.0) };
        again.number = 2;
        assert_eq!((log.add(at(300.0), &mut again), again.rev), (Some(7), 3), "no revision is told twice");
    }

    #[test]
    fn given_a_trip_that_is_over_when_an_event_of_it_is_revised_then_it_is_still_that_trips() {
        let mut log = TripLog::default();
        let over = TripFacts { end: Some(at(100.0)), ..trip(7, 0.0) };
        log.open(&trip(7, 0.0));
        log.add(at(10.0), &mut braking(1, 10.0));
        log.close(&over);
        assert_eq!(log.add(at(120.0), &mut EventFacts { rev: 2, ..braking(1, 10.0) }), Some(7));
        assert_eq!(log.add(at(120.0), &mut braking(2, 110.0)), None, "after its end");
        assert_eq!(log.events_of(&over).map(|e| e.rev).collect::<Vec<_>>(), [2]);
        assert_eq!(log.limit_came(500.0).map(|facts| facts.number), Some(7));
        assert_eq!(log.sensed_of(&over).limit_m, 500.0);
    }
}
