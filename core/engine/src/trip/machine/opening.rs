//! How a trip opens: a step of the ride that looks like one, the driver's word, or the ride that goes on after a hole; and
//! what is worth a closer look before.

use super::Trips;
use crate::geo::distance_m;
use crate::sample::MonoTime;
use crate::trip::facts::{TripOutput, TripState};
use crate::trip::mode::Run;
use crate::trip::ride::OpenTrip;
use crate::trip::step::Step;

/// A ride at less than this may be a walk or noise until it got somewhere.
const VEHICLE_MPS: f64 = 4.0;
/// A ride is opened on so many moving steps: one or two may be a jump of a bad position and back.
const CONFIRM_STEPS: u32 = 3;
/// Two are enough where they lead this far: no cell tower is.
const FAR_M: f64 = 3000.0;
/// In a hole without fixes the OS's word carries a ride for no longer than this: the longest ride under a city.
const WORD_S: f64 = 3600.0;
/// A ride shows a displacement of at least this part of its way: jumps to and fro do not.
const STRAIGHTNESS: f64 = 0.1;

impl Trips {
    pub(super) fn confirmed(&self, run: &Run, step: &Step) -> bool {
        let away_m = distance_m(run.from, step.to);
        let fast = run.moving_s >= self.config.confirm_s && run.moving_m >= VEHICLE_MPS * run.moving_s;
        let far = away_m >= self.config.confirm_displacement_m;
        let straight = away_m >= STRAIGHTNESS * run.moving_m;
        let many = run.steps >= CONFIRM_STEPS || (run.steps + 1 >= CONFIRM_STEPS && away_m >= FAR_M);
        let left = self.trail.away() >= CONFIRM_STEPS || away_m >= FAR_M;
        many && straight && far && left && (fast || run.moving_m >= self.config.confirm_displacement_m)
    }

    pub(super) fn begin(&mut self, t: MonoTime, run: &Run, out: &mut Vec<TripOutput>) {
        let mut trip = self.reopened(run).unwrap_or_else(|| {
            self.trips += 1;
            let trip = OpenTrip::new(self.trips - 1, run.first.start, std::mem::take(&mut self.names));
            trip.not_before(self.ended)
        });
        trip.last_ride = Some(run.end);
        self.word_until = Some(run.end);
        if trip.start == run.first.start {
            trip.asleep = trip.asleep.or_else(|| self.origin.unseen(&run.first)).or(run.asleep);
        }
        out.push(TripOutput::Trip(t, Box::new(trip.facts())));
        self.open = Some(trip);
        self.candidate_until = None;
        self.state = TripState::Trip;
    }

    /// The last trip, if this ride is a part of it: it ended only because nothing was heard for too long.
    fn reopened(&mut self, run: &Run) -> Option<OpenTrip> {
        let (trip, end) = self.closed.take()?;
        // It crossed the hole as fast as it rode before, and stood for the rest.
        let start = run.first.departure(trip.ridden_m(), trip.ridden_s());
        let word = self.word_until.filter(|word| word.since(end) <= WORD_S);
        (start.since(word.unwrap_or(end).max(end)) < self.config.stop_timeout_s).then_some(trip)
    }

    pub(super) fn force(&mut self, t: MonoTime, out: &mut Vec<TripOutput>) {
        self.held = false;
        self.closed = None;
        if let Some(trip) = &mut self.open {
            trip.forced = true;
            return;
        }
        let mut trip = OpenTrip::new(self.trips, t, std::mem::take(&mut self.names));
        trip.forced = true;
        self.trips += 1;
        self.chain.forget_runs();
        out.push(TripOutput::Trip(t, Box::new(trip.facts())));
        self.open = Some(trip);
        self.candidate_until = None;
        self.state = TripState::Trip;
    }

    pub(super) fn begin_manual(&mut self, t: MonoTime, out: &mut Vec<TripOutput>) {
        if !self.manual || self.open.is_some() || self.trips > 0 {
            return;
        }
        self.force(t, out);
        if let Some(trip) = &mut self.open {
            trip.whole = true;
        }
    }

    /// It may be a trip: look closer for a while, unless that was just done for nothing.
    pub(super) fn suspect(&mut self, t: MonoTime, moved: bool) {
        if !self.config.automatic || self.open.is_some() || self.held || self.candidate_until.is_some() {
            return;
        }
        if !moved && self.backoff_until.is_some_and(|until| t < until) {
            return;
        }
        self.state = TripState::Candidate;
        self.candidate_until = Some(t.plus(self.config.candidate_s));
    }
}
