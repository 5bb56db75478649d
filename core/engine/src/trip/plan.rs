//! The sensing plan: what the host shall sense, and why. It is a pure function of where the trip machine is. An idle phone
//! costs no GNSS: activity and a fence wake it; a candidate gets GNSS for a short time; a trip gets it all.

use super::config::TripConfig;
use super::facts::TripState;
use crate::contract::{GnssPlan, Reason, SensingPlan, WakeFence};
use crate::geo::{LatLon, distance_m};
use crate::sample::MonoTime;

/// What behaviour needs: below 50 Hz a gyroscope cannot be integrated.
const TRIP_IMU_HZ: u16 = 50;
/// Enough to tell walking from riding.
pub const CANDIDATE_IMU_HZ: u16 = 25;

/// All that a plan depends on.
#[derive(Clone, Copy, Debug)]
pub struct Situation {
    /// Now.
    pub t: MonoTime,
    /// Of the machine.
    pub state: TripState,
    /// Where the phone was last seen.
    pub position: Option<LatLon>,
    /// It is as fast as on a motorway.
    pub fast: bool,
    /// The phone saves power.
    pub saving: bool,
    /// When the machine wants to be woken.
    pub deadline: Option<MonoTime>,
}

/// The plan for a situation.
pub fn plan(config: &TripConfig, now: &Situation) -> SensingPlan {
    let quiet = SensingPlan { next_tick: now.deadline, ..quiet(now.t) };
    let trip = |every_s: f64, reason| SensingPlan {
        gnss: GnssPlan::Every(if now.saving { every_s.max(config.saving_gnss_s) } else { every_s }),
        imu_hz: TRIP_IMU_HZ,
        activity: true,
        reason: if now.saving { Reason::PowerSaving } else { reason },
        ..quiet
    };
    match now.state {
        TripState::Off => quiet,
        TripState::Idle if !config.automatic => SensingPlan { reason: Reason::Idle, ..quiet },
        TripState::Idle => SensingPlan {
            gnss: GnssPlan::LowPower,
            activity: true,
            wake_fence: now.position.map(|centre| WakeFence { centre, radius_m: config.wake_radius_m }),
            reason: Reason::Idle,
            ..quiet
        },
        TripState::Candidate => SensingPlan { imu_hz: CANDIDATE_IMU_HZ, ..trip(config.trip_gnss_s, Reason::Candidate) },
        TripState::Trip if now.fast => trip(config.motorway_gnss_s, Reason::Driving),
        TripState::Trip | TripState::Paused => trip(config.trip_gnss_s, Reason::Driving),
        TripState::Stop => trip(config.standing_gnss_s, Reason::Standing),
    }
}

/// Nothing at all: no consent, or off duty.
pub fn quiet(t: MonoTime) -> SensingPlan {
    SensingPlan {
        t,
        gnss: GnssPlan::Off,
        imu_hz: 0,
        activity: false,
        wake_fence: None,
        next_tick: None,
        reason: Reason::NotAllowed,
    }
}

/// The plan to hold on to: the old one, as long as it asks for the same and wakes no later.
pub fn renewed(old: Option<SensingPlan>, new: SensingPlan) -> SensingPlan {
    let Some(old) = old else { return new };
    let same = old.gnss == new.gnss
        && old.imu_hz == new.imu_hz
        && old.activity == new.activity
        && old.reason == new.reason
        && same_fence(old.wake_fence, new.wake_fence);
    if same && ticks_in_time(old.next_tick, new.next_tick, new.t) { old } else { new }
}

/// A tick that is yet to come and early enough is as good as the one that is wanted: what it finds is a new plan.
pub fn ticks_in_time(asked: Option<MonoTime>, wanted: Option<MonoTime>, now: MonoTime) -> bool {
    match (asked, wanted) {
        (Some(asked), Some(wanted)) => asked > now && asked <= wanted,
        (Some(asked), None) => asked > now,
        (None, None) => true,
        (None, Some(_)) => false,
    }
}

/// A fence is worth moving only if the phone is well away from its centre.
fn same_fence(old: Option<WakeFence>, new: Option<WakeFence>) -> bool {
    match (old, new) {
        (None, None) => true,
        (Some(o), Some(n)) => {
            o.radius_m == n.radius_m && (is_inside(&o, n.centre) || distance_m(o.centre, n.centre) < 0.5 * o.radius_m)
        }
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// Certainly well inside of a fence, without geometry: a degree is nowhere longer than this, and of a square's sides
/// neither is longer than its half diagonal.
pub fn is_inside(fence: &WakeFence, place: LatLon) -> bool {
    const DEGREE_M: f64 = 112_000.0;
    const DIAGONAL: f64 = 1.5;
    let within_deg = 0.5 * fence.radius_m / (DEGREE_M * DIAGONAL);
    let near = |a: f64, b: f64| (a - b).abs() <= within_deg;
    near(fence.centre.lat_deg, place.lat_deg) && near(fence.centre.lon_deg, place.lon_deg)
}
