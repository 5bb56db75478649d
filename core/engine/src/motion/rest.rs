//! Whether the phone rests: neither force nor rotation changes for a second, compared to what a standing car with its
//! engine on still does. It looks at spread, never at mean, so that no bias fools it.

use serde::{Deserialize, Serialize};

use super::cell::Cell;
use crate::num::{Vec3, axpy, dot};

/// Window of the spread.
const WINDOW_S: f64 = 1.0;
/// Standard deviation of the mean force of a cell, all axes together; idling engines stay below, rolling does not.
const FORCE_STD_MPS2: f64 = 0.12;
/// The same of the rotation rate.
const RATE_STD_RAD_S: f64 = 0.008;

/// Exponentially weighted spread of force and rotation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rest {
    force: Spread,
    rate: Spread,
    quiet_s: f64,
    /// The rate of the cell before.
    before: Option<Vec3>,
    rate_noise: f64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Spread {
    mean: Vec3,
    variance: f64,
    seen: bool,
}

impl Spread {
    fn push(&mut self, x: Vec3, k: f64) {
        if !self.seen {
            *self = Self { mean: x, variance: 1.0, seen: true };
            return;
        }
        let d = axpy(x, -1.0, self.mean);
        self.mean = axpy(self.mean, k, d);
        self.variance = (1.0 - k) * (self.variance + k * dot(d, d));
    }
}

impl Rest {
    /// Takes the next cell; returns whether it lies in rest.
    pub fn push(&mut self, cell: &Cell) -> bool {
        if cell.dt_s <= 0.0 {
            *self = Self::default();
        }
        let k = (3.0 * cell.dt_s / WINDOW_S).min(0.5);
        self.force.push(cell.force, k);
        let mut quiet = self.force.variance < FORCE_STD_MPS2 * FORCE_STD_MPS2;
        if let Some(rate) = cell.rate {
            let d = self.before.replace(rate).map_or([0.0; 3], |before| axpy(rate, -1.0, before));
            self.rate_noise += k * (dot(d, d) / 6.0 - self.rate_noise);
            self.rate.push(rate, k);
            quiet &= self.rate.variance < RATE_STD_RAD_S * RATE_STD_RAD_S;
        }
        self.quiet_s = if quiet { self.quiet_s + cell.dt_s } else { 0.0 };
        self.at_rest()
    }

    /// As of the last cell.
    pub fn at_rest(&self) -> bool {
        self.quiet_s >= WINDOW_S
    }

    /// Variance of the mean rate of a cell that comes from vibration, per axis: half the mean square of steps.
    pub fn rate_noise(&self) -> f64 {
        self.rate_noise
    }
}
