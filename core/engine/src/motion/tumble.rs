//! Notices that the attitude is lost. Over ten seconds and more no vehicle accelerates by half of gravity, so the mean
//! specific force of a phone that is not being turned points up. If the estimate says otherwise, the estimate is wrong,
//! however sure it is of itself: a filter that has diverged cannot tell by its own sigma.

use serde::{Deserialize, Serialize};

use super::cell::Cell;
use crate::num::{G_MPS2, Vec3, axpy, dot, norm, scale};

/// Time constant of the mean: longer than any brake or pull-away.
const TAU_S: f64 = 10.0;
/// The mean of a phone that was turned meanwhile is shorter than gravity: it says nothing.
const STEADY: (f64, f64) = (0.93 * G_MPS2, 1.07 * G_MPS2);
/// cos 25°: the lean of a vehicle that pulls 4.6 m/s² all the time.
const LOST_COS: f64 = 0.906;
/// It must look lost for so long.
const SUSTAINED_S: f64 = 3.0;
/// The mean is worth something after so many time constants.
const SETTLED_S: f64 = 2.0 * TAU_S;

/// The mean of the specific force, and for how long the estimate has contradicted it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tumble {
    mean: Vec3,
    age_s: f64,
    contradicted_s: f64,
}

impl Tumble {
    /// Takes a cell and the estimate of up. Returns the mean force to level by if the attitude is lost.
    pub fn push(&mut self, cell: &Cell, up: Vec3) -> Option<Vec3> {
        self.age_s = (self.age_s + cell.dt_s).min(SETTLED_S);
        let k = cell.dt_s / (self.age_s.min(TAU_S) + cell.dt_s).max(1e-3);
        self.mean = axpy(scale(1.0 - k, self.mean), k, cell.force);
        let length = norm(self.mean);
        let steady = self.age_s >= SETTLED_S && length > STEADY.0 && length < STEADY.1;
        let agrees = dot(up, self.mean) >= LOST_COS * length;
        self.contradicted_s = if steady && !agrees { self.contradicted_s + cell.dt_s } else { 0.0 };
        if self.contradicted_s < SUSTAINED_S {
            return None;
        }
        self.contradicted_s = 0.0;
        Some(self.mean)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(force: Vec3) -> Cell {
        Cell { t: crate::sample::MonoTime(0), dt_s: 0.04, force, force_max: 0.0, rate: None }
    }

    fn lost_after_s(up: Vec3, force: impl Fn(f64) -> Vec3) -> Option<f64> {
        let mut tumble = Tumble::default();
        (0..3000).map(|i| f64::from(i) * 0.04).find(|t| tumble.push(&cell(force(*t)), up).is_some())
    }

    #[test]
    fn given_an_estimate_that_gravity_contradicts_it_is_lost() {
        let after_s = lost_after_s([1.0, 0.0, 0.0], |_| [0.0, 0.0, G_MPS2]).unwrap();
        assert!((SETTLED_S..SETTLED_S + 2.0 * SUSTAINED_S).contains(&after_s), "{after_s}");
    }

    #[test]
    fn given_hard_driving_a_good_estimate_is_kept() {
        let brake = |t: f64| if t % 20.0 < 6.0 { [4.0, 0.0, G_MPS2] } else { [-1.5, 0.0, G_MPS2] };
        assert_eq!(lost_after_s([0.0, 0.0, 1.0], brake), None);
    }

    #[test]
    fn given_a_phone_that_is_turned_over_and_over_nothing_is_said() {
        let turning = |t: f64| [G_MPS2 * libm::sin(t), 0.0, G_MPS2 * libm::cos(t)];
        assert_eq!(lost_after_s([0.0, 1.0, 0.0], turning), None);
    }
}
