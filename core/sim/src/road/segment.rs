//! A piece of road with one shape: its curve, slope, limit, sky, and what waits at its end.

use crate::maths::sincos;

/// How much of the sky the receiver sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sky {
    Open,
    Canyon,
    Tunnel,
    /// Under a roof: positions come from radio cells and access points.
    Indoors,
}

/// What waits at the end of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Through,
    Light,
    Yield,
    LevelCrossing,
    Terminus,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment {
    pub length_m: f64,
    /// In the middle of the segment, 1/m, positive to the left; it rises and falls linearly over [`RAMP`] at each end.
    pub curvature: f64,
    pub limit_mps: f64,
    /// Rise over run towards which the road bends.
    pub grade: f64,
    /// Slope to the right, in radians.
    pub bank: f64,
    pub sky: Sky,
    pub end: End,
    /// A bump across the road, this many metres in.
    pub bump: bool,
}

/// Part of a curve's length over which its curvature rises, and over which it falls: a clothoid at each end.
const RAMP: f64 = 0.3;

/// Where one stands on the plane: metres east and north, and the heading as an angle from east to the left.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Pose {
    pub east_m: f64,
    pub north_m: f64,
    pub heading_rad: f64,
}

impl Segment {
    pub fn street(length_m: f64, limit_mps: f64) -> Self {
        Self {
            length_m,
            curvature: 0.0,
            limit_mps,
            grade: 0.0,
            bank: 0.015,
            sky: Sky::Open,
            end: End::Through,
            bump: false,
        }
    }

    /// A curve of so many radians (positive to the left) with a smallest radius.
    pub fn curve(angle_rad: f64, radius_m: f64, limit_mps: f64) -> Self {
        let length_m = angle_rad.abs() * radius_m / (1.0 - RAMP);
        let curvature = if angle_rad < 0.0 { -1.0 } else { 1.0 } / radius_m;
        Self { curvature, ..Self::street(length_m, limit_mps) }
    }

    pub fn curvature_at(&self, s_m: f64) -> f64 {
        if self.curvature == 0.0 {
            return 0.0;
        }
        let x = s_m / self.length_m;
        self.curvature * (x / RAMP).min((1.0 - x) / RAMP).clamp(0.0, 1.0)
    }

    /// Where it ends when it begins at `from`.
    pub fn carry(&self, from: Pose) -> Pose {
        const STEPS: u32 = 48;
        let ds = self.length_m / f64::from(STEPS);
        let mut p = from;
        for i in 0..STEPS {
            let turn = ds * self.curvature_at((f64::from(i) + 0.5) * ds);
            let (s, c) = libm::sincos(p.heading_rad + 0.5 * turn);
            p.east_m += ds * c;
            p.north_m += ds * s;
            p.heading_rad += turn;
        }
        p
    }
}

/// An angle brought to −π < a ≤ π.
pub(crate) fn wrap_pi(mut a: f64) -> f64 {
    use core::f64::consts::{PI, TAU};
    a %= TAU;
    if a > PI {
        a -= TAU;
    } else if a <= -PI {
        a += TAU;
    }
    a
}

impl Pose {
    /// Metres to a point, and by how much its direction lies to the left of the heading.
    pub fn towards(&self, east_m: f64, north_m: f64) -> (f64, f64) {
        let (e, n) = (east_m - self.east_m, north_m - self.north_m);
        ((e * e + n * n).sqrt(), wrap_pi(libm::atan2(n, e) - self.heading_rad))
    }

    /// The pose `forward_m` ahead and `left_m` to the left, same heading.
    pub fn beside(&self, forward_m: f64, left_m: f64) -> Self {
        let (s, c) = sincos(self.heading_rad);
        Self {
            east_m: self.east_m + forward_m * c - left_m * s,
            north_m: self.north_m + forward_m * s + left_m * c,
            heading_rad: self.heading_rad,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::f64::consts::FRAC_PI_2;

    #[test]
    fn a_curve_turns_by_its_angle() {
        let end = Segment::curve(-FRAC_PI_2, 12.0, 10.0).carry(Pose::default());
        assert!((end.heading_rad + FRAC_PI_2).abs() < 0.01, "{end:?}");
        assert!(end.north_m < -10.0 && end.east_m > 10.0);
    }

    #[test]
    fn directions_are_seen_from_the_heading() {
        let pose = Pose { heading_rad: FRAC_PI_2, ..Pose::default() };
        let (d, angle) = pose.towards(-10.0, 0.0);
        assert!((d - 10.0).abs() < 1e-9 && (angle - FRAC_PI_2).abs() < 1e-9);
    }
}
