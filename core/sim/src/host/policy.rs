//! What else hosts do than follow the plan: three policies that apps in the field use. The engine finds the trips in what
//! each of them senses, so that only the sensing differs.

use milepost_engine::contract::{GnssPlan, Input, SensingPlan, WakeFence};
use milepost_engine::geo::LatLon;
use milepost_engine::sample::{Activity, MonoTime, Signal, Waker};

/// How a host decides what to sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// It follows the plan.
    Plan,
    /// Everything, all the time.
    AlwaysOn,
    /// GNSS from when the OS says "vehicle" until some minutes after it says something else.
    ActivityOnly,
    /// GNSS when a fence was left or a timer shows that the phone has moved, until it stands.
    FenceAndTimer,
}

/// "Not in a vehicle" holds for so long before tracking stops.
const ACTIVITY_STOP_S: f64 = 180.0;
/// Radius of the fence, as apps set it: the platforms advise against less.
const FENCE_M: f64 = 200.0;
/// A timer asks for a position so often, and waits so long for it.
const TIMER_S: f64 = 900.0;
const PEEK_S: f64 = 30.0;
/// Slower than this for so long, and tracking stops.
const STANDING_MPS: f64 = 1.5;
const STANDING_S: f64 = 300.0;
/// The IMU runs with GNSS.
const IMU_HZ: u16 = 50;

pub(super) struct State {
    policy: Policy,
    tracking: bool,
    peek_until: Option<MonoTime>,
    moved: Option<MonoTime>,
    next_peek: Option<MonoTime>,
    home: Option<LatLon>,
}

impl State {
    pub fn new(policy: Policy) -> Self {
        Self { policy, tracking: false, peek_until: None, moved: None, next_peek: None, home: None }
    }

    /// Returns whether it may want something else now.
    pub fn observe(&mut self, input: &Input) -> bool {
        let Some(t) = input.newest() else { return false };
        let before = (self.tracking, self.peek_until, self.home.is_some());
        match self.policy {
            Policy::Plan | Policy::AlwaysOn => {}
            Policy::ActivityOnly => self.by_activity(t, input),
            Policy::FenceAndTimer => self.by_fence(t, input),
        }
        before != (self.tracking, self.peek_until, self.home.is_some())
    }

    /// The plan of the engine, or what this policy has instead.
    pub fn shape(&self, plan: SensingPlan) -> SensingPlan {
        let on = SensingPlan { gnss: GnssPlan::Every(1.0), imu_hz: IMU_HZ, activity: true, wake_fence: None, ..plan };
        let off = SensingPlan { gnss: GnssPlan::Off, imu_hz: 0, ..on.clone() };
        match self.policy {
            Policy::Plan => plan,
            Policy::AlwaysOn => on,
            Policy::ActivityOnly if self.tracking => on,
            Policy::ActivityOnly => off,
            Policy::FenceAndTimer if self.tracking => on,
            Policy::FenceAndTimer if self.peek_until.is_some() => SensingPlan { imu_hz: 0, activity: false, ..on },
            Policy::FenceAndTimer => SensingPlan {
                activity: false,
                wake_fence: self.home.map(|centre| WakeFence { centre, radius_m: FENCE_M }),
                next_tick: self.next_peek,
                ..off
            },
        }
    }

    fn by_activity(&mut self, t: MonoTime, input: &Input) {
        if let Input::Signal(_, Signal::Activity(activity, _)) = input {
            match activity {
                Activity::Automotive | Activity::Cycling => (self.tracking, self.moved) = (true, None),
                Activity::Still | Activity::Walking | Activity::Running => {
                    self.moved.get_or_insert(t);
                }
                Activity::Unknown => {}
            }
        }
        if self.moved.is_some_and(|since| t.since(since) > ACTIVITY_STOP_S) {
            self.tracking = false;
        }
    }

    fn by_fence(&mut self, t: MonoTime, input: &Input) {
        if let Input::Fix(fix) = input {
            let here = LatLon { lat_deg: fix.lat_deg, lon_deg: fix.lon_deg };
            let moved = self.home.is_some_and(|home| milepost_engine::geo::distance_m(home, here) > FENCE_M);
            if self.peek_until.take().is_some() && moved {
                (self.tracking, self.moved) = (true, Some(t));
            }
            if fix.speed_mps.is_some_and(|v| f64::from(v) > STANDING_MPS) {
                self.moved = Some(t);
            }
            self.home = Some(here);
        }
        if matches!(input, Input::Signal(_, Signal::Wake(Waker::Fence))) {
            (self.tracking, self.moved) = (true, Some(t));
        }
        if self.tracking {
            self.next_peek = Some(t.plus(TIMER_S));
            self.tracking = self.moved.is_some_and(|moved| t.since(moved) < STANDING_S);
        } else if self.peek_until.is_some_and(|until| t >= until) {
            self.peek_until = None;
        } else if self.next_peek.is_none_or(|next| t >= next) {
            self.next_peek = Some(t.plus(TIMER_S));
            self.peek_until = Some(t.plus(PEEK_S));
        }
    }
}
