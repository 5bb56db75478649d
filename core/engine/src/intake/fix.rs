//! Checks of one fix: what it must be when it enters, and what it must be after the fixes before it.

use serde::{Deserialize, Serialize};

use super::{Counters, IntakeConfig};
use crate::geo::{LatLon, distance_m};
use crate::num::wrap_360;
use crate::sample::Fix;

/// GPS counts 1 024 weeks and begins anew; receivers that miss it are off by so many days.
pub const ROLLOVER_DAYS: i64 = 7168;
const DAY_MS: i64 = 86_400_000;
/// Nearer to 0°, 0° than this (11 m) is no place where people drive.
const ZERO_ZERO_DEG: f64 = 1e-4;
/// No ground vehicle; such a speed is a fault of the receiver.
const MAX_SPEED_MPS: f32 = 120.0;
/// The Dead Sea and Everest, with room.
const ALT_RANGE_M: (f32, f32) = (-1_000.0, 20_000.0);
/// An accuracy that nobody states in earnest; it is unknown rather.
const MAX_HACC_M: f32 = 1e6;
/// Beyond speed and accuracy, this much is never called a teleport.
const TELEPORT_SLACK_M: f64 = 100.0;
/// So many degrees either way are less than the slack in any case.
const NEAR_DEG: f64 = 6e-4;
/// After so many teleports in a row that agree with each other, it was the old place that was wrong.
const AGREEING_TELEPORTS: u32 = 2;
/// Fixes of cell towers and their like claim more than this, and are off by more than they claim.
const GOOD_HACC_M: f32 = 100.0;
/// At more than this, a receiver cannot give the very same place twice.
const REPEAT_SPEED_MPS: f32 = 1.0;

/// The fix with impossible fields removed, or `None` (counted) if it is no position at all. `wall_ms_now` is the
/// wall clock at the fix's own time, as the host's clock has it.
pub fn admit(fix: &Fix, wall_ms_now: Option<i64>, config: &IntakeConfig, counters: &mut Counters) -> Option<Fix> {
    if !(fix.lat_deg.is_finite() && fix.lon_deg.is_finite()) {
        counters.fix_not_finite += 1;
        return None;
    }
    if fix.lat_deg.abs() > 90.0 || fix.lon_deg.abs() > 180.0 {
        counters.fix_out_of_range += 1;
        return None;
    }
    if fix.lat_deg.abs() < ZERO_ZERO_DEG && fix.lon_deg.abs() < ZERO_ZERO_DEG {
        counters.fix_zero_zero += 1;
        return None;
    }
    if fix.hacc_m.is_some_and(|h| h < 0.0) {
        counters.fix_negative_accuracy += 1;
        return None;
    }
    let fix = Fix { wall_ms: unroll(fix.wall_ms, wall_ms_now, counters), ..*fix };
    if is_stale(&fix, wall_ms_now, config) {
        counters.fix_stale += 1;
        return None;
    }
    Some(without_nonsense(fix, counters))
}

/// The provider's wall clock, brought back if it is 1 024 weeks off. Comes before any staleness filter.
fn unroll(wall_ms: Option<i64>, now_ms: Option<i64>, counters: &mut Counters) -> Option<i64> {
    let (wall, now) = (wall_ms?, now_ms?);
    let rolled = [-1, 1].map(|n| wall.saturating_add(n * ROLLOVER_DAYS * DAY_MS));
    match rolled.into_iter().find(|back| back.abs_diff(now) <= DAY_MS as u64) {
        Some(back) => {
            counters.fix_rollover += 1;
            Some(back)
        }
        None => Some(wall),
    }
}

/// Hours old on arrival, or by its own wall clock.
fn is_stale(fix: &Fix, wall_ms_now: Option<i64>, config: &IntakeConfig) -> bool {
    let by_arrival = fix.arrived.is_some_and(|arrived| arrived.since(fix.t) > config.max_fix_age_s);
    let by_wall = match (fix.wall_ms, wall_ms_now) {
        (Some(wall), Some(now)) => now.saturating_sub(wall) as f64 / 1e3 > config.max_fix_age_s,
        (None, _) | (_, None) => false,
    };
    by_arrival || by_wall
}

/// Fields that cannot be are unknown, and counted; −1 and NaN are the platforms' way to say unknown, and are not.
fn without_nonsense(mut fix: Fix, counters: &mut Counters) -> Fix {
    let mut within = |x: Option<f32>, from: f32, to: f32| match x {
        Some(x) if x >= from && x <= to => Some(x),
        // Unknown, or a number that is none.
        Some(x) if !x.is_finite() || (from == 0.0 && x < 0.0) => None,
        Some(_) => {
            counters.fix_field_ignored += 1;
            None
        }
        None => None,
    };
    fix.speed_mps = within(fix.speed_mps, 0.0, MAX_SPEED_MPS);
    fix.bearing_deg = within(fix.bearing_deg, 0.0, 360.0).map(|b| wrap_360(f64::from(b)) as f32);
    fix.alt_m = within(fix.alt_m, ALT_RANGE_M.0, ALT_RANGE_M.1);
    // An accuracy of 0 is "unknown" on Android.
    fix.hacc_m = within(fix.hacc_m, 0.0, MAX_HACC_M).filter(|h| *h > 0.0);
    fix
}

/// What is known of the stream of fixes once they are in order.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct FixOrder {
    last: Option<Fix>,
    /// The last that said well where it was: a poor one does not say enough to refuse a good one.
    good: Option<Fix>,
    /// The last refused teleport, and how many in a row agreed with each other.
    elsewhere: Option<(Fix, u32)>,
}

impl FixOrder {
    /// Whether the next fix in order is to be used.
    pub fn accept(&mut self, fix: &Fix, config: &IntakeConfig, counters: &mut Counters) -> bool {
        if let Some(last) = self.last {
            if fix.t <= last.t {
                counters.fix_duplicate += 1;
                return false;
            }
            if is_repeat(&last, fix) {
                counters.fix_repeated += 1;
                return false;
            }
            let before = self.good.filter(|_| is_good(fix)).unwrap_or(last);
            if is_teleport(&before, fix, config) && !self.was_the_old_place_wrong(fix, config) {
                counters.fix_teleport += 1;
                return false;
            }
        }
        self.elsewhere = None;
        if is_good(fix) {
            self.good = Some(*fix);
        }
        self.last = Some(*fix);
        counters.fixes_taken += 1;
        true
    }

    fn was_the_old_place_wrong(&mut self, fix: &Fix, config: &IntakeConfig) -> bool {
        let agreeing = match self.elsewhere {
            Some((before, n)) if !is_teleport(&before, fix, config) => n + 1,
            Some(_) | None => 1,
        };
        self.elsewhere = Some((*fix, agreeing));
        agreeing > AGREEING_TELEPORTS
    }
}

fn is_good(fix: &Fix) -> bool {
    fix.hacc_m.is_none_or(|hacc_m| hacc_m <= GOOD_HACC_M)
}

fn is_repeat(last: &Fix, fix: &Fix) -> bool {
    let moving = fix.speed_mps.is_some_and(|v| v > REPEAT_SPEED_MPS);
    moving
        && last.lat_deg == fix.lat_deg
        && last.lon_deg == fix.lon_deg
        && last.speed_mps == fix.speed_mps
        && last.bearing_deg == fix.bearing_deg
}

fn is_teleport(from: &Fix, to: &Fix, config: &IntakeConfig) -> bool {
    let place = |f: &Fix| LatLon { lat_deg: f.lat_deg, lon_deg: f.lon_deg };
    let accuracy_m = f64::from(from.hacc_m.unwrap_or(0.0)) + f64::from(to.hacc_m.unwrap_or(0.0));
    // Nearly every fix is that near, and needs no geometry.
    if (from.lat_deg - to.lat_deg).abs().max((from.lon_deg - to.lon_deg).abs()) <= NEAR_DEG {
        return false;
    }
    let reach_m = config.teleport_mps * to.t.since(from.t) + 2.0 * accuracy_m + TELEPORT_SLACK_M;
    distance_m(place(from), place(to)) > reach_m
}
