//! How that which carries the phone moves, vehicle or person: the one thing the phone and the truth are made from.

use milepost_engine::num::Vec3;

use crate::maths::{Rotation, sincos};
use crate::road::Sky;

/// One moment of a carrier. Axes: x forward, y left, z up; "level" means turned with the heading but not with the slope.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Carried {
    pub east_m: f64,
    pub north_m: f64,
    pub alt_m: f64,
    /// Angle from east to the left.
    pub heading_rad: f64,
    pub heading_cos: f64,
    pub heading_sin: f64,
    pub speed_mps: f64,
    /// Acceleration in the level frame: forward, left, up.
    pub level_mps2: Vec3,
    pub yaw_rate_rad_s: f64,
    /// Nose up, slope included.
    pub pitch_rad: f64,
    pub pitch_rate_rad_s: f64,
    /// Left side up, bank included.
    pub roll_rad: f64,
    pub roll_rate_rad_s: f64,
    /// What shakes the phone, in the carrier's own frame.
    pub shake_mps2: Vec3,
    pub shake_rad_s: Vec3,
    pub sky: Sky,
}

impl Carried {
    /// From the level frame to the carrier's own.
    pub fn tilt(&self) -> Rotation {
        let (sp, cp) = sincos(self.pitch_rad);
        let (sr, cr) = sincos(self.roll_rad);
        Rotation([[cp, 0.0, sp], [-sr * sp, cr, sr * cp], [-cr * sp, -sr, cr * cp]])
    }

    /// Rotation rate in the carrier's own frame, shaking included.
    pub fn rate_rad_s(&self, tilt: &Rotation) -> Vec3 {
        let (sr, cr) = sincos(self.roll_rad);
        let Rotation([[_, _, ux], [_, _, uy], [_, _, uz]]) = *tilt;
        let [sx, sy, sz] = self.shake_rad_s;
        let yaw = self.yaw_rate_rad_s;
        let nose_up = self.pitch_rate_rad_s;
        [yaw * ux + self.roll_rate_rad_s + sx, yaw * uy - nose_up * cr + sy, yaw * uz + nose_up * sr + sz]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rotation rate is the derivative of the attitude: d(up)/dt = up × ω in the carrier's frame.
    #[test]
    fn rates_are_the_derivative_of_the_attitude() {
        let at = |t: f64| Carried {
            east_m: 0.0,
            north_m: 0.0,
            alt_m: 0.0,
            heading_rad: 0.3 * t,
            heading_cos: libm::cos(0.3 * t),
            heading_sin: libm::sin(0.3 * t),
            speed_mps: 0.0,
            level_mps2: [0.0; 3],
            yaw_rate_rad_s: 0.3,
            pitch_rad: 0.1 + 0.2 * t,
            pitch_rate_rad_s: 0.2,
            roll_rad: 0.15 - 0.1 * t,
            roll_rate_rad_s: -0.1,
            shake_mps2: [0.0; 3],
            shake_rad_s: [0.0; 3],
            sky: Sky::Open,
        };
        let east = |c: &Carried| c.tilt().apply([c.heading_cos, -c.heading_sin, 0.0]);
        let up = |c: &Carried| c.tilt().apply([0.0, 0.0, 1.0]);
        let (before, now, after) = (at(-1e-5), at(0.0), at(1e-5));
        let rate = now.rate_rad_s(&now.tilt());
        for fixed in [east, up] {
            let expected = milepost_engine::num::cross(fixed(&now), rate);
            for ((a, b), e) in fixed(&after).iter().zip(fixed(&before)).zip(expected) {
                assert!(((a - b) / 2e-5 - e).abs() < 1e-6);
            }
        }
    }
}
