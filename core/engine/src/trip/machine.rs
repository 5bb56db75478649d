//! The trip machine: idle → candidate → trip → paused → stop → ended or discarded. It decides when a trip opens and ends,
//! on the most likely path of `mode` and on deadlines in event time; there is never more than one open trip.

mod adopting;
mod deadlines;
mod ending;
mod opening;

use serde::{Deserialize, Serialize};

use super::anchor::Trail;
use super::config::TripConfig;
use super::facts::{EndReason, TripOutput, TripState};
use super::gaps::Silence;
use super::mode::{Bare, Chain, Clues, Heard, Phase};
use super::origin::Origin;
use super::ride::{OpenTrip, TripNames};
use super::step::{Step, Steps};
use crate::contract::{Reason, SensingPlan};
use crate::geo::LatLon;
use crate::motion::{Frame, State};
use crate::record::Mode;
use crate::sample::{Activity, Command, Fix, MonoTime, Signal};

/// So many away from where the phone was are worth a closer look.
const SUSPECT_STEPS: u32 = 2;
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
    origin: Origin,
    open: Option<OpenTrip>,
    /// The last trip that ended by itself, and where: a hole in the fixes may have ended it too soon.
    closed: Option<(OpenTrip, MonoTime)>,
    /// Where the last trip ended.
    ended: Option<MonoTime>,
    /// The ride went on until then at least: by a step, or by the OS's word while no position spoke against it.
    word_until: Option<MonoTime>,
    /// No trip opens by itself before the vehicle has stood: the driver ended the last one on the way.
    held: bool,
    /// Of the next trip.
    names: TripNames,
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
    /// What it was made of, but for places and deadlines.
    planned: Option<(TripState, bool, bool)>,
    /// The earliest of the deadlines.
    due: Option<MonoTime>,
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
            origin: Origin::default(),
            open: None,
            closed: None,
            ended: None,
            word_until: None,
            held: false,
            names: TripNames::default(),
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
            planned: None,
            due: None,
            now: MonoTime::MIN,
        }
    }

    /// One frame of motion (25 Hz where there is an IMU). Returns whether mode, plan or deadline may be others now:
    /// hardly ever, because frames are only counted until the next step.
    pub fn frame(&mut self, frame: &Frame, out: &mut Vec<TripOutput>) -> bool {
        if self.state == TripState::Off {
            return false;
        }
        self.begin_manual(frame.state.t, out);
        let dressed = self.bare.dress();
        self.clues.frame(frame);
        self.silence.frame(frame.dt_s);
        dressed || !out.is_empty()
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
        self.origin.fix(fix);
        if let Some(step) = self.steps.fix(fix) {
            self.step(step, out);
        }
        self.silence.stands = matches!(self.state, TripState::Paused | TripState::Stop);
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
                    Activity::Automotive | Activity::Cycling => {
                        self.heard_ride(t);
                        self.suspect(t, false);
                    }
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
            Command::Tag(tag) => self.names().tag(tag),
            Command::ExternalId(id) => self.names().call(id),
            Command::StopTrip | Command::DenyImpact | Command::SetDriver(_) | Command::SetVehicle(_) => {}
        }
        self.replan(t);
    }

    /// Someone else drives, or another vehicle: what was driven so far is a trip of its own.
    pub fn hand_over(&mut self, t: MonoTime, out: &mut Vec<TripOutput>) {
        let Some(trip) = self.open.as_ref().filter(|trip| !trip.whole) else { return };
        let (forced, last_ride) = (trip.forced, trip.last_ride);
        self.close(t, if forced { t } else { last_ride.unwrap_or(t) }, EndReason::Command, out);
        if forced {
            self.force(t, out);
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
        // The new axis may begin far below the old one's end, where every deadline would lie in a future that never comes.
        self.now = t;
        if self.state == TripState::Off {
            return;
        }
        let silence = if self.open.is_some() { self.silence.rebooted(t) } else { Silence::default() };
        if self.manual {
            self.drain(MonoTime(i64::MAX), t, out);
        } else {
            self.stop_now(t, EndReason::Reboot, out);
        }
        self.forget();
        self.silence = silence;
        self.replan(t);
    }

    /// Fires every deadline up to and including `t`, each at its own time. Call it before each input.
    pub fn advance(&mut self, t: MonoTime, out: &mut Vec<TripOutput>) {
        // Every input ends with a plan, and knows then when something is due: most fixes come before.
        while self.due.is_some_and(|due| due <= t) {
            let Some((due, _)) = self.deadline().filter(|(due, _)| *due <= t) else { return };
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

    /// Of the open trip, else of the next.
    fn names(&mut self) -> &mut TripNames {
        self.open.as_mut().map_or(&mut self.names, |trip| &mut trip.names)
    }

    /// Nothing of the past holds any more.
    fn forget(&mut self) {
        self.steps = Steps::default();
        self.clues = Clues::default();
        self.chain = Chain::default();
        self.bare = Bare::default();
        self.silence = Silence::default();
        self.trail = Trail::default();
        self.origin = Origin::default();
        self.candidate_until = None;
        self.backoff_until = None;
        self.closed = None;
        self.ended = None;
        self.word_until = None;
        self.held = false;
        self.position = None;
        self.speed_mps = None;
        self.running = false;
        if self.open.is_none() && self.state != TripState::Off {
            self.state = TripState::Idle;
        }
    }

    fn step(&mut self, step: Step, out: &mut Vec<TripOutput>) {
        let t = step.end;
        let Heard { mut factors, feet, remounted } = self.clues.take(t, step.duration_s());
        if let Some(driven) = self.bare.push(&step) {
            factors = super::mode::by_ride(driven);
        }
        let step = Step { feet, remounted, activity: self.clues.fresh_activity(t), ..step };
        // Where positions jumped, those of before say nothing of where it is at home.
        let follows = self.chain.ends_at(step.start);
        if let Some(leaving) = self.chain.push(&step, &factors, self.config.stop_timeout_s)
            && let Some(trip) = &mut self.open
            && let Some(dwell) = trip.take(&leaving)
        {
            self.stop_over(t, &dwell, out);
        }
        if self.open.is_none() {
            if !follows {
                self.trail = Trail::default();
            }
            self.trail.push(t, step.to, self.config.confirm_displacement_m);
        }
        let (phase, token) = self.chain.best();
        self.held &= phase.rides();
        self.saw(&step, phase);
        if let Some(trip) = &mut self.open {
            trip.last_ride = token.run.filter(|r| r.end > trip.start).map(|r| r.end).or(trip.last_ride);
            trip.maybe_ride = self.chain.latest_ride().filter(|end| *end > trip.start);
            self.settle(t, phase);
            return;
        }
        let Some(run) = token.run.filter(|r| t.since(r.end) < self.config.stop_timeout_s) else { return };
        if self.held || !self.config.automatic {
            return;
        }
        if self.confirmed(&run, &step) {
            self.begin(t, &run, out);
            self.settle(t, phase);
        } else if phase.rides() && self.trail.away() >= SUSPECT_STEPS {
            self.suspect(t, true);
        }
    }

    /// A ride goes on in a step, or the phone is seen to stay.
    fn saw(&mut self, step: &Step, phase: Phase) {
        if phase.rides() {
            // A step is known some time after its end.
            self.word_until = self.open.as_ref().map(|_| step.end).max(self.word_until);
        } else if step.is_clear() && step.chord_m < self.config.confirm_displacement_m {
            self.word_until = None;
        }
    }

    /// The OS says that it rides: true as long as it was riding, and nothing says otherwise.
    fn heard_ride(&mut self, t: MonoTime) {
        self.word_until = self.word_until.filter(|since| t.since(*since) < self.config.stop_timeout_s).map(|_| t);
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
}
