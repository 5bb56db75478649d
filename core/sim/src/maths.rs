//! The few pieces of mathematics that the world is made of: rotations, smooth ramps, and noise with a memory.

use milepost_engine::num::{Vec3, axpy, cross, dot, scale, unit};

use crate::rng::Rng;

/// Rows of a rotation matrix: `row · v` is a component of the turned vector.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rotation(pub [Vec3; 3]);

impl Rotation {
    pub const IDENTITY: Self = Self([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]);

    pub fn apply(&self, v: Vec3) -> Vec3 {
        self.0.map(|row| dot(row, v))
    }

    /// `self` after `first`.
    pub fn after(&self, first: &Self) -> Self {
        let [r0, r1, r2] = first.0;
        Self(self.0.map(|[a, b, c]| axpy(axpy(scale(a, r0), b, r1), c, r2)))
    }

    pub fn inverse(&self) -> Self {
        let [[a, b, c], [d, e, f], [g, h, i]] = self.0;
        Self([[a, d, g], [b, e, h], [c, f, i]])
    }

    /// Turns *vectors* by `angle` about the unit vector `axis` (Rodrigues).
    pub fn about(axis: Vec3, angle: f64) -> Self {
        let (s, c) = libm::sincos(angle);
        Self::IDENTITY.map_columns(|e| axpy(axpy(scale(c, e), s, cross(axis, e)), (1.0 - c) * dot(axis, e), axis))
    }

    /// Uniform over all rotations, by three normal draws twice (Gram and Schmidt).
    pub fn random(rng: &mut Rng) -> Self {
        let x = random_direction(rng);
        let y = loop {
            let d = random_direction(rng);
            if let Some(y) = unit(axpy(d, -dot(d, x), x)) {
                break y;
            }
        };
        Self([x, y, cross(x, y)])
    }

    fn map_columns(&self, f: impl Fn(Vec3) -> Vec3) -> Self {
        let [c0, c1, c2] = self.inverse().0;
        Self([f(c0), f(c1), f(c2)]).inverse()
    }
}

pub(crate) fn random_direction(rng: &mut Rng) -> Vec3 {
    loop {
        if let Some(d) = unit([rng.normal(), rng.normal(), rng.normal()]) {
            return d;
        }
    }
}

/// Sine and cosine: by their series where that is exact to 10⁻⁹, which is where a vehicle that stays on its wheels is.
pub(crate) fn sincos(x: f64) -> (f64, f64) {
    if x.abs() > 0.25 {
        return libm::sincos(x);
    }
    let q = x * x;
    let s = x * (1.0 - q / 6.0 * (1.0 - q / 20.0 * (1.0 - q / 42.0)));
    let c = 1.0 - q / 2.0 * (1.0 - q / 12.0 * (1.0 - q / 30.0 * (1.0 - q / 56.0)));
    (s, c)
}

/// Noise that forgets exponentially (Ornstein and Uhlenbeck): standard deviation 1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Drift {
    pub x: f64,
    keep: f64,
    add: f64,
}

impl Drift {
    pub fn new(tau_s: f64, dt_s: f64, rng: &mut Rng) -> Self {
        let keep = libm::exp(-dt_s / tau_s);
        Self { x: rng.normal(), keep, add: (1.0 - keep * keep).sqrt() }
    }

    pub fn step(&mut self, rng: &mut Rng) -> f64 {
        self.x = self.keep * self.x + self.add * rng.noise();
        self.x
    }
}

/// White noise through a second-order resonator: a band around one frequency, standard deviation 1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Band {
    a1: f64,
    a2: f64,
    gain: f64,
    x1: f64,
    x2: f64,
}

impl Band {
    pub fn new(centre_hz: f64, width_hz: f64, rate_hz: f64) -> Self {
        let r = libm::exp(-core::f64::consts::PI * width_hz / rate_hz);
        let a1 = 2.0 * r * libm::cos(core::f64::consts::TAU * centre_hz / rate_hz);
        let a2 = -r * r;
        let variance = (1.0 - a2) / ((1.0 + a2) * ((1.0 - a2) * (1.0 - a2) - a1 * a1));
        Self { a1, a2, gain: 1.0 / variance.sqrt(), x1: 0.0, x2: 0.0 }
    }

    pub fn step(&mut self, rng: &mut Rng) -> f64 {
        let x = self.a1 * self.x1 + self.a2 * self.x2 + self.gain * rng.noise();
        self.x2 = self.x1;
        self.x1 = x;
        x
    }

    /// What the last step gave.
    pub fn now(&self) -> f64 {
        self.x1
    }
}

/// A damped mass on a spring that follows a target.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Spring {
    pub x: f64,
    pub v: f64,
}

impl Spring {
    /// `omega` in rad/s, `damping` of critical. Semi-implicit Euler: stable for omega·dt well below 1.
    pub fn step(&mut self, target: f64, omega: f64, damping: f64, dt: f64) {
        self.v += (omega * omega * (target - self.x) - 2.0 * damping * omega * self.v) * dt;
        self.x += self.v * dt;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Stream;

    #[test]
    fn rotations_turn_the_right_way() {
        let r = Rotation::about([0.0, 0.0, 1.0], core::f64::consts::FRAC_PI_2);
        let [x, y, _] = r.apply([1.0, 0.0, 0.0]);
        assert!(x.abs() < 1e-12 && (y - 1.0).abs() < 1e-12);
        let back = r.inverse().after(&r);
        assert!((back.0[0][0] - 1.0).abs() < 1e-12);
    }

    #[test]
    fn bands_and_drifts_have_unit_variance() {
        let mut rng = Rng::stream(3, Stream::Imu, 0);
        let mut band = Band::new(12.0, 4.0, 100.0);
        let mut drift = Drift::new(2.0, 0.01, &mut rng);
        let n = 400_000;
        let (mut b2, mut d2) = (0.0, 0.0);
        for _ in 0..n {
            let (b, d) = (band.step(&mut rng), drift.step(&mut rng));
            b2 += b * b;
            d2 += d * d;
        }
        assert!((b2 / f64::from(n) - 1.0).abs() < 0.05 && (d2 / f64::from(n) - 1.0).abs() < 0.15);
    }

    #[test]
    fn the_short_series_agree_with_libm() {
        for i in -30..=30 {
            let x = f64::from(i) * 0.01;
            let (s, c) = sincos(x);
            assert!((s - libm::sin(x)).abs() < 1e-8 && (c - libm::cos(x)).abs() < 1e-8, "{x}");
        }
    }
}
