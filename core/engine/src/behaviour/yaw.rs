//! What turning says about a stretch of driving: how far, to one side or both, and whether the horizontal acceleration
//! followed it. A turn's centripetal acceleration is speed × yaw rate, so along the vehicle's lateral axis it goes with
//! the yaw rate, whichever way the phone lies; a brake does not. Judges nothing.

use crate::num::round;

use super::moment::Moment;

/// Below this yaw rate a gyroscope sees its own bias and the vehicle's body, not a turn.
pub(super) const YAW_SEEN_RAD_S: f64 = 0.06;

/// How a stretch turned.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Turning {
    /// There was a gyroscope all along.
    pub seen: bool,
    /// Net, positive to the left.
    pub net_deg: f64,
    /// To the left alone.
    pub left_deg: f64,
    /// To the right alone.
    pub right_deg: f64,
    /// Largest |yaw rate|.
    pub peak_rad_s: f64,
    /// 0–1: how far horizontal acceleration along some axis goes with the yaw rate.
    pub follows: f64,
    /// Lateral acceleration over yaw rate, m/s: the speed, if it is a turn.
    pub turn_speed_mps: f64,
}

impl Turning {
    /// Of the moments in order of time.
    pub(super) fn of(moments: impl Iterator<Item = Moment>) -> Self {
        let mut turning = Self { seen: true, ..Self::default() };
        let (mut hw, mut hh, mut ww) = ([0.0; 2], 0.0, 0.0);
        let (mut left, mut right) = (0.0, 0.0);
        for m in moments {
            let Some(w) = m.yaw_rad_s else {
                turning.seen = false;
                continue;
            };
            let [a, b] = m.level_mps2;
            let [x, y] = hw;
            hw = [x + a * w * m.dt_s, y + b * w * m.dt_s];
            hh += (a * a + b * b) * m.dt_s;
            ww += w * w * m.dt_s;
            if w > 0.0 {
                left += w * m.dt_s;
            } else {
                right -= w * m.dt_s;
            }
            turning.peak_rad_s = turning.peak_rad_s.max(w.abs());
        }
        let length = |[a, b]: [f64; 2]| (a * a + b * b).sqrt();
        turning.left_deg = left / crate::geo::RAD_PER_DEG;
        turning.right_deg = right / crate::geo::RAD_PER_DEG;
        turning.net_deg = turning.left_deg - turning.right_deg;
        if hh * ww > 0.0 {
            turning.follows = length(hw) / (hh * ww).sqrt();
        }
        if ww > 0.0 {
            turning.turn_speed_mps = length(hw) / ww;
        }
        turning
    }

    /// The speed at which lateral acceleration and yaw rate fit, where there was a turn to tell it from.
    pub(super) fn speed_mps(&self) -> Option<f64> {
        (self.seen && self.peak_rad_s >= YAW_SEEN_RAD_S).then_some(self.turn_speed_mps)
    }

    /// Heading change as records have it: degrees, positive clockwise.
    pub(super) fn heading_change_deg(&self) -> Option<f64> {
        self.seen.then(|| round(-self.net_deg, 1))
    }
}

/// Correlation of the acceleration along an axis with the yaw rate, −1..1; 0 if either does not change.
pub(super) fn shape_correlation(moments: impl Iterator<Item = Moment>, [x, y]: [f64; 2]) -> f64 {
    let (mut n, mut sa, mut sw, mut aa, mut ww, mut aw) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    for m in moments {
        let (Some(w), [a, b]) = (m.yaw_rad_s, m.level_mps2) else { continue };
        let a = a * x + b * y;
        (n, sa, sw) = (n + 1.0, sa + a, sw + w);
        (aa, ww, aw) = (aa + a * a, ww + w * w, aw + a * w);
    }
    let (va, vw) = (n * aa - sa * sa, n * ww - sw * sw);
    if va > 0.0 && vw > 0.0 { (n * aw - sa * sw) / (va * vw).sqrt() } else { 0.0 }
}
