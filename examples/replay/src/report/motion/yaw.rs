//! Mount yaw: the angle between said and true forward about the true up, once so much was driven in that mounting.
//! Unknown is infinitely wrong.

use milepost_engine::num::{Vec3, axpy, cross, dot, norm};

use crate::report::beside::Moment;
use crate::report::tally::Errors;

/// Slower is not driving.
const DRIVING_MPS: f64 = 2.0;
/// So much driving is given; of a drive in one mounting two thirds, where that is less.
const ALIGN_S: f64 = 60.0;
/// A forward this near the vertical has no direction in the plane.
const MIN_FLAT: f64 = 0.1;

struct Second {
    mount: i32,
    driving: bool,
    error_deg: f64,
}

/// Second by second.
#[derive(Default)]
pub struct Yaw(Vec<Second>);

impl Yaw {
    /// Looks at a moment, once a second.
    pub fn moment(&mut self, m: &Moment) {
        let error_deg = m.said.and_then(|s| s.fwd).and_then(|f| yaw_deg(f.axis, m.then.fwd, m.then.up));
        self.0.push(Second {
            mount: m.truth.mount,
            driving: m.truth.speed_mps > DRIVING_MPS,
            error_deg: error_deg.unwrap_or(f64::INFINITY),
        });
    }

    /// Errors of every second from then on, and of the first one in each mounting.
    pub fn finish(&self) -> (Errors, Errors) {
        let (mut after, mut first) = (Errors::default(), Errors::default());
        let mut mounts: Vec<i32> = self.0.iter().map(|s| s.mount).collect();
        mounts.sort_unstable();
        mounts.dedup();
        let only = mounts.len() == 1;
        for mount in mounts.into_iter().filter(|m| *m >= 0) {
            let here = || self.0.iter().filter(move |s| s.mount == mount);
            let all_s = here().filter(|s| s.driving).count() as f64;
            let need_s = if only { ALIGN_S.min(all_s * 2.0 / 3.0) } else { ALIGN_S };
            let mut driven_s = 0.0;
            let ripe = here().filter(|s| {
                driven_s += f64::from(u8::from(s.driving));
                need_s > 0.0 && driven_s >= need_s
            });
            let errors: Vec<f64> = ripe.map(|s| s.error_deg).collect();
            first.values.extend(errors.first());
            after.values.extend(errors);
        }
        (after, first)
    }
}

/// The angle between two directions as seen along `up`, without sign.
pub fn yaw_deg(said: Vec3, truth: Vec3, up: Vec3) -> Option<f64> {
    let flat = |v: Vec3| axpy(v, -dot(v, up), up);
    let (a, b) = (flat(said), flat(truth));
    (norm(a) > MIN_FLAT).then(|| libm::atan2(dot(cross(b, a), up), dot(a, b)).to_degrees().abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_minute_of_driving_in_each_mounting_is_given() {
        let second = |mount, driving, error_deg| Second { mount, driving, error_deg };
        let mut yaw = Yaw::default();
        yaw.0.extend((0..50).map(|_| second(0, false, 90.0)));
        yaw.0.extend((0..59).map(|_| second(0, true, 80.0)));
        yaw.0.extend([second(0, true, 1.0), second(0, false, 2.0), second(-1, true, 70.0)]);
        yaw.0.extend((0..60).map(|_| second(1, true, 5.0)));
        let (after, first) = yaw.finish();
        assert_eq!((after.values, first.values), (vec![1.0, 2.0, 5.0], vec![1.0, 5.0]));
    }

    #[test]
    fn angles_about_up() {
        let up = [0.0, 0.0, 1.0];
        assert!((yaw_deg([1.0, 1.0, 5.0], [1.0, 0.0, 0.0], up).unwrap() - 45.0).abs() < 1e-9);
        assert_eq!(yaw_deg([0.0, 0.05, 1.0], [1.0, 0.0, 0.0], up), None);
    }
}
