//! What an idle or a standing phone does about a ride that may be beginning: when the IMU looks, when GNSS opens and for
//! how long. It sees inputs as they arrive and not in order: a plan that waited for late streams would come ten seconds
//! late. Nothing of it enters a record.

use serde::{Deserialize, Serialize};

use super::afoot::Afoot;
use super::config::TripConfig;
use super::facts::TripState;
use super::look::{Look, Seen};
use super::plan::CANDIDATE_IMU_HZ;
use crate::contract::{GnssPlan, Input, Reason, SensingPlan};
use crate::sample::{Activity, Fix, MonoTime, Signal};

/// Something moved: the IMU looks for so long what it was.
const LOOK_S: f64 = 60.0;
/// After a ride without a walk the driver waits in the vehicle: the IMU looks on for the next one.
const WAIT_S: f64 = 1_800.0;
/// A phone whose IMU says nothing after this long has none, or it is not given to us.
const BLIND_S: f64 = 15.0;
/// Who gets in drives off within this; it is extended while something stirs.
const BOARDING_S: f64 = 45.0;
/// A receiver that was on so recently is back within seconds: it need not be opened before something stirs.
const WARM_S: f64 = 240.0;
/// A ride stirs the phone in so many of the last looks.
const STIRRED: (u32, u32) = (3, 4);
/// And in so many where a look was in vain a moment ago, or the vehicle is elsewhere: a hand stirs it too.
const STIRRED_AGAIN: (u32, u32) = (8, 10);
/// Most lights are shorter.
const STANDS_S: f64 = 30.0;
/// A standing vehicle that stirs so much drives off, or its driver is back.
const DRIVES_OFF: (u32, u32) = (2, 3);
/// An open candidate that lies as still as this is none.
const STILL_S: f64 = 5.0;
/// Nor is one that the receiver saw standing for so long, whatever stirs: a hand does. It is warm then, and a ride has it
/// back in seconds.
const UNMOVED_S: f64 = 8.0;
/// Slower than this stands, or is on foot.
const UNMOVED_MPS: f64 = 2.0;
/// A fix that is older when it comes was not measured now.
const CACHED_S: f64 = 4.0;
/// The plan that closes it comes so late.
const LATE_S: f64 = 2.0;
/// In vain so often without a pause; after that pauses double from the first to the second.
const FREE_TRIES: u32 = 2;
const PAUSE_S: (f64, f64) = (60.0, 600.0);
/// In the first part of a pause nothing that the IMU shows counts: a hand may sway for as long as a ride.
const IGNORE_S: (f64, f64) = (15.0, 120.0);

/// What was heard that speaks for a ride.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Hint {
    /// Someone walks: they may walk to the vehicle.
    Walk,
    /// The OS, a place or a cable says that it moves.
    Move,
}

/// Looks out for the beginning of a ride.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Wake {
    state: TripState,
    now: Option<MonoTime>,
    look: Look,
    afoot: Afoot,
    /// The OS tells of motion by itself: positions of the network would tell nothing sooner.
    told: bool,
    hint: Option<Hint>,
    /// The IMU is on since and until then.
    looking: Option<(MonoTime, MonoTime)>,
    /// GNSS is on until then.
    open_until: Option<MonoTime>,
    opened: Option<MonoTime>,
    /// The vehicle is left or stands for longer than at a light, although the trip machine, which is later, drives yet.
    left: bool,
    /// The receiver's last fix, and since when its fixes stand.
    last_fix: Option<MonoTime>,
    unmoved: Option<MonoTime>,
    /// Looks in vain since the last ride, and when the next is free again.
    tries: u32,
    pause_until: Option<MonoTime>,
    ignore_until: Option<MonoTime>,
}

impl Wake {
    /// Takes what speaks for or against a ride. Returns whether the plan may be another one now: samples change it once a
    /// look and at a deadline.
    pub fn observe(&mut self, input: &Input) -> bool {
        match input {
            Input::Imu(batch) => {
                let mut looked = false;
                for sample in batch {
                    self.pass(sample.t);
                    let seen = self.look.push(sample);
                    looked |= seen.is_some();
                    match seen {
                        Some(Seen::Feet(feet)) => self.feet(sample.t, feet),
                        Some(Seen::Still | Seen::Handled | Seen::Stirred) | None => {}
                    }
                }
                return looked || self.deadline().is_some_and(|due| self.now.is_some_and(|now| now >= due));
            }
            Input::Signal(t, signal) => {
                self.pass(*t);
                self.signal(*t, signal);
            }
            Input::Fix(fix) => {
                self.pass(fix.t);
                self.fix(fix);
            }
            Input::Tick(t) | Input::Command(t, _) => self.pass(*t),
            Input::Clock(_) | Input::End => {}
        }
        true
    }

    /// The phone was restarted, or may not look: nothing of the past holds.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// Goes on with the trip machine in this state.
    pub fn settle(&mut self, state: TripState, config: &TripConfig) {
        let Some(now) = self.now else { return };
        let state = match state {
            TripState::Trip | TripState::Paused if self.leaves(state, now) => TripState::Stop,
            TripState::Off | TripState::Idle | TripState::Candidate => state,
            TripState::Trip | TripState::Paused | TripState::Stop => state,
        };
        self.enter(state, now);
        match state {
            TripState::Off | TripState::Trip | TripState::Paused => {}
            TripState::Idle | TripState::Candidate => self.idle(now, config),
            TripState::Stop => self.standing(now, config),
        }
    }

    /// The plan of the trip machine, with what this wants on top; `saving` when the phone saves power.
    pub fn shape(&self, plan: SensingPlan, config: &TripConfig, saving: bool) -> SensingPlan {
        let tick = [plan.next_tick, self.deadline()].into_iter().flatten().min();
        let every_s = if saving { config.trip_gnss_s.max(config.saving_gnss_s) } else { config.trip_gnss_s };
        let (opened, candidate) =
            (GnssPlan::Every(every_s), if saving { Reason::PowerSaving } else { Reason::Candidate });
        let closed = if self.told { GnssPlan::Off } else { GnssPlan::LowPower };
        match self.state {
            TripState::Off | TripState::Trip | TripState::Paused => plan,
            TripState::Idle | TripState::Candidate => {
                let (gnss, imu_hz, reason) = match (self.open_until, self.looking) {
                    (Some(_), _) => (opened, CANDIDATE_IMU_HZ, candidate),
                    (None, Some(_)) => (closed, CANDIDATE_IMU_HZ, Reason::Stirring),
                    (None, None) => (closed, 0, Reason::Idle),
                };
                SensingPlan { gnss, imu_hz, reason, next_tick: tick, ..plan }
            }
            TripState::Stop => {
                let blind = self.now.is_none_or(|now| !self.look.is_live(now));
                let gnss = match self.open_until {
                    Some(_) => opened,
                    None if blind => plan.gnss,
                    None => GnssPlan::Off,
                };
                let reason = if saving { plan.reason } else { Reason::Standing };
                SensingPlan { gnss, next_tick: tick, reason, ..plan }
            }
        }
    }

    /// When it wants to go on even if nothing comes.
    pub fn deadline(&self) -> Option<MonoTime> {
        let (since, until) = self.looking.unzip();
        let blind = since.map(|t| t.plus(BLIND_S)).filter(|t| self.now.is_none_or(|now| *t > now));
        [self.open_until, until, blind].into_iter().flatten().min()
    }

    fn pass(&mut self, t: MonoTime) {
        self.now = Some(self.now.map_or(t, |now| now.max(t)));
    }

    fn signal(&mut self, t: MonoTime, signal: &Signal) {
        let hint = match signal {
            Signal::Activity(Activity::Automotive | Activity::Cycling, _) => Some(Hint::Move),
            Signal::VehicleAudio(Some(_)) | Signal::Wake(_) => Some(Hint::Move),
            Signal::Steps(count) => {
                let counts = self.afoot.count(t, *count, self.look.is_live(t));
                (counts && self.afoot.is_walk()).then_some(Hint::Walk)
            }
            Signal::Activity(Activity::Still | Activity::Walking | Activity::Running | Activity::Unknown, _) => None,
            Signal::VehicleAudio(None) | Signal::Screen(_) | Signal::Lock(_) | Signal::Call(_) => None,
            Signal::Charging(_) | Signal::PowerSave(_) | Signal::Provider(_) | Signal::SpeedLimit(_) => None,
            Signal::Permission(_) | Signal::Consent(_) | Signal::Duty(_) => None,
        };
        self.told |= matches!(signal, Signal::Activity(..) | Signal::Steps(_) | Signal::Wake(_));
        self.hint = self.hint.max(hint);
    }

    fn feet(&mut self, t: MonoTime, feet: u32) {
        self.afoot.step(t, u64::from(feet));
        if self.afoot.is_walk() {
            self.hint = self.hint.max(Some(Hint::Walk));
        }
    }

    fn fix(&mut self, fix: &Fix) {
        let receiver = match self.state {
            TripState::Trip | TripState::Paused => true,
            TripState::Off | TripState::Idle | TripState::Candidate | TripState::Stop => self.open_until.is_some(),
        };
        // Positions of the network say no speed, and those of the cache are old: both say nothing of the receiver.
        let cached = self.now.is_some_and(|now| now.since(fix.t) > CACHED_S);
        let Some(speed_mps) = fix.speed_mps.filter(|_| receiver && !cached) else { return };
        self.last_fix = Some(fix.t);
        if f64::from(speed_mps) < UNMOVED_MPS {
            self.unmoved.get_or_insert(fix.t);
        } else {
            (self.unmoved, self.left) = (None, false);
            self.afoot.rides();
        }
    }

    fn leaves(&mut self, state: TripState, now: MonoTime) -> bool {
        let stands_s = match state {
            TripState::Paused => f64::INFINITY,
            TripState::Off | TripState::Idle | TripState::Candidate | TripState::Trip | TripState::Stop => {
                self.unmoved_s(now)
            }
        };
        let walks = self.afoot.walks(now) && stands_s >= UNMOVED_S;
        self.left |= walks || (self.look.still_s() >= STANDS_S && stands_s >= STANDS_S);
        self.left
    }

    fn enter(&mut self, state: TripState, now: MonoTime) {
        let before = std::mem::replace(&mut self.state, state);
        match (before, state) {
            (TripState::Trip | TripState::Paused | TripState::Stop, TripState::Idle) => {
                (self.open_until, self.left) = (None, false);
                self.looking = self.afoot.is_aboard().then(|| (now, now.plus(WAIT_S)));
            }
            // The places say that it is elsewhere.
            (TripState::Idle, TripState::Candidate) => self.hint = Some(Hint::Move),
            (TripState::Trip, TripState::Trip) => {}
            (_, TripState::Trip) => {
                (self.open_until, self.looking) = (None, None);
                (self.tries, self.pause_until, self.ignore_until) = (0, None, None);
                self.afoot.rides();
            }
            (_, TripState::Off | TripState::Paused | TripState::Stop | TripState::Idle | TripState::Candidate) => {}
        }
    }

    fn idle(&mut self, now: MonoTime, config: &TripConfig) {
        let hint = self.hint.take();
        if hint == Some(Hint::Move) {
            self.ignore_until = None;
        }
        if hint.is_some() {
            let (since, until) = self.looking.unwrap_or((now, now));
            self.looking = Some((since, until.max(now.plus(LOOK_S))));
        }
        if let Some(until) = self.open_until {
            self.keep_open(now, until, config);
            return;
        }
        let Some((since, until)) = self.looking else { return };
        self.look_out(now, Some(since), config);
        if self.open_until.is_none() && now >= until {
            self.looking = None;
        }
    }

    fn standing(&mut self, now: MonoTime, config: &TripConfig) {
        self.hint = None;
        if let Some(until) = self.open_until {
            self.keep_open(now, until, config);
        } else {
            self.look_out(now, None, config);
        }
    }

    /// Opens GNSS if what the IMU shows may be a ride, or someone getting in.
    fn look_out(&mut self, now: MonoTime, since: Option<MonoTime>, config: &TripConfig) {
        let live = self.look.is_live(now);
        let paused = self.pause_until.is_some_and(|t| now < t);
        let needed = if paused || self.afoot.is_away() {
            STIRRED_AGAIN
        } else if self.afoot.is_aboard() {
            DRIVES_OFF
        } else {
            STIRRED
        };
        let stirs = live && self.ignore_until.is_none_or(|t| now >= t) && self.stirs(needed);
        // Nothing to look with: what the OS says must do.
        let blind = !live && !paused && since.is_some_and(|t| now.since(t) >= BLIND_S) && !self.afoot.is_walk();
        if stirs || blind {
            self.open(now, config.candidate_s - LATE_S);
        } else if live && !paused && !self.is_warm(now) && self.look.still_s() == 0.0 && self.afoot.arrives(now) {
            self.open(now, BOARDING_S);
        }
    }

    fn open(&mut self, now: MonoTime, for_s: f64) {
        self.opened = Some(now);
        self.open_until = Some(now.plus(for_s));
        self.unmoved = None;
        self.afoot.mark();
    }

    /// What stirs may be the ride: it gets all the time that a candidate may have, unless the fixes know better.
    fn keep_open(&mut self, now: MonoTime, until: MonoTime, config: &TripConfig) {
        let mut until = until;
        if self.stirs(STIRRED) {
            let longest = self.opened.unwrap_or(now).plus(config.candidate_s - LATE_S);
            until = until.max(now.plus(BOARDING_S)).min(longest);
        }
        self.open_until = Some(until);
        let live = self.look.is_live(now);
        let rests = live && self.look.still_s() >= STILL_S;
        if live && self.afoot.walks(now) {
            self.open_until = None;
        } else if now >= until || rests || self.unmoved_s(now) >= UNMOVED_S {
            self.close(now, rests, config);
        }
    }

    /// A look in vain. One that rested may be taken up by whatever stirs next; one that the fixes knew better of may not.
    fn close(&mut self, now: MonoTime, rests: bool, config: &TripConfig) {
        self.open_until = None;
        self.tries = self.tries.saturating_add(1);
        let live = self.look.is_live(now);
        let doubled = |(first_s, longest_s): (f64, f64)| match self.tries.saturating_sub(FREE_TRIES) {
            0 => 0.0,
            n => (first_s * f64::from(1u32 << (n - 1).min(8))).min(longest_s),
        };
        // Without an IMU nothing but the next word of the OS could open it again, and that errs for hours.
        let pause_s = if live { doubled(PAUSE_S) } else { config.candidate_backoff_s };
        self.pause_until = Some(now.plus(pause_s));
        self.ignore_until = (!rests).then(|| now.plus(doubled(IGNORE_S)));
        self.looking = Some((now, now.plus(LOOK_S))).filter(|_| live);
    }

    fn stirs(&self, (looks, of): (u32, u32)) -> bool {
        self.look.stirred(of) >= looks
    }

    fn unmoved_s(&self, now: MonoTime) -> f64 {
        self.unmoved.map_or(0.0, |since| now.since(since))
    }

    fn is_warm(&self, now: MonoTime) -> bool {
        self.last_fix.is_some_and(|t| now.since(t) < WARM_S)
    }
}
