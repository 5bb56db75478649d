//! What happens when nothing does: the deadlines of the machine, what they do, and the plan that follows from its state.

use super::Trips;
use crate::contract::Reason;
use crate::sample::MonoTime;
use crate::trip::config::TripConfig;
use crate::trip::facts::{EndReason, TripOutput, TripState};
use crate::trip::plan::{Situation, is_inside, plan, renewed, ticks_in_time};

impl Trips {
    pub(super) fn end_deadline(&self) -> Option<(MonoTime, Reason)> {
        let trip = self.open.as_ref().filter(|trip| !trip.whole)?;
        let TripConfig { automatic, stop_timeout_s, forced_timeout_s, .. } = self.config;
        let timeout_s = if automatic { stop_timeout_s } else { forced_timeout_s };
        let due = trip.last_ride.map_or_else(
            || trip.start.plus(forced_timeout_s),
            // What may have been a ride, too: two trips for one are worse than a late end.
            |ride| ride.max(trip.maybe_ride.unwrap_or(ride)).plus(timeout_s),
        );
        Some((due, Reason::StopTimeout))
    }

    pub(super) fn stop_deadline(&self) -> Option<(MonoTime, Reason)> {
        let trip = self.open.as_ref().filter(|_| matches!(self.state, TripState::Trip | TripState::Paused))?;
        trip.last_ride.map(|ride| (ride.plus(self.config.pause_s), Reason::Standing))
    }

    pub(super) fn candidate_deadline(&self) -> Option<(MonoTime, Reason)> {
        self.candidate_until.map(|t| (t, Reason::Candidate))
    }

    /// Does whatever is due at this very time.
    pub(super) fn fire(&mut self, due: MonoTime, out: &mut Vec<TripOutput>) {
        let is_due = |d: Option<(MonoTime, Reason)>| d.is_some_and(|(t, _)| t <= due);
        if is_due(self.end_deadline()) {
            // The last fixes may be too few for a step, and still a ride.
            if let Some(step) = self.steps.flush() {
                self.step(step, out);
                self.replan(due);
                return;
            }
            let ride = self.open.as_ref().and_then(|trip| trip.last_ride);
            let end = ride.unwrap_or(due);
            // A stop needs no fixes while the sensors say that it goes on.
            let unheard = !self.silence.is_awake(due)
                && self.silence.last_fix().is_none_or(|fix| due.since(fix) > self.config.gap_s);
            self.close(due, end, if unheard { EndReason::NoInput } else { EndReason::StopTimeout }, out);
        } else if is_due(self.stop_deadline()) {
            self.state = TripState::Stop;
        } else if is_due(self.candidate_deadline()) {
            self.candidate_until = None;
            self.backoff_until = Some(due.plus(self.config.candidate_backoff_s));
            self.state = TripState::Idle;
        }
        self.replan(due);
    }

    pub(super) fn replan(&mut self, t: MonoTime) {
        self.now = self.now.max(t);
        let at = |due: Option<(MonoTime, Reason)>| due.map(|(t, _)| t);
        let deadline = earlier(at(self.end_deadline()), at(self.stop_deadline()));
        let deadline = earlier(deadline, at(self.candidate_deadline()));
        let fast = self.speed_mps.is_some_and(|v| v >= self.config.motorway_mps);
        let key = (self.state, fast, self.saving);
        if self.planned == Some(key)
            && let Some(plan) = &self.plan
            && plan.wake_fence.as_ref().is_none_or(|fence| self.position.is_some_and(|here| is_inside(fence, here)))
            && ticks_in_time(plan.next_tick, deadline, t)
        {
            // As with nearly every fix.
            self.due = earlier(deadline, plan.next_tick);
            return;
        }
        let (state, position) = (self.state, self.position);
        let situation = Situation { t, state, position, fast, saving: self.saving, deadline };
        let plan = renewed(self.plan.take(), plan(&self.config, &situation));
        self.due = earlier(deadline, plan.next_tick);
        self.planned = Some(key);
        self.plan = Some(plan);
    }
}

fn earlier(a: Option<MonoTime>, b: Option<MonoTime>) -> Option<MonoTime> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (Some(t), None) | (None, Some(t)) => Some(t),
        (None, None) => None,
    }
}
