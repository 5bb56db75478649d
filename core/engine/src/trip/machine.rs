//! The trip machine: idle → candidate → trip → paused → stop → ended or discarded. It decides when a trip opens and ends,
//! on the most likely path of `mode` and on deadlines in event time; there is never more than one open trip.

use serde::{Deserialize, Serialize};

use super::anchor::Trail;
use super::config::TripConfig;
use super::facts::{EndReason, GapCause, GapFacts, TripOutput, TripState};
use super::gaps::Silence;
use super::mode::{Bare, Chain, Clues, Phase, Run};
use super::plan::{Situation, plan, renewed};
use super::ride::{MAX_TAGS, OpenTrip, stop_facts};
use super::step::{Step, Steps};
use crate::contract::{Reason, SensingPlan};
use crate::geo::{LatLon, distance_m};
use crate::motion::{Frame, State};
use crate::record::Mode;
use crate::sample::{Activity, Command, Fix, MonoTime, Signal};

/// A ride at less than this may be a walk or noise until it got somewhere.
const VEHICLE_MPS: f64 = 4.0;
/// A ride is opened on so many moving steps: one or two may be a jump of a bad position and back.
const CONFIRM_STEPS: u32 = 3;
/// So many away from where the phone was are worth a closer look.
const SUSPECT_STEPS: u32 = 2;
/// Two are enough where they lead this far: no cell tower is.
const FAR_M: f64 = 3000.0;
/// A ride shows a displacement of at least this part of its way: jumps to and fro do not.
const STRAIGHTNESS: f64 = 0.1;

/// An activity that was just reported speaks for at least so long.
const GLIMPSE_S: f64 = 5.0;

/// The trip machine.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Trips {
    config: TripConfig,
    manual: bool,
    state: TripState,
    steps: Steps,
    clues: Clues,
    chain: Chain,
    bare: Bare,
    silence: Silence,
    trail: Trail,
    open: Option<OpenTrip>,
    /// The last trip that ended by itself, and where: a hole in the fixes may have ended it too soon.
    closed: Option<(OpenTrip, MonoTime)>,
    /// No trip opens by itself before the vehicle has stood: the driver ended the last one on the way.
    held: bool,
    tags: Vec<String>,
    trips: u64,
    stops: u64,
    gaps: u64,
    candidate_until: Option<MonoTime>,
    backoff_until: Option<MonoTime>,
    position: Option<LatLon>,
    speed_mps: Option<f64>,
    running: bool,
    saving: bool,
    plan: Option<SensingPlan>,
    /// Of the latest input: nothing is said with an earlier time.
    now: MonoTime,
}

impl Trips {
    /// Idle. With `manual`, the first input opens a trip that only the end of the input ends and nothing discards.
    pub fn new(config: TripConfig, manual: bool) -> Self {
        Self {
            config,
            manual,
            state: TripState::Idle,
            steps: Steps::default(),
            clues: Clues::default(),
            chain: Chain::default(),
            bare: Bare::default(),
            silence: Silence::default(),
            trail: Trail::default(),
            open: None,
            closed: None,
            held: false,
            tags: Vec::new(),
            trips: 0,
            stops: 0,
            gaps: 0,
            candidate_until: None,
            backoff_until: None,
            position: None,
            speed_mps: None,
            running: false,
            saving: false,
            plan: None,
            now: MonoTime::MIN,
        }
    }

    /// One frame of motion (25 Hz where there is an IMU).
    pub fn frame(&mut self, frame: &Frame, out: &mut Vec<TripOutput>) {
        if self.state == TripState::Off {
            return;
        }
        self.begin_manual(frame.state.t, out);
        self.bare.dress();
        self.clues.frame(frame);
        self.silence.frame(frame.dt_s);
    }

    /// One clean fix, and what motion made of it.
    pub fn fix(&mut self, fix: &Fix, state: &State, out: &mut Vec<TripOutput>) {
        if self.state == TripState::Off {
            return;
        }
        self.begin_manual(fix.t, out);
        self.speed_mps = state.speed_mps.or(fix.speed_mps.map(f64::from));
        self.position = Some(LatLon { lat_deg: fix.lat_deg, lon_deg: fix.lon_deg });
        self.end_gap(fix.t, out);
        self.bare.fix(fix);
        if let Some(step) = self.steps.fix(fix) {
            self.step(step, out);
        }
        self.replan(fix.t);
    }

    /// A fact about the phone. Consent and duty do not come here: see [`Trips::set_allowed`].
    pub fn signal(&mut self, t: MonoTime, signal: &Signal, out: &mut Vec<TripOutput>) {
        if let Signal::PowerSave(on) = signal {
            self.saving = *on;
        }
        if self.state == TripState::Off {
            return;
        }
        self.begin_manual(t, out);
        self.silence.signal(signal);
        match signal {
            Signal::Activity(activity, confidence) => {
                self.bare.dress();
                self.clues.activity(t, *activity, *confidence);
                let clues = &self.clues;
                self.chain.glimpse(t, |dt_s| clues.guess(t, dt_s.max(GLIMPSE_S)));
                self.running = *activity == Activity::Running;
                match activity {
                    Activity::Automotive | Activity::Cycling => self.suspect(t, false),
                    Activity::Still | Activity::Walking | Activity::Running | Activity::Unknown => {}
                }
            }
            Signal::Steps(count) => {
                self.bare.dress();
                self.clues.steps(*count);
            }
            Signal::VehicleAudio(Some(_)) => self.suspect(t, false),
            Signal::VehicleAudio(None) | Signal::Screen(_) | Signal::Lock(_) | Signal::Call(_) => {}
            Signal::Charging(_) | Signal::PowerSave(_) | Signal::Provider(_) | Signal::SpeedLimit(_) => {}
            Signal::Permission(_) | Signal::Consent(_) | Signal::Duty(_) | Signal::Wake(_) => {}
        }
        self.replan(t);
    }

    /// Start, stop, tag. Driver and vehicle do not come here.
    pub fn command(&mut self, t: MonoTime, command: &Command, out: &mut Vec<TripOutput>) {
        if self.state == TripState::Off {
            return;
        }
        self.begin_manual(t, out);
        match command {
            Command::StartTrip => self.force(t, out),
            Command::StopTrip if !self.manual => {
                if let Some(trip) = &self.open {
                    let end = if trip.forced { t } else { trip.last_ride.unwrap_or(t) };
                    self.close(t, end, EndReason::Command, out);
                    self.held = true;
                }
            }
            Command::Tag(tag) => self.tag(tag),
            Command::StopTrip | Command::SetDriver(_) | Command::SetVehicle(_) => {}
        }
        self.replan(t);
    }

    /// Consent and duty both given, or not: what is open then ends at once.
    pub fn set_allowed(&mut self, t: MonoTime, allowed: bool, out: &mut Vec<TripOutput>) {
        if allowed == (self.state != TripState::Off) {
            self.replan(t);
            return;
        }
        if !allowed {
            self.stop_now(t, EndReason::NotAllowed, out);
        }
        self.forget();
        self.state = if allowed { TripState::Idle } else { TripState::Off };
        self.replan(t);
    }

    /// The phone was restarted at `t` on the new axis: an open trip ends at its last moving fix.
    pub fn reboot(&mut self, t: MonoTime, out: &mut Vec<TripOutput>) {
        if self.state == TripState::Off {
            return;
        }
        if self.manual {
            self.drain(MonoTime(i64::MAX), t, out);
        } else {
            self.stop_now(t, EndReason::Reboot, out);
        }
        self.forget();
        self.replan(t);
    }

    /// Fires every deadline up to and including `t`, each at its own time. Call it before each input.
    pub fn advance(&mut self, t: MonoTime, out: &mut Vec<TripOutput>) {
        while let Some((due, _)) = self.deadline().filter(|(due, _)| *due <= t) {
            self.fire(due, out);
        }
    }

    /// The input is over.
    pub fn finish(&mut self, t: MonoTime, reason: EndReason, out: &mut Vec<TripOutput>) {
        self.stop_now(t, reason, out);
    }

    /// When it wants [`Trips::advance`] next, and why.
    pub fn deadline(&self) -> Option<(MonoTime, Reason)> {
        let wake = self.plan.as_ref().and_then(|p| p.next_tick).map(|t| (t, Reason::StopTimeout));
        [self.end_deadline(), self.stop_deadline(), self.candidate_deadline(), wake]
            .into_iter()
            .flatten()
            .map(|(t, why)| (t.max(self.now), why))
            .min_by_key(|(t, _)| *t)
    }

    /// Where it is.
    pub fn state(&self) -> TripState {
        self.state
    }

    /// The running number and start of the open trip.
    pub fn open(&self) -> Option<(u64, MonoTime)> {
        self.open.as_ref().map(|trip| (trip.number, trip.start))
    }

    /// Means of transport at `t − back_s`, as known at `t`; `back_s` is 0, 5 or 30.
    pub fn mode(&self, t: MonoTime, back_s: u32) -> Mode {
        if let Some(mode) = self.bare.mode(t.plus(-f64::from(back_s))) {
            return mode;
        }
        let chances = if back_s == 0 { Some(self.chain.now()) } else { self.chain.at(t.plus(-f64::from(back_s))) };
        let Some(chances) = chances else { return Mode::Unknown };
        let mode = super::mode::likeliest(&chances);
        if mode == Mode::Walking && self.running { Mode::Running } else { mode }
    }

    /// What the host shall sense; `t` is when it came to want that, and does not move while nothing changes.
    pub fn plan(&self) -> Option<SensingPlan> {
        self.plan.clone()
    }

    fn step(&mut self, step: Step, out: &mut Vec<TripOutput>) {
        let t = step.end;
        let (mut factors, feet) = self.clues.take(t, step.duration_s());
        if let Some(driven) = self.bare.push(&step) {
            factors = super::mode::by_ride(driven);
        }
        let step = Step { feet, activity: self.clues.fresh_activity(t), ..step };
        if let Some(leaving) = self.chain.push(&step, &factors, self.config.stop_timeout_s)
            && let Some(trip) = &mut self.open
            && let Some(dwell) = trip.take(&leaving)
        {
            self.stop_over(t, &dwell, out);
        }
        if self.open.is_none() {
            self.trail.push(t, step.to, self.config.confirm_displacement_m);
        }
        let (phase, token) = self.chain.best();
        self.held &= phase.rides();
        if let Some(trip) = &mut self.open {
            trip.last_ride = token.run.filter(|r| r.end > trip.start).map(|r| r.end).or(trip.last_ride);
            self.settle(t, phase);
            return;
        }
        let Some(run) = token.run.filter(|r| t.since(r.end) < self.config.stop_timeout_s) else { return };
        if self.held {
            return;
        }
        if self.confirmed(&run, &step) {
            self.begin(t, &run, out);
            self.settle(t, phase);
        } else if phase.rides() && self.trail.away() >= SUSPECT_STEPS {
            self.suspect(t, true);
        }
    }

    fn confirmed(&self, run: &Run, step: &Step) -> bool {
        let away_m = distance_m(run.from, step.to);
        let fast = run.moving_s >= self.config.confirm_s && run.moving_m >= VEHICLE_MPS * run.moving_s;
        let far = away_m >= self.config.confirm_displacement_m;
        let straight = away_m >= STRAIGHTNESS * run.moving_m;
        let many = run.steps >= CONFIRM_STEPS || (run.steps + 1 >= CONFIRM_STEPS && away_m >= FAR_M);
        let left = self.trail.away() >= CONFIRM_STEPS || away_m >= FAR_M;
        many && straight && far && left && (fast || run.moving_m >= self.config.confirm_displacement_m)
    }

    fn begin(&mut self, t: MonoTime, run: &Run, out: &mut Vec<TripOutput>) {
        let mut trip = self.reopened(run).unwrap_or_else(|| {
            self.trips += 1;
            OpenTrip::new(self.trips - 1, run.first.start, std::mem::take(&mut self.tags))
        });
        trip.last_ride = Some(run.end);
        out.push(TripOutput::Trip(t, Box::new(trip.facts())));
        self.open = Some(trip);
        self.candidate_until = None;
        self.state = TripState::Trip;
    }

    /// The last trip, if this ride is a part of it: it ended only because nothing was heard for too long.
    fn reopened(&mut self, run: &Run) -> Option<OpenTrip> {
        let (trip, end) = self.closed.take()?;
        let (gap_s, length_s) = (run.first.start.since(end), run.first.end.since(run.first.start));
        let rode = gap_s < self.config.stop_timeout_s && run.first.chord_m >= VEHICLE_MPS * length_s;
        (rode || run.start().since(end) < self.config.stop_timeout_s).then_some(trip)
    }

    fn force(&mut self, t: MonoTime, out: &mut Vec<TripOutput>) {
        self.held = false;
        self.closed = None;
        if let Some(trip) = &mut self.open {
            trip.forced = true;
            return;
        }
        let mut trip = OpenTrip::new(self.trips, t, std::mem::take(&mut self.tags));
        trip.forced = true;
        self.trips += 1;
        self.chain.forget_runs();
        out.push(TripOutput::Trip(t, Box::new(trip.facts())));
        self.open = Some(trip);
        self.candidate_until = None;
        self.state = TripState::Trip;
    }

    fn begin_manual(&mut self, t: MonoTime, out: &mut Vec<TripOutput>) {
        if !self.manual || self.open.is_some() || self.trips > 0 {
            return;
        }
        self.force(t, out);
        if let Some(trip) = &mut self.open {
            trip.whole = true;
        }
    }

    /// Ends what is open where it last moved.
    fn stop_now(&mut self, t: MonoTime, reason: EndReason, out: &mut Vec<TripOutput>) {
        if self.open.is_some()
            && let Some(step) = self.steps.flush()
        {
            self.step(step, out);
        }
        let Some(trip) = &self.open else { return };
        let end = if trip.whole { t } else { trip.last_ride.unwrap_or(t) };
        self.close(t, end, reason, out);
    }

    fn close(&mut self, t: MonoTime, end: MonoTime, reason: EndReason, out: &mut Vec<TripOutput>) {
        self.drain(end, t, out);
        let Some(trip) = self.open.take() else { return };
        let facts = trip.finish(end, reason, &self.config);
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
    fn drain(&mut self, end: MonoTime, t: MonoTime, out: &mut Vec<TripOutput>) {
        let Some(trip) = &mut self.open else { return };
        let mut dwells = Vec::new();
        self.chain.drain_until(end, |labelled| dwells.extend(trip.take(&labelled)));
        for dwell in dwells {
            self.stop_over(t, &dwell, out);
        }
    }

    fn stop_over(&mut self, t: MonoTime, dwell: &super::stops::Dwell, out: &mut Vec<TripOutput>) {
        let Some(trip) = &self.open else { return };
        if dwell.duration_s() < self.config.min_stop_s {
            return;
        }
        out.push(TripOutput::Stop(t, stop_facts(self.stops, trip.number, dwell)));
        self.stops += 1;
    }

    fn end_gap(&mut self, t: MonoTime, out: &mut Vec<TripOutput>) {
        let Some((start, cause)) = self.silence.fix(t, self.config.gap_s) else { return };
        let cause = match cause {
            // The plan asks for nothing where the vehicle stands.
            GapCause::NoFix if self.state == TripState::Stop => GapCause::Planned,
            GapCause::NoFix | GapCause::NoInput | GapCause::ProviderOff => cause,
            GapCause::Permission | GapCause::Reboot | GapCause::Planned => cause,
        };
        if self.open.as_ref().is_none_or(|trip| trip.start > start) {
            return;
        }
        out.push(TripOutput::Gap(t, GapFacts { number: self.gaps, start, end: t, cause }));
        self.gaps += 1;
    }

    fn tag(&mut self, tag: &str) {
        let tags = self.open.as_mut().map_or(&mut self.tags, |trip| &mut trip.tags);
        if tags.len() < MAX_TAGS && !tags.iter().any(|t| t == tag) {
            tags.push(tag.to_owned());
        }
    }

    /// It may be a trip: look closer for a while, unless that was just done for nothing.
    fn suspect(&mut self, t: MonoTime, moved: bool) {
        if self.open.is_some() || self.held || self.candidate_until.is_some() {
            return;
        }
        if !moved && self.backoff_until.is_some_and(|until| t < until) {
            return;
        }
        self.state = TripState::Candidate;
        self.candidate_until = Some(t.plus(self.config.candidate_s));
    }

    /// The state of an open trip after a step.
    fn settle(&mut self, t: MonoTime, phase: Phase) {
        let since = self.open.as_ref().and_then(|trip| trip.last_ride);
        self.state = match phase {
            Phase::Cycle | Phase::Drive => TripState::Trip,
            Phase::Walk => TripState::Stop,
            Phase::Still | Phase::CycleStand | Phase::DriveStand => {
                if since.is_none_or(|s| t.since(s) < self.config.pause_s) { TripState::Paused } else { TripState::Stop }
            }
        };
    }

    fn end_deadline(&self) -> Option<(MonoTime, Reason)> {
        let trip = self.open.as_ref().filter(|trip| !trip.whole)?;
        let due = trip.last_ride.map_or_else(
            || trip.start.plus(self.config.forced_timeout_s),
            |ride| ride.plus(self.config.stop_timeout_s),
        );
        Some((due, Reason::StopTimeout))
    }

    fn stop_deadline(&self) -> Option<(MonoTime, Reason)> {
        let trip = self.open.as_ref().filter(|_| matches!(self.state, TripState::Trip | TripState::Paused))?;
        trip.last_ride.map(|ride| (ride.plus(self.config.pause_s), Reason::Standing))
    }

    fn candidate_deadline(&self) -> Option<(MonoTime, Reason)> {
        self.candidate_until.map(|t| (t, Reason::Candidate))
    }

    /// Does whatever is due at this very time.
    fn fire(&mut self, due: MonoTime, out: &mut Vec<TripOutput>) {
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

    /// Nothing of the past holds any more.
    fn forget(&mut self) {
        self.steps = Steps::default();
        self.clues = Clues::default();
        self.chain = Chain::default();
        self.bare = Bare::default();
        self.silence = Silence::default();
        self.trail = Trail::default();
        self.candidate_until = None;
        self.backoff_until = None;
        self.closed = None;
        self.held = false;
        self.position = None;
        self.speed_mps = None;
        self.running = false;
        if self.open.is_none() && self.state != TripState::Off {
            self.state = TripState::Idle;
        }
    }

    fn replan(&mut self, t: MonoTime) {
        self.now = self.now.max(t);
        let deadline = [self.end_deadline(), self.stop_deadline(), self.candidate_deadline()];
        let situation = Situation {
            t,
            state: self.state,
            position: self.position,
            speed_mps: self.speed_mps,
            saving: self.saving,
            deadline: deadline.into_iter().flatten().map(|(t, _)| t).min(),
        };
        self.plan = Some(renewed(self.plan.take(), plan(&self.config, &situation)));
    }
}
