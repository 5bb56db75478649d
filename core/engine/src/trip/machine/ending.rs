//! How a trip ends and what it leaves behind: its last steps, its stops and gaps, and itself in case it goes on.

use super::Trips;
use crate::sample::MonoTime;
use crate::trip::facts::{EndReason, GapCause, GapFacts, TripOutput, TripState};
use crate::trip::ride::stop_facts;
use crate::trip::stops::Dwell;

impl Trips {
    /// Ends what is open where it last moved.
    pub(super) fn stop_now(&mut self, t: MonoTime, reason: EndReason, out: &mut Vec<TripOutput>) {
        if self.open.is_some()
            && let Some(step) = self.steps.flush()
        {
            self.step(step, out);
        }
        let Some(trip) = &self.open else { return };
        let end = if trip.whole { t } else { trip.last_ride.unwrap_or(t) };
        self.close(t, end, reason, out);
    }

    pub(super) fn close(&mut self, t: MonoTime, end: MonoTime, reason: EndReason, out: &mut Vec<TripOutput>) {
        self.drain(end, t, out);
        let Some(trip) = self.open.take() else { return };
        let facts = trip.finish(end, reason, &self.config);
        self.origin.parks(facts.end_position);
        self.ended = facts.end;
        self.closed = match reason {
            EndReason::StopTimeout | EndReason::NoInput => facts.end.map(|end| (trip, end)),
            EndReason::Command | EndReason::NotAllowed | EndReason::Reboot => None,
            EndReason::InputEnded | EndReason::StateLost => None,
        };
        out.push(TripOutput::Trip(t, Box::new(facts)));
        self.chain.forget_runs();
        self.state = TripState::Idle;
        self.backoff_until = None;
    }

    /// Hands all steps up to `end` to the open trip.
    pub(super) fn drain(&mut self, end: MonoTime, t: MonoTime, out: &mut Vec<TripOutput>) {
        let Some(trip) = &mut self.open else { return };
        let mut dwells = Vec::new();
        self.chain.drain_until(end, |labelled| dwells.extend(trip.take(&labelled)));
        for dwell in dwells {
            self.stop_over(t, &dwell, out);
        }
    }

    pub(super) fn stop_over(&mut self, t: MonoTime, dwell: &Dwell, out: &mut Vec<TripOutput>) {
        let Some(trip) = &self.open else { return };
        if dwell.duration_s() < self.config.min_stop_s {
            return;
        }
        out.push(TripOutput::Stop(t, stop_facts(self.stops, trip.number, dwell)));
        self.stops += 1;
    }

    pub(super) fn end_gap(&mut self, t: MonoTime, out: &mut Vec<TripOutput>) {
        let Some((start, cause)) = self.silence.fix(t, self.config.gap_s) else { return };
        let cause = match cause {
            // The plan asks for nothing where the vehicle stands; one that rode may have been standing since, or not.
            GapCause::NoFix if self.silence.stands => GapCause::Planned,
            GapCause::NoFix | GapCause::NoInput | GapCause::ProviderOff => cause,
            GapCause::Permission | GapCause::Reboot | GapCause::Planned => cause,
        };
        if cause != GapCause::Reboot && self.open.as_ref().is_none_or(|trip| trip.start > start) {
            return;
        }
        out.push(TripOutput::Gap(t, GapFacts { number: self.gaps, start, end: t, cause }));
        self.gaps += 1;
    }
}
