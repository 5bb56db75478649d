//! What an idle or a standing phone does about a ride that may be beginning: when the IMU looks, when GNSS opens and for
//! how long. It sees inputs as they arrive and not in order: a plan that waited for late streams would come ten seconds
//! late. Nothing of it enters a record.

use serde::{Deserialize, Serialize};

use super::config::TripConfig;
use super::facts::TripState;
use super::look::{Look, Seen};
use super::plan::CANDIDATE_IMU_HZ;
use crate::contract::{GnssPlan, Input, Reason, SensingPlan};
use crate::sample::{Activity, MonoTime, Signal};

/// Something moved: the IMU looks for so long what it was.
const LOOK_S: f64 = 60.0;
/// After a ride without a walk the driver waits in the vehicle: the IMU looks on for the next one.
const WAIT_S: f64 = 1_800.0;
/// A phone whose IMU says nothing after this long has none, or it is not given to us.
const BLIND_S: f64 = 15.0;
/// So many steps are a walk to somewhere, not across a room.
const WALK_STEPS: u64 = 12;
/// Steps further apart belong to two walks.
const WALK_GAP_S: f64 = 60.0;
/// Who has not set a foot for so long has arrived: at a door, or at the vehicle.
const ARRIVED_S: f64 = 4.0;
/// And who arrived so long ago does something else now.
const ARRIVED_LATEST_S: f64 = 20.0;
/// Who gets in drives off within this; it is extended while something stirs.
const BOARDING_S: f64 = 45.0;
/// Who walks on for so many steps has not arrived.
const WALKS_ON: u64 = 8;
/// A ride stirs the phone in so many of the last looks.
const STIRRED: (u32, u32) = (3, 4);
/// And in so many where a look was in vain a moment ago.
const STIRRED_AGAIN: (u32, u32) = (8, 10);
/// Most lights are shorter.
const STANDS_S: f64 = 30.0;
/// A standing vehicle that stirs so much drives off, or its driver is back.
const DRIVES_OFF: (u32, u32) = (2, 3);
/// An open candidate that lies as still as this is none.
const STILL_S: f64 = 5.0;
/// The plan that closes it comes so late.
const LATE_S: f64 = 2.0;
/// In vain so often without a pause; after that the pause doubles from the first to the second.
const FREE_TRIES: u32 = 2;
const PAUSE_S: (f64, f64) = (60.0, 600.0);

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
    /// Cumulative, as the OS counts.
    steps: Option<u64>,
    /// Of this walk.
    walked: u64,
    last_step: Option<MonoTime>,
    walked_since_ride: bool,
    hint: Option<Hint>,
    /// The IMU is on since and until then.
    looking: Option<(MonoTime, MonoTime)>,
    /// GNSS is on until then.
    open_until: Option<MonoTime>,
    opened: Option<MonoTime>,
    /// Looks in vain since the last ride, and when the next is free again.
    tries: u32,
    pause_until: Option<MonoTime>,
}

impl Wake {
    /// Takes what speaks for or against a ride.
    pub fn observe(&mut self, input: &Input) {
        match input {
            Input::Imu(batch) => {
                for sample in batch {
                    self.pass(sample.t);
                    match self.look.push(sample) {
                        Some(Seen::Feet(feet)) => self.step(sample.t, u64::from(feet)),
                        Some(Seen::Still | Seen::Handled | Seen::Stirred) | None => {}
                    }
                }
            }
            Input::Signal(t, signal) => {
                self.pass(*t);
                self.signal(*t, signal);
            }
            Input::Fix(fix) => self.pass(fix.t),
            Input::Tick(t) | Input::Command(t, _) => self.pass(*t),
            Input::Clock(_) | Input::End => {}
        }
    }

    /// The phone was restarted, or may not look: nothing of the past holds.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// Goes on with the trip machine in this state.
    pub fn settle(&mut self, state: TripState, config: &TripConfig) {
        let Some(now) = self.now else { return };
        // Whoever walks away from a vehicle that has just stopped, or stands for longer than at a light, needs no receiver.
        let stands = self.walks(now) || self.look.still_s() >= STANDS_S || self.open_until.is_some();
        let state = if state == TripState::Paused && stands { TripState::Stop } else { state };
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
        match self.state {
            TripState::Off | TripState::Trip | TripState::Paused => plan,
            TripState::Idle | TripState::Candidate => {
                let (gnss, imu_hz, reason) = match (self.open_until, self.looking) {
                    (Some(_), _) => (opened, CANDIDATE_IMU_HZ, candidate),
                    (None, Some(_)) => (GnssPlan::LowPower, CANDIDATE_IMU_HZ, Reason::Stirring),
                    (None, None) => (GnssPlan::LowPower, 0, Reason::Idle),
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
                SensingPlan { gnss, next_tick: tick, ..plan }
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
                let new = self.steps.map_or(0, |before| count.saturating_sub(before));
                self.steps = Some(*count);
                // Feet that the IMU has seen already are not counted twice.
                if new > 0 && !self.look.is_live(t) {
                    self.step(t, new);
                }
                None
            }
            Signal::Activity(Activity::Still | Activity::Walking | Activity::Running | Activity::Unknown, _) => None,
            Signal::VehicleAudio(None) | Signal::Screen(_) | Signal::Lock(_) | Signal::Call(_) => None,
            Signal::Charging(_) | Signal::PowerSave(_) | Signal::Provider(_) | Signal::SpeedLimit(_) => None,
            Signal::Permission(_) | Signal::Consent(_) | Signal::Duty(_) => None,
        };
        self.hint = self.hint.max(hint);
    }

    fn step(&mut self, t: MonoTime, steps: u64) {
        if self.last_step.is_none_or(|last| t.since(last) > WALK_GAP_S) {
            self.walked = 0;
        }
        self.walked = self.walked.saturating_add(steps);
        self.last_step = Some(t);
        if self.walked >= WALK_STEPS {
            self.walked_since_ride = true;
            self.hint = self.hint.max(Some(Hint::Walk));
        }
    }

    fn enter(&mut self, state: TripState, now: MonoTime) {
        let before = std::mem::replace(&mut self.state, state);
        match (before, state) {
            (TripState::Trip | TripState::Paused | TripState::Stop, TripState::Idle) => {
                self.open_until = None;
                self.looking = (!self.walked_since_ride).then(|| (now, now.plus(WAIT_S)));
            }
            // The places say that it is elsewhere.
            (TripState::Idle, TripState::Candidate) => self.hint = Some(Hint::Move),
            (_, TripState::Trip) => {
                (self.open_until, self.looking, self.pause_until) = (None, None, None);
                (self.tries, self.walked_since_ride, self.walked) = (0, false, 0);
            }
            (_, TripState::Off | TripState::Paused | TripState::Stop | TripState::Idle | TripState::Candidate) => {}
        }
    }

    fn idle(&mut self, now: MonoTime, config: &TripConfig) {
        let live = self.look.is_live(now);
        let hint = self.hint.take();
        if hint.is_some() {
            let (since, until) = self.looking.unwrap_or((now, now));
            self.looking = Some((since, until.max(now.plus(LOOK_S))));
        }
        if let Some(until) = self.open_until {
            self.stay_open(now, until, config);
            if live && self.walks(now) {
                self.open_until = None;
            } else if self.open_until.is_some_and(|t| now >= t) || (live && self.look.still_s() >= STILL_S) {
                self.close(now, config);
            }
            return;
        }
        let Some((since, until)) = self.looking else { return };
        let paused = self.pause_until.is_some_and(|t| now < t);
        let stirs = live && self.stirs(if paused { STIRRED_AGAIN } else { STIRRED });
        // Nothing to look with: what the OS says must do.
        let blind = !live && !paused && now.since(since) >= BLIND_S && self.walked < WALK_STEPS;
        if stirs || blind {
            self.open(now, config.candidate_s - LATE_S);
        } else if live && !paused && self.has_arrived(now) {
            self.open(now, BOARDING_S);
        } else if now >= until {
            self.looking = None;
        }
    }

    fn open(&mut self, now: MonoTime, for_s: f64) {
        self.opened = Some(now);
        self.open_until = Some(now.plus(for_s));
        self.walked = 0;
    }

    /// What stirs may be the ride: it gets all the time that a candidate may have.
    fn stay_open(&mut self, now: MonoTime, until: MonoTime, config: &TripConfig) {
        if self.stirs(STIRRED) {
            let longest = self.opened.unwrap_or(now).plus(config.candidate_s - LATE_S);
            self.open_until = Some(until.max(now.plus(BOARDING_S)).min(longest));
        }
    }

    fn walks(&self, now: MonoTime) -> bool {
        self.walked >= WALKS_ON && self.last_step.is_some_and(|t| now.since(t) < ARRIVED_S)
    }

    fn close(&mut self, now: MonoTime, config: &TripConfig) {
        self.open_until = None;
        self.tries = self.tries.saturating_add(1);
        // Without an IMU nothing but the next word of the OS could open it again, and that errs for hours.
        let pause_s = if !self.look.is_live(now) {
            config.candidate_backoff_s
        } else if self.tries <= FREE_TRIES {
            0.0
        } else {
            let doublings = (self.tries - FREE_TRIES - 1).min(8);
            (PAUSE_S.0 * f64::from(1u32 << doublings)).min(PAUSE_S.1)
        };
        self.pause_until = Some(now.plus(pause_s));
        self.looking = Some((now, now.plus(LOOK_S))).filter(|_| self.look.is_live(now));
    }

    fn standing(&mut self, now: MonoTime, config: &TripConfig) {
        self.hint = None;
        if let Some(until) = self.open_until {
            self.stay_open(now, until, config);
            if self.open_until.is_some_and(|t| now >= t) || self.walks(now) || self.look.still_s() >= STILL_S {
                self.open_until = None;
            }
        } else if self.stirs(DRIVES_OFF) || self.has_arrived(now) {
            self.open(now, BOARDING_S);
        }
    }

    fn stirs(&self, (looks, of): (u32, u32)) -> bool {
        self.look.stirred(of) >= looks
    }

    /// Walked somewhere, and walks no more.
    fn has_arrived(&self, now: MonoTime) -> bool {
        let since_s = self.last_step.map_or(f64::INFINITY, |t| now.since(t));
        self.walked >= WALK_STEPS && self.look.still_s() == 0.0 && (ARRIVED_S..ARRIVED_LATEST_S).contains(&since_s)
    }
}
