//! What the OS wakes a sleeping app with: a fence that fires late, not at all or for nothing, the significant-motion
//! sensor, and alarms that doze holds back.

use milepost_engine::contract::{GnssPlan, Input, SensingPlan, WakeFence};
use milepost_engine::geo::{LatLon, distance_m};
use milepost_engine::sample::{MonoTime, Signal, Waker};

use crate::rng::Rng;

/// A fence fires when the phone is so far beyond its edge,
const FENCE_LATE_M: (f64, f64) = (100.0, 300.0);
/// or never,
const FENCE_LOST: f64 = 0.15;
/// or so often an hour while the phone rests and positions jump.
const FENCE_FALSE_PER_H: f64 = 0.05;
/// How often the OS looks at it.
const FENCE_EVERY_S: f64 = 1.0;
/// The significant-motion sensor wants to be moved for so long,
const MOTION_S: (f64, f64) = (4.0, 12.0);
/// and misses it so often.
const MOTION_LOST: f64 = 0.1;
/// Slower than this is no motion; and it must rest for so long to be armed again.
const MOVING_MPS: f64 = 0.3;
const REARM_S: f64 = 5.0;
/// An alarm comes so late while the phone is awake, asleep, and in deep doze.
const ALARM_LATE_S: [f64; 3] = [2.0, 300.0, 3_600.0];
/// A phone that has not moved for so long dozes deeply.
const DOZE_S: f64 = 3_600.0;

#[derive(Clone, Debug)]
pub(crate) struct Wakers {
    rng: Rng,
    fence: Option<WakeFence>,
    /// Metres from its centre at which it fires.
    fires_at_m: f64,
    next_look_s: f64,
    next_false_s: f64,
    motion: bool,
    moving_since_s: Option<f64>,
    needs_s: f64,
    moved_s: f64,
    alarm_s: f64,
}

impl Wakers {
    pub fn new(mut rng: Rng) -> Self {
        let next_false_s = rng.wait(FENCE_FALSE_PER_H / 3600.0);
        Self {
            rng,
            fence: None,
            fires_at_m: f64::INFINITY,
            next_look_s: 0.0,
            next_false_s,
            motion: false,
            moving_since_s: None,
            needs_s: 0.0,
            moved_s: 0.0,
            alarm_s: f64::INFINITY,
        }
    }

    /// The host asks for something else from `t_s` on; `start` is when the world began on the input's axis.
    pub fn ask(&mut self, t_s: f64, plan: &SensingPlan, start: MonoTime) {
        if self.fence != plan.wake_fence {
            let late_m = self.rng.range(FENCE_LATE_M.0, FENCE_LATE_M.1);
            let lost = self.rng.chance(FENCE_LOST);
            self.fires_at_m = plan.wake_fence.filter(|_| !lost).map_or(f64::INFINITY, |f| f.radius_m + late_m);
            self.fence = plan.wake_fence;
        }
        let awake = plan.imu_hz > 0 || matches!(plan.gnss, GnssPlan::Every(_));
        self.motion = plan.activity && !awake;
        let [awake_s, asleep_s, deep_s] = ALARM_LATE_S;
        let late_s = match awake {
            true => awake_s,
            false if t_s - self.moved_s < DOZE_S => asleep_s,
            false => deep_s,
        };
        self.alarm_s = match plan.next_tick {
            Some(tick) => tick.since(start).max(t_s) + self.rng.range(0.0, late_s),
            None => f64::INFINITY,
        };
    }

    /// The phone sleeps so deeply that nothing but the sensors of the OS goes on.
    pub fn dozes(&self, t_s: f64) -> bool {
        t_s - self.moved_s >= DOZE_S
    }

    /// One step of the world.
    pub fn step(&mut self, t_s: f64, at: MonoTime, speed_mps: f64, place: impl Fn() -> LatLon) -> Option<Input> {
        let moved = self.watch(t_s, speed_mps);
        if t_s >= self.alarm_s {
            self.alarm_s = f64::INFINITY;
            return Some(Input::Tick(at));
        }
        if moved {
            return Some(Input::Signal(at, Signal::Wake(Waker::Motion)));
        }
        self.leaves(t_s, place).then_some(Input::Signal(at, Signal::Wake(Waker::Fence)))
    }

    fn watch(&mut self, t_s: f64, speed_mps: f64) -> bool {
        if speed_mps <= MOVING_MPS {
            if t_s - self.moved_s > REARM_S {
                self.moving_since_s = None;
            }
            return false;
        }
        self.moved_s = t_s;
        let since = *self.moving_since_s.get_or_insert_with(|| {
            let lost = self.rng.chance(MOTION_LOST);
            self.needs_s = if lost { f64::INFINITY } else { self.rng.range(MOTION_S.0, MOTION_S.1) };
            t_s
        });
        let fires = self.motion && t_s - since >= self.needs_s;
        if fires {
            self.needs_s = f64::INFINITY;
        }
        fires
    }

    fn leaves(&mut self, t_s: f64, place: impl Fn() -> LatLon) -> bool {
        let Some(fence) = self.fence.filter(|_| t_s >= self.next_look_s) else { return false };
        self.next_look_s = t_s + FENCE_EVERY_S;
        let false_alarm = t_s >= self.next_false_s;
        if false_alarm {
            self.next_false_s = t_s + self.rng.wait(FENCE_FALSE_PER_H / 3600.0);
        }
        let fires = false_alarm || (self.fires_at_m.is_finite() && distance_m(place(), fence.centre) > self.fires_at_m);
        if fires {
            self.fires_at_m = f64::INFINITY;
        }
        fires
    }
}
