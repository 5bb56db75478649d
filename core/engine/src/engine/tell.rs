//! What the engine says: facts of the modules become records, track points, states and the plan, in the order in which
//! they were found. What they are is decided in the modules, how they are numbered in `ledger`.

use crate::contract::{GnssPlan, Output, SensingPlan, StateRow, TrackChunk, track_span};
use crate::motion::State;
use crate::record::{DriverScore, HealthBody, ScoreBody};
use crate::sample::MonoTime;
use crate::score::{self, Account};
use crate::trip::{TripFacts, TripOutput, TripState, TripStatusFacts, quiet, renewed};

use super::health::Blocker;
use super::{Engine, STATE_INTERVAL_S, Setting};

/// A tick is asked for no sooner than after this.
const OVERDUE_S: f64 = 1.0;

impl Engine {
    pub(super) fn tell_health(&mut self, t: MonoTime) {
        if t == MonoTime::MIN {
            return;
        }
        let Some(blockers) = self.health.news(t, self.config.heartbeat_s) else { return };
        let blockers = blockers.into_iter().map(Blocker::name).collect();
        let record = self.ledger.health(t, HealthBody { blockers, counters: self.intake.counters().clone() });
        self.outputs.push_back(Output::Record(Box::new(record)));
    }

    pub(super) fn tell_trips(&mut self) {
        let mut said = std::mem::take(&mut self.scratch.trips);
        for output in said.drain(..) {
            match output {
                TripOutput::Trip(t, facts) => self.tell_trip(t, &facts),
                TripOutput::Stop(t, facts) => {
                    let record = self.ledger.stop(t, &facts);
                    self.outputs.push_back(Output::Record(Box::new(record)));
                }
                TripOutput::Gap(t, facts) => {
                    let record = self.ledger.gap(t, &facts);
                    self.outputs.push_back(Output::Record(Box::new(record)));
                }
            }
        }
        self.scratch.trips = said;
        self.changed = true;
        self.trips_due = self.trips.deadline().map(|(t, _)| t);
        self.setting = Setting {
            in_trip: self.trips.open().is_some(),
            mode: self.trips.mode(self.now, 0),
            manual: self.config.manual,
        };
    }

    pub(super) fn tell_trip(&mut self, t: MonoTime, facts: &TripFacts) {
        if facts.status != TripStatusFacts::Open {
            self.finish_events(t);
        }
        let record = self.ledger.trip(t, facts, self.log.idling_s(facts));
        let trip_id = record.id;
        self.outputs.push_back(Output::Record(Box::new(record)));
        match facts.status {
            TripStatusFacts::Open => {
                if let Some(early) = self.log.open(facts) {
                    for (t, event) in early {
                        self.tell_event(t, facts.number, &event);
                    }
                }
            }
            TripStatusFacts::Ended(_) => {
                for event in self.log.outside(facts) {
                    self.tell_event(t, facts.number, &event);
                }
                let end = facts.end.unwrap_or(t);
                self.tell_points(trip_id, facts.start, Some(end));
                self.tell_score(t, facts);
                self.tail.close(*track_span(facts.start, Some(end)).end());
                self.log.close(facts);
            }
            TripStatusFacts::Discarded(_) => {
                self.drivers.take_back(facts.number);
                self.tail.close(facts.start);
                self.log.close(facts);
            }
        }
    }

    pub(super) fn tell_score(&mut self, t: MonoTime, facts: &TripFacts) {
        let config = &self.config.score;
        let (events, sensed) = (self.log.events_of(facts), self.log.sensed_of(facts));
        let account = Account::of_trip(config.ruleset(), facts.distance_m, events, sensed);
        let (overall, categories) = score::of_trip(config, facts, &account);
        let driver = self.drivers.of(self.ledger.driver_of(facts.number)).map(|rolling| {
            match score::not_rated(config, facts) {
                Some(_) => rolling.take_back(facts.number),
                None => rolling.add(config, facts.number, &account),
            }
            let (overall, categories) = rolling.score(config);
            DriverScore { overall, categories }
        });
        let record = self.ledger.score(t, facts, |trip_id| ScoreBody { trip_id, overall, categories, driver });
        self.outputs.extend(record.map(|r| Output::Record(Box::new(r))));
    }

    pub(super) fn finish_events(&mut self, t: MonoTime) {
        self.behaviour.finish(t, &mut self.scratch.events);
        self.tell_events();
    }

    /// Events of the open trip become records; others wait, because a trip is noticed after it began.
    pub(super) fn tell_events(&mut self) {
        if self.scratch.events.is_empty() {
            return;
        }
        let mut events = std::mem::take(&mut self.scratch.events);
        for (t, mut event) in events.drain(..) {
            if let Some(trip_number) = self.log.add(t, &mut event) {
                self.tell_event(t, trip_number, &event);
            }
        }
        self.scratch.events = events;
    }

    pub(super) fn tell_track(&mut self) {
        self.motion.take_track(&mut self.scratch.points);
        self.tail.add(&mut self.scratch.points);
        let Some((number, start)) = self.trips.open() else { return };
        let Some(trip_id) = self.ledger.trip_id(number) else { return };
        self.tell_points(trip_id, start, None);
    }

    pub(super) fn tell_points(&mut self, trip_id: uuid::Uuid, start: MonoTime, end: Option<MonoTime>) {
        if end.is_some() {
            self.motion.flush_track(*track_span(start, end).end(), &mut self.scratch.points);
            self.tail.add(&mut self.scratch.points);
        }
        if let Some(mut points) = self.tail.chunk(start, end) {
            points.retain(|point| !self.config.privacy_zones.hide(point.position));
            self.outputs.push_back(Output::Track(TrackChunk { trip_id, points }));
        }
    }

    pub(super) fn tell_state(&mut self, state: &State, at_fix: bool) {
        if !self.config.states {
            return;
        }
        if !at_fix && self.last_row.is_some_and(|last| state.t.since(last) < STATE_INTERVAL_S) {
            return;
        }
        // A fix may lie in the cell of a frame, behind its last sample: its own row has said all there is.
        if self.last_told.is_some_and(|last| state.t < last) {
            return;
        }
        if !at_fix {
            self.last_row = Some(state.t);
        }
        self.last_told = Some(state.t);
        let row = self.row(*state);
        self.outputs.push_back(Output::State(Box::new(row)));
    }

    pub(super) fn row(&self, state: State) -> StateRow {
        let mode = |back_s| self.trips.mode(state.t, back_s);
        StateRow { state, mode: mode(0), mode_5s: mode(5), mode_30s: mode(30), trip_state: self.trips.state() }
    }

    /// Tells the plan when it changes. It is made of what is decided and, where that would come too late, of what has
    /// just arrived.
    pub(super) fn tell_plan(&mut self) {
        let now = self.intake.newest().max(self.now);
        let wanted = if self.health.is_allowed() {
            let Some(mut plan) = self.trips.plan() else { return };
            // A deadline is reached when nothing from before it can come any more.
            let heartbeat = self.health.heartbeat(self.config.heartbeat_s, self.now);
            let tick = plan.next_tick.into_iter().chain(heartbeat).min();
            plan.next_tick = tick.map(|t| t.plus(self.config.intake.max_lateness_s));
            let (state, config) = (self.trips.state(), &self.config.trip);
            self.wake.settle(state, config);
            // Where no trip begins by itself, nobody looks out for one.
            let looks = config.automatic || state != TripState::Idle;
            let mut plan = if looks { self.wake.shape(plan, config, self.health.is_saving()) } else { plan };
            if plan.imu_hz == 0 && !matches!(plan.gnss, GnssPlan::Every(_)) && self.intake.deadline().is_some() {
                // Where neither samples nor fixes come by themselves, nothing else brings on the time at which a lone fix
                // counts; a moment more, because at that very time something from before it may still come.
                let decided = self.intake.newest().plus(self.config.intake.max_lateness_s + OVERDUE_S);
                plan.next_tick = plan.next_tick.into_iter().chain([decided]).min();
            }
            plan
        } else {
            quiet(now)
        };
        // What is overdue is due at once, and not anew with every input.
        let next_tick = wanted.next_tick.map(|tick| tick.max(now.plus(OVERDUE_S)));
        let mut plan = renewed(self.plan.clone(), SensingPlan { t: now, next_tick, ..wanted });
        if let Some(last) = &self.plan {
            if *last == plan {
                return;
            }
            plan.t = plan.t.max(last.t);
        }
        self.plan = Some(plan.clone());
        self.outputs.push_back(Output::Plan(plan));
    }
}
