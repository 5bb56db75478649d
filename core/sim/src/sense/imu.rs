//! Accelerometer and gyroscope: bias, noise, range, a clock that jitters, readings delivered in batches, holes.

use milepost_engine::num::{Vec3, axpy};
use milepost_engine::sample::{ImuSample, MonoTime, NS_PER_S};

use crate::rng::Rng;
use crate::world::DT_S;

/// How good the sensors are and how they are delivered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ImuStyle {
    pub rate_hz: f64,
    pub gyroscope: bool,
    pub batch_s: f64,
    /// Standard deviation of a reading's time.
    pub jitter_s: f64,
    pub holes_per_h: f64,
    /// Largest reading of the accelerometer.
    pub range_mps2: f64,
}

impl Default for ImuStyle {
    fn default() -> Self {
        Self { rate_hz: 100.0, gyroscope: true, batch_s: 0.2, jitter_s: 0.000_3, holes_per_h: 2.0, range_mps2: 78.5 }
    }
}

/// Pinned hardness, per axis.
const GYRO_BIAS_RAD_S: f64 = 0.008;
const GYRO_NOISE_RAD_S: f64 = 0.002;
const FORCE_BIAS_MPS2: f64 = 0.08;
const FORCE_NOISE_MPS2: f64 = 0.03;
/// What gyroscopes of phones can show: 2000 °/s.
const GYRO_RANGE_RAD_S: f64 = 34.9;

#[derive(Clone, Debug)]
pub(crate) struct Imu {
    rng: Rng,
    style: ImuStyle,
    force_bias: Vec3,
    rate_bias: Vec3,
    last: Option<(Vec3, Vec3)>,
    /// Steps of the world until the next reading.
    next_in: f64,
    batch: Vec<ImuSample>,
    batch_from_s: f64,
    next_hole_s: f64,
    hole_until_s: f64,
}

impl Imu {
    pub fn new(mut rng: Rng, style: ImuStyle) -> Self {
        let mut bias = |most: f64| [(); 3].map(|()| rng.range(-most, most));
        let (force_bias, rate_bias) = (bias(FORCE_BIAS_MPS2), bias(GYRO_BIAS_RAD_S));
        let next_hole_s = 30.0 + rng.wait(style.holes_per_h / 3600.0);
        Self {
            rng,
            style,
            force_bias,
            rate_bias,
            last: None,
            next_in: 1.0,
            batch: Vec::new(),
            batch_from_s: 0.0,
            next_hole_s,
            hole_until_s: 0.0,
        }
    }

    /// One step of the world, whose true force and rate (phone frame) at `t_s` (`at` on the input's axis) are these.
    /// Gives a batch when one is due.
    pub fn step(&mut self, t_s: f64, at: MonoTime, force: Vec3, rate: Vec3) -> Option<Vec<ImuSample>> {
        let (last_force, last_rate) = self.last.unwrap_or((force, rate));
        self.last = Some((force, rate));
        if self.style.rate_hz <= 0.0 {
            return None;
        }
        let per_sample = 1.0 / (self.style.rate_hz * DT_S);
        self.next_in -= 1.0;
        while self.next_in < 1e-9 {
            // `next_in` steps before now; forces between two steps lie on a line.
            let back = -self.next_in;
            self.read(t_s, at, back, axpy_mix(force, last_force, back), axpy_mix(rate, last_rate, back));
            self.next_in += per_sample;
        }
        let full = !self.batch.is_empty() && t_s - self.batch_from_s >= self.style.batch_s - 0.5 * DT_S;
        full.then(|| self.flush()).filter(|b| !b.is_empty())
    }

    /// The host wants so many readings a second from now on; 0 is none.
    pub fn ask(&mut self, rate_hz: f64) {
        self.style.rate_hz = rate_hz.max(0.0);
        self.next_in = self.next_in.min(1.0);
    }

    /// Readings are asked for.
    pub fn is_on(&self) -> bool {
        self.style.rate_hz > 0.0
    }

    /// What is not delivered yet.
    pub fn flush(&mut self) -> Vec<ImuSample> {
        let size = self.batch.len();
        core::mem::replace(&mut self.batch, Vec::with_capacity(size))
    }

    fn read(&mut self, t_s: f64, at: MonoTime, back: f64, force: Vec3, rate: Vec3) {
        if t_s >= self.next_hole_s {
            self.hole_until_s = t_s + self.rng.range(0.3, 3.0);
            self.next_hole_s = self.hole_until_s + self.rng.wait(self.style.holes_per_h / 3600.0);
        }
        if t_s < self.hole_until_s {
            return;
        }
        let rng = &mut self.rng;
        let jitter_s = (self.style.jitter_s * rng.noise()).clamp(-0.2 * DT_S, 0.2 * DT_S);
        let late = (jitter_s - back * DT_S) * NS_PER_S as f64;
        let range = self.style.range_mps2;
        let mut noisy = |v: Vec3, bias: Vec3, noise: f64, range: f64| {
            axpy(v, 1.0, bias).map(|x| (x + noise * rng.noise()).clamp(-range, range) as f32)
        };
        let force_mps2 = noisy(force, self.force_bias, FORCE_NOISE_MPS2, range);
        let rate_rad_s = noisy(rate, self.rate_bias, GYRO_NOISE_RAD_S, GYRO_RANGE_RAD_S);
        if self.batch.is_empty() {
            self.batch_from_s = t_s;
        }
        self.batch.push(ImuSample {
            // Stamps are whole microseconds, as a CSV keeps them.
            t: MonoTime(at.0 + (late / 1000.0).round() as i64 * 1000),
            force_mps2,
            rate_rad_s: self.style.gyroscope.then_some(rate_rad_s),
        });
    }
}

/// `back` of the way from `now` to `before`.
fn axpy_mix(now: Vec3, before: Vec3, back: f64) -> Vec3 {
    let ([a, b, c], [x, y, z]) = (now, before);
    [a + back * (x - a), b + back * (y - b), c + back * (z - c)]
}
