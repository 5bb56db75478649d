//! The engine: takes inputs in any order that the host has them in, and steps the modules in order of event time. It
//! wires and numbers; every decision is made in a module.

mod adopt;
mod health;
mod hours;
mod ledger;
#[cfg(test)]
mod silence_tests;
mod snapshot;
mod tell;
mod track;
mod trip_log;
mod wall;

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

pub use health::Blocker;
pub use snapshot::{SNAPSHOT_VERSION, SnapshotError, close_lost};

use crate::behaviour::{Behaviour, EventFacts, Setting};
use crate::config::Config;
use crate::contract::{Input, Output, Reason, SensingPlan, StateRow, TrackPoint};
use crate::intake::{Counters, Intake, Item};
use crate::motion::{Frame, Motion};
use crate::record::SummaryBody;
use crate::sample::{Clock, Command, Fix, ImuSample, MonoTime, NS_PER_S, Signal};
use crate::score::Drivers;
use crate::trip::{EndReason, TripFacts, TripOutput, TripStatusFacts, Trips, Wake};
use crate::zone::Zones;
use health::Health;
use ledger::Ledger;
use track::Tail;
use trip_log::{MAX_STEP_S, TripLog};
use wall::Change;

/// States are given out no more often than this: 12.5 Hz of 25 Hz frames. A hair less, for time stamps that jitter.
const STATE_INTERVAL_S: f64 = 0.0795;

/// A trip of this length without any sample of the IMU has none.
const SENSELESS_S: f64 = 120.0;

/// Less than this is no silence that heartbeats could be told of: saves a sample the question.
const SILENCE_NS: i64 = 10 * NS_PER_S;

/// What a session begins with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Ids are made of it; random on a phone, written into recordings.
    pub seed: u64,
    /// Running number of the first record.
    pub first_seq: u64,
}

/// From samples to records. See [`crate::contract`] for what goes in and out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Engine {
    #[serde(with = "as_json")]
    config: Config,
    intake: Intake,
    motion: Motion,
    trips: Trips,
    wake: Wake,
    behaviour: Behaviour,
    health: Health,
    ledger: Ledger,
    log: TripLog,
    drivers: Drivers,
    tail: Tail,
    plan: Option<SensingPlan>,
    /// Time of the last state of a frame, and of any state.
    last_row: Option<MonoTime>,
    last_told: Option<MonoTime>,
    /// Event time of the last thing that was stepped.
    now: MonoTime,
    /// The next deadline of trips or behaviour, so that a sample costs one comparison.
    due: Option<MonoTime>,
    /// The next deadline of trips, and what behaviour is told of them, so that a frame asks neither.
    trips_due: Option<MonoTime>,
    setting: Setting,
    /// The trip machine said or became something since the plan was last looked at.
    changed: bool,
    ended: bool,
    #[serde(skip)]
    outputs: VecDeque<Output>,
    #[serde(skip)]
    scratch: Scratch,
}

/// Buffers that are empty between steps; kept so that stepping does not allocate.
#[derive(Clone, Debug, Default)]
struct Scratch {
    samples: Vec<ImuSample>,
    trips: Vec<TripOutput>,
    events: Vec<(MonoTime, EventFacts)>,
    points: Vec<TrackPoint>,
}

impl Engine {
    /// An engine that has seen nothing.
    pub fn new(config: Config, session: &Session) -> Self {
        let trips = Trips::new(config.trip.clone(), config.manual);
        Self {
            intake: Intake::new(config.intake.clone()),
            motion: Motion::new(config.motion.clone()),
            setting: Setting { in_trip: false, mode: trips.mode(MonoTime::MIN, 0), manual: config.manual },
            trips,
            wake: Wake::default(),
            behaviour: Behaviour::new(config.behaviour.clone()),
            health: Health::new(config.assume_consent, config.assume_duty),
            ledger: Ledger::new(session.seed, session.first_seq, config.privacy_zones.clone()),
            log: TripLog::default(),
            drivers: Drivers::default(),
            tail: Tail::default(),
            plan: None,
            last_row: None,
            last_told: None,
            now: MonoTime::MIN,
            due: None,
            trips_due: None,
            changed: false,
            ended: false,
            outputs: VecDeque::new(),
            scratch: Scratch::default(),
            config,
        }
    }

    /// Takes an input. What follows from it can then be [polled](Self::poll).
    pub fn handle(&mut self, input: Input) {
        if !self.admits(&input) {
            return;
        }
        let noticed = self.wake.observe(&input);
        let at_once = decides_at_once(&input);
        match input {
            Input::Imu(batch) => self.intake.imu(&batch),
            Input::Fix(fix) => {
                let wall_ms_now = self.ledger.wall.at(fix.t);
                self.intake.fix(&fix, wall_ms_now);
            }
            // A limit counts from its own time on, however late it is told.
            Input::Signal(t, Signal::SpeedLimit(limit)) if t < self.intake.horizon() => self.late_limit(t, limit),
            Input::Signal(t, signal) => self.intake.other(t, Item::Signal(signal)),
            Input::Command(t, command) => self.intake.other(t, Item::Command(command)),
            Input::Clock(clock) => self.clock(clock),
            Input::Tick(t) => self.intake.tick(t),
            Input::End => return self.end(),
        }
        if at_once {
            self.intake.settle_all();
        } else {
            self.intake.settle();
        }
        self.step_all();
        // Most batches of samples change nothing that the plan is made of.
        if noticed || self.changed || self.plan.is_none() {
            self.changed = false;
            self.tell_plan();
        }
    }

    /// The next thing that the engine has to say.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When it wants a tick, and why. Without it, the same is said later.
    pub fn deadline(&self) -> Option<(MonoTime, Reason)> {
        let heartbeat = self.health.heartbeat(self.config.heartbeat_s, self.now).map(|t| (t, Reason::Idle));
        let held = self.intake.deadline().map(|t| (t, Reason::Lateness));
        // A deadline is reached when nothing from before it can come any more.
        let wait_s = self.config.intake.max_lateness_s;
        let due = [self.trips.deadline(), self.behaviour.deadline(), heartbeat];
        let due = due.into_iter().flatten().map(|(t, why)| (t.plus(wait_s), why));
        let wake = self.wake.deadline().map(|t| (t, Reason::Candidate));
        held.into_iter().chain(due).chain(wake).min_by_key(|(t, _)| *t)
    }

    /// What the host shall sense now; `None` before the first input.
    pub fn plan(&self) -> Option<&SensingPlan> {
        self.plan.as_ref()
    }

    /// Consent and duty are both given.
    pub fn is_allowed(&self) -> bool {
        self.health.is_allowed()
    }

    /// An engine that remembers nothing of where anyone was, and goes on counting where this one is. What the host said
    /// of consent, duty, driver and clock still holds.
    #[must_use]
    pub fn forgetful(&self, seed: u64) -> Self {
        self.forgetful_from(seed, self.next_seq())
    }

    /// The same, counting on from another number.
    #[must_use]
    pub fn forgetful_from(&self, seed: u64, first_seq: u64) -> Self {
        let mut fresh = Self::new(self.config.clone(), &Session { seed, first_seq });
        fresh.health = self.health.clone();
        fresh.ledger.wall = self.ledger.wall.clone();
        fresh.ledger.driver_id.clone_from(&self.ledger.driver_id);
        fresh.ledger.vehicle_id.clone_from(&self.ledger.vehicle_id);
        fresh
    }

    /// Taken and refused so far.
    pub fn counters(&self) -> &Counters {
        self.intake.counters()
    }

    /// What stands in the way of finding trips now.
    pub fn blockers(&self) -> Vec<Blocker> {
        self.health.blockers()
    }

    /// The configuration in force.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What the session's ids are made of.
    pub fn seed(&self) -> u64 {
        self.ledger.seed()
    }

    /// The running number of the next record.
    pub fn next_seq(&self) -> u64 {
        self.ledger.next_seq()
    }

    /// What is known now: of everything that is decided, that is up to `max_lateness_s` before the newest input.
    pub fn state(&self) -> StateRow {
        self.row(self.motion.state(self.now))
    }

    fn clock(&mut self, clock: Clock) {
        if self.ledger.wall.is_reboot(&clock) {
            // A new axis: what is held belongs to the old one, and nothing more of it will come.
            self.intake.settle_all();
            self.step_all();
            self.intake.restart();
            self.now = clock.mono;
            self.step_clock(clock);
            self.step_trips(|trips, out, now| trips.reboot(now, out));
            self.motion.reset();
            self.behaviour.reset();
            self.wake.forget();
            self.health.restart();
            self.tail.restart();
            self.ledger.at_wheel.restart();
            self.now = MonoTime::MIN;
            self.last_row = None;
            self.last_told = None;
        } else {
            self.intake.other(clock.mono, Item::Clock(clock));
        }
    }

    fn end(&mut self) {
        if self.ended {
            return;
        }
        self.ended = true;
        self.intake.settle_all();
        self.step_all();
        let mut points = std::mem::take(&mut self.scratch.points);
        self.motion.flush_track(MonoTime(i64::MAX), &mut points);
        self.tail.add(&mut points);
        self.scratch.points = points;
        let now = self.now.max(MonoTime(0));
        self.finish_events(now);
        self.step_trips(|trips, out, _| trips.finish(now, EndReason::InputEnded, out));
        let lag = self.motion.gnss_lag();
        let body = SummaryBody {
            counters: self.intake.counters().clone(),
            gnss_lag_s: lag.speed_s.map(|s| crate::num::round(s, 2)),
            gnss_position_lag_s: lag.position_s.map(|s| crate::num::round(s, 2)),
            imu_rate_hz: self.intake.imu_rate_hz().map(|hz| crate::num::round(hz, 1)),
            // Where somebody lives is in no record, not even as what is to be left out.
            config: Config { privacy_zones: Zones::default(), ..self.config.clone() }.to_value(),
        };
        let record = self.ledger.summary(now, body);
        self.outputs.push_back(Output::Record(Box::new(record)));
    }

    fn step_all(&mut self) {
        let mut samples = std::mem::take(&mut self.scratch.samples);
        loop {
            self.intake.take_imu(&mut samples);
            for sample in samples.drain(..) {
                if self.intake.accept(&sample) {
                    self.step_imu(&sample);
                }
            }
            let Some(other) = self.intake.take_other() else { break };
            if let Some((t, item)) = other {
                self.step_other(t, item);
            }
        }
        self.scratch.samples = samples;
        let horizon = self.intake.horizon();
        if self.due.is_some_and(|due| due <= horizon) {
            self.advance(horizon);
        }
    }

    /// Without consent or off duty nothing of the person gets past the door: not even into what is held for later.
    fn admits(&mut self, input: &Input) -> bool {
        if self.health.is_allowed() {
            return true;
        }
        let counters = self.intake.counters_mut();
        match input {
            Input::Imu(batch) => counters.imu_not_allowed += batch.len() as u64,
            Input::Fix(_) => counters.fix_not_allowed += 1,
            Input::Signal(_, signal) => return !signal.is_personal(),
            Input::Command(..) | Input::Clock(_) | Input::Tick(_) | Input::End => return true,
        }
        false
    }

    fn step_imu(&mut self, sample: &ImuSample) {
        if let Some(frame) = self.motion.advance(sample.t) {
            self.step_frame(&frame);
        }
        if self.due.is_some_and(|due| due <= sample.t) {
            self.advance(sample.t);
        }
        self.now_is(sample.t);
        self.behaviour.imu(sample);
        if let Some(frame) = self.motion.imu(sample) {
            self.step_frame(&frame);
        }
    }

    #[inline]
    fn now_is(&mut self, t: MonoTime) {
        if t.0.saturating_sub(self.now.0) > SILENCE_NS {
            self.health.hear(t, self.now, self.config.heartbeat_s);
        }
        self.now = t;
    }

    fn step_other(&mut self, t: MonoTime, item: Item) {
        self.advance(t);
        self.now_is(t);
        match item {
            Item::Clock(clock) => self.step_clock(clock),
            Item::Signal(signal) => self.step_signal(t, &signal),
            Item::Command(command) => self.step_command(t, &command),
            Item::Mock => self.step_mock(t),
            Item::Fix(fix) => self.step_fix(&fix),
        }
    }

    fn step_clock(&mut self, clock: Clock) {
        let t = clock.mono;
        self.health.clock(clock.wall_ms.is_some());
        match self.ledger.wall.set(clock) {
            Change::Jump => self.intake.counters_mut().clock_jumps += 1,
            Change::None | Change::Reboot => {}
        }
        self.tell_health(t);
        self.after_step();
    }

    fn step_signal(&mut self, t: MonoTime, signal: &Signal) {
        let was_allowed = self.health.is_allowed();
        self.health.signal(signal);
        let allowed = self.health.is_allowed();
        if allowed != was_allowed {
            self.finish_events(t);
            self.step_trips(|trips, out, _| trips.set_allowed(t, allowed, out));
            self.motion.reset();
            self.behaviour.reset();
            self.wake.forget();
            self.tail.restart();
        }
        self.step_trips(|trips, out, _| trips.signal(t, signal, out));
        if matches!(signal, Signal::Activity(..)) && allowed {
            // Where no fix comes for hours, this is all that is known of the mode.
            self.tell_state(&self.motion.state(t), true);
        }
        self.behaviour.signal(t, signal, &mut self.scratch.events);
        self.tell_events();
        self.tell_health(t);
        self.after_step();
    }

    /// A limit whose time is decided: events and score of the last minutes are revised.
    fn late_limit(&mut self, from: MonoTime, limit_mps: Option<f32>) {
        self.intake.count_late_signal();
        let now = self.now.max(MonoTime(0));
        let span = self.log.span();
        // Before its time it changes nothing, but for the step of the trail that it falls into.
        let span = span.map(|(start, end)| (start.max(from.plus(-MAX_STEP_S)), end));
        let limited_m = |behaviour: &Behaviour| span.map_or(0.0, |(start, end)| behaviour.limited_m(start, end));
        let before_m = limited_m(&self.behaviour);
        self.behaviour.limit(now, from, limit_mps, &mut self.scratch.events);
        let more_m = limited_m(&self.behaviour) - before_m;
        let changed = more_m != 0.0 || !self.scratch.events.is_empty();
        self.tell_events();
        if let Some(facts) = self.log.limit_came(more_m).filter(|facts| changed && is_ended(facts)) {
            self.tell_score(now, &facts);
        }
        self.after_step();
    }

    fn step_command(&mut self, t: MonoTime, command: &Command) {
        let named = |name: &str| (!name.is_empty()).then(|| name.to_owned());
        match command {
            Command::SetDriver(name) => {
                self.hand_over(t, |ledger| &mut ledger.driver_id, named(name));
            }
            Command::SetVehicle(name) => {
                self.hand_over(t, |ledger| &mut ledger.vehicle_id, named(name));
            }
            Command::DenyImpact => {
                self.behaviour.deny_impact(t, &mut self.scratch.events);
                self.tell_events();
            }
            Command::StartTrip | Command::StopTrip | Command::Tag(_) | Command::ExternalId(_) => {
                self.step_trips(|trips, out, _| trips.command(t, command, out));
            }
        }
        self.after_step();
    }

    /// Who drives what from now on. Where someone else did before, the open trip is theirs; a name that was not known
    /// yet is the open trip's too.
    fn hand_over(&mut self, t: MonoTime, which: fn(&mut Ledger) -> &mut Option<String>, name: Option<String>) {
        if which(&mut self.ledger).as_ref().is_some_and(|known| name.as_ref() != Some(known)) {
            self.step_trips(|trips, out, _| trips.hand_over(t, out));
        }
        *which(&mut self.ledger) = name;
    }

    fn step_mock(&mut self, t: MonoTime) {
        self.health.fix(true);
        self.tell_health(t);
        self.after_step();
    }

    fn step_fix(&mut self, fix: &Fix) {
        self.health.fix(false);
        self.tell_health(fix.t);
        if self.trips.open().is_some_and(|(_, start)| fix.t.since(start) > SENSELESS_S) {
            self.health.sensors(self.intake.counters().imu_taken > 0);
            self.tell_health(fix.t);
        }
        self.motion.fix(fix);
        let state = self.motion.state(fix.t);
        self.log.moved(&state, None, self.behaviour.knows_limit(fix.t));
        self.step_trips(|trips, out, _| trips.fix(fix, &state, out));
        self.behaviour.fix(fix, &state, self.setting, &mut self.scratch.events);
        self.tell_events();
        self.tell_track();
        self.tell_state(&state, true);
        self.after_step();
    }

    fn step_frame(&mut self, frame: &Frame) {
        let t = frame.state.t;
        if self.due.is_some_and(|due| due <= t) {
            self.advance_deadlines(t);
        }
        self.log.moved(&frame.state, Some(frame), self.behaviour.knows_limit(t));
        if self.trips.frame(frame, &mut self.scratch.trips) {
            self.tell_trips();
        }
        self.behaviour.frame(frame, self.setting, &mut self.scratch.events);
        self.tell_events();
        self.tell_state(&frame.state, false);
        self.after_step();
    }

    /// Closes the open frame if it is over, then fires what is due.
    fn advance(&mut self, t: MonoTime) {
        if let Some(frame) = self.motion.advance(t) {
            self.step_frame(&frame);
        }
        self.advance_deadlines(t);
    }

    fn advance_deadlines(&mut self, t: MonoTime) {
        if self.due.is_none_or(|due| due > t) {
            return;
        }
        self.behaviour.advance(t, &mut self.scratch.events);
        self.tell_events();
        self.step_trips(|trips, out, _| trips.advance(t, out));
        while let Some(due) = self.health.heartbeat(self.config.heartbeat_s, self.now).filter(|due| *due <= t) {
            self.tell_health(due);
        }
        self.after_step();
    }

    fn after_step(&mut self) {
        let behaviour = self.behaviour.deadline().map(|(t, _)| t);
        let heartbeat = self.health.heartbeat(self.config.heartbeat_s, self.now);
        self.due = self.trips_due.into_iter().chain(behaviour).chain(heartbeat).min();
    }

    /// Lets the trip machine act, and tells what it has to say.
    fn step_trips(&mut self, act: impl FnOnce(&mut Trips, &mut Vec<TripOutput>, MonoTime)) {
        act(&mut self.trips, &mut self.scratch.trips, self.now);
        self.tell_trips();
    }

    fn tell_event(&mut self, t: MonoTime, trip_number: u64, event: &EventFacts) {
        let record = self.ledger.event(t, trip_number, event);
        let window = event.raw.as_ref().map(|raw| self.ledger.window(t, trip_number, record.id, event, raw));
        self.outputs.extend(std::iter::once(record).chain(window).map(|r| Output::Record(Box::new(r))));
    }
}

fn is_ended(facts: &TripFacts) -> bool {
    match facts.status {
        TripStatusFacts::Ended(_) => true,
        TripStatusFacts::Open | TripStatusFacts::Discarded(_) => false,
    }
}

/// Consent and duty do not wait for late samples.
fn decides_at_once(input: &Input) -> bool {
    matches!(input, Input::Signal(_, Signal::Consent(_) | Signal::Duty(_)))
}

/// Flattened fields have no place in a compact format: the configuration goes into a snapshot as the JSON of what is not
/// the default.
mod as_json {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    use crate::config::{Config, Preset};

    pub fn serialize<S: Serializer>(config: &Config, to: S) -> Result<S::Ok, S::Error> {
        let (mut own, default) = (config.to_value(), Config::preset(Preset::default()).to_value());
        if let Some(own) = own.as_object_mut() {
            own.retain(|key, value| default.get(key) != Some(value));
        }
        own.to_string().serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Config, D::Error> {
        let text = String::deserialize(from)?;
        Config::from_json(Preset::default(), &text).map_err(D::Error::custom)
    }
}
