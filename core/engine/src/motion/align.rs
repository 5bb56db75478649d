//! Which way is forward in the phone, and how late the receiver's speed is: a bank of small Kalman filters, one for each
//! lag, that explain the speed of the fixes by the integral of the horizontal force.
//!
//! Each holds v, the forward direction as (cos, sin) in a horizontal basis of the phone, and an offset along and across
//! that takes up tilt and bias: v̇ = c·a₁ + s·a₂ + b₁ and v·ω = c·a₂ − s·a₁ + b₂ are linear in them, so no first guess is
//! needed; |(c, s)| = 1 is a pseudo-measurement (Julier & LaViola 2007, IEEE Trans. Signal Processing 55:2774). It is the
//! recursive form of the 2-D Procrustes fit with offsets. The likelihoods of the bank weigh the lags (multiple-model
//! estimation: Magill 1965, IEEE Trans. Automatic Control 10:434).

#![expect(clippy::indexing_slicing, reason = "fixed-size matrices, every index is a constant below their size")]

use nalgebra::{SMatrix, SVector};
use serde::{Deserialize, Serialize};

use super::history::{History, Sums};

/// Lags that are tried, s.
const LAGS: usize = 13;
const LAG_STEP_S: f64 = 0.2;
/// Noise of a step of the course times the speed, as a multiple of that of the speed, squared.
const COURSE_STEP: f64 = 2.5;
/// Random walk of the speed, m/s/√s.
const SPEED_WALK: f64 = 0.12;
/// Of the offsets, m/s²/√s: tilt that the attitude does not follow, and its corrections.
const OFFSET_WALK: f64 = 0.04;
/// Of the offsets per radian turned, m/s²: a tilt in space is another one for a car that has turned.
const OFFSET_TURN: f64 = 0.3;
/// Of the direction, rad/√s.
const MOUNT_WALK: f64 = 1e-3;
/// First sigma of the offsets, m/s²: up was taken from a force that may have been a pull-away.
const OFFSET_SIGMA: f64 = 1.0;
/// Lateral force is v·ω to so many m/s²/√s.
const LATERAL_SIGMA: f64 = 0.35;
/// Slower vehicles turn on the spot, or a person walks about.
const LATERAL_MIN_MPS: f64 = 1.0;
/// A direction this clear is brought to length 1, to so much.
const CLEAR_RAD: f64 = 0.35;
const LENGTH_SIGMA: f64 = 0.1;
/// Share of a correction's square that stays in doubt: it may have undone a drift that the offsets never saw.
const JUMP_DOUBT: f64 = 0.5;
/// A lag this much less likely (in logarithms) is no longer followed, once so many fixes were used.
const DORMANT: f64 = 60.0;
const DORMANT_AFTER: u32 = 120;
/// What is left of such a verdict when it comes into doubt.
const DOUBT: f64 = 8.0;
/// A lag of less weight adds nothing.
const LEAST_WEIGHT: f64 = 1e-3;
/// The lags' weights mean something after so many fixes; before, the mixture is surer of itself than right.
const GUESS_AFTER: u32 = 8;
/// Memory of the likelihoods.
const MEMORY_S: f64 = 900.0;
/// No single innovation counts more: a receiver has bad moments that say nothing of its lag.
const WORST_CHI2: f64 = 9.0;
/// Lags of phones: between nothing and two seconds and more, most under one.
const PRIOR_S: (f64, f64) = (0.7, 0.9);
/// Receivers of 4 Hz and more are not phones', and hurry.
const PRIOR_FAST_S: (f64, f64) = (0.2, 0.25);
/// Below, a course means nothing.
const COURSE_MIN_MPS: f64 = 3.0;
/// A longer time between fixes starts the speeds again.
const MAX_INTERVAL_S: f64 = 40.0;

type M5 = SMatrix<f64, 5, 5>;
type V5 = SVector<f64, 5>;

/// What a fix brings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// Time of the fix on the filter's axis.
    pub t_s: f64,
    /// Speed.
    pub speed: f64,
    /// Its sigma.
    pub sigma: f64,
    /// Course, radians counter-clockwise from east.
    pub course: Option<f64>,
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Alignment {
    /// Forward in the basis: radians to the left of its axis.
    pub yaw: f64,
    /// One sigma.
    pub yaw_sigma: f64,
    /// Length of (cos, sin), 1 if the model holds.
    pub length: f64,
    /// Speed now, carried on from the last fix, by all lags together.
    pub speed: f64,
    /// One sigma, the lags' disagreement included.
    pub speed_sigma: f64,
    /// What the horizontal force lacks, along and across, m/s²: the tilt of up.
    pub offset: [f64; 2],
    /// One sigma of each.
    pub offset_sigma: [f64; 2],
}

/// Motion along a forward axis that is still in doubt, by all lags together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Guess {
    /// Speed now, and its variance.
    pub speed: (f64, f64),
    /// Forward acceleration now, and its variance.
    pub long: (f64, f64),
}

/// The lag and its sigma.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Lag {
    /// Mean over what is likely.
    pub mean_s: f64,
    /// One sigma.
    pub sigma_s: f64,
}

/// The bank.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bank {
    models: Vec<Model>,
    last: Option<(f64, Option<f64>)>,
    interval_s: f64,
    lag: Lag,
    /// Fixes used.
    used: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Model {
    lag_s: f64,
    x: V5,
    #[serde(with = "triangle")]
    p: M5,
    log_likelihood: f64,
    /// Its share of the bank.
    weight: f64,
    /// So unlikely that it is no longer worth its time.
    dormant: bool,
    /// Integrals at the last fix; `None` where the history did not reach.
    at: Option<Sums>,
}

impl Default for Bank {
    fn default() -> Self {
        let models = (0..LAGS).map(|i| Model::new(i as f64 * LAG_STEP_S, 0.0)).collect();
        let mut bank = Self { models, last: None, interval_s: 1.0, lag: Lag::default(), used: 0 };
        bank.weigh();
        bank
    }
}

impl Bank {
    /// Takes the next fix with a speed.
    pub fn fix(&mut self, reading: Reading, history: &History) {
        let dt = self.last.map_or(0.0, |(t, _)| reading.t_s - t);
        if self.last.is_some() && dt < 0.02 {
            return;
        }
        let sums = history.sums_at(std::array::from_fn::<f64, LAGS, _>(|i| reading.t_s - i as f64 * LAG_STEP_S));
        let before = self.last.and_then(|(_, course)| course);
        let fresh = self.last.is_none() || dt > MAX_INTERVAL_S;
        // The first interval is the best guess of all that follow.
        let weight = if self.used == 0 { 1.0 } else { 0.2 };
        self.interval_s += if fresh { 0.0 } else { weight * (dt - self.interval_s) };
        for (model, now) in self.models.iter_mut().zip(sums).filter(|(model, _)| !model.dormant) {
            model.fix(&reading, before, now, dt, fresh);
        }
        self.last = Some((reading.t_s, reading.course));
        self.used += u32::from(!fresh);
        self.weigh();
    }

    /// The mount is another one: the lag stays.
    pub fn remount(&mut self) {
        for model in &mut self.models {
            let dormant = model.dormant;
            *model = Model { dormant, weight: model.weight, ..Model::new(model.lag_s, model.log_likelihood) };
        }
        self.last = None;
        self.used = 0;
    }

    /// What was believed does not hold: every lag is looked at again.
    pub fn doubt(&mut self) {
        for model in &mut self.models {
            *model = Model::new(model.lag_s, model.log_likelihood.max(-DOUBT));
        }
        self.last = None;
        self.used = 0;
        self.weigh();
    }

    /// The history broke: directions stay, speeds and integrals do not.
    pub fn hole(&mut self) {
        self.last = None;
        for model in &mut self.models {
            model.at = None;
        }
    }

    /// The lag as known now.
    pub fn lag(&self) -> Lag {
        self.lag
    }

    /// Fixes used in this mount.
    pub fn used(&self) -> u32 {
        self.used
    }

    /// The forward axis as known now.
    pub fn alignment(&self, history: &History) -> Option<Alignment> {
        let now = history.newest()?;
        let (mut c, mut s) = (0.0, 0.0);
        let mut best: Option<(f64, &Model)> = None;
        for (weight, model) in self.weights() {
            let [_, mc, ms, _, _] = model.x.data.0[0];
            c += weight * mc;
            s += weight * ms;
            if best.is_none_or(|(w, _)| weight > w) {
                best = Some((weight, model));
            }
        }
        let (_, best) = best?;
        let yaw = libm::atan2(s, c);
        let mut variance = 0.0;
        for (weight, model) in self.weights() {
            let apart = wrap(model.yaw() - yaw);
            variance += weight * (model.yaw_variance() + apart * apart);
        }
        let (speed, speed_variance) = self.mixture(|model| model.speed_at(&now))?;
        let [_, _, _, b1, b2] = best.x.data.0[0];
        Some(Alignment {
            yaw,
            yaw_sigma: variance.sqrt(),
            length: (c * c + s * s).sqrt(),
            speed,
            speed_sigma: speed_variance.sqrt(),
            offset: [b1, b2],
            offset_sigma: [best.p[(3, 3)].sqrt(), best.p[(4, 4)].sqrt()],
        })
    }

    /// What the bank makes of the horizontal force along the basis and to its left, whether or not forward is known: its
    /// variances say what that is worth. `None` until some fixes were seen.
    pub fn guess(&self, history: &History, level_mps2: [f64; 2]) -> Option<Guess> {
        let now = history.newest()?;
        let [along, across] = level_mps2;
        let felt = V5::from([0.0, along, across, 1.0, 0.0]);
        let speed = self.mixture(|model| model.speed_at(&now))?;
        let long = self.mixture(|model| model.at.map(|_| model.told(&felt)))?;
        (self.used >= GUESS_AFTER).then_some(Guess { speed, long })
    }

    /// Mean and variance over the lags of what each makes of it (moment matching); `None` while too few can say.
    fn mixture(&self, told: impl Fn(&Model) -> Option<(f64, f64)>) -> Option<(f64, f64)> {
        let (mut sum, mut mean, mut square) = (0.0, 0.0, 0.0);
        for (weight, model) in self.weights() {
            let Some((m, variance)) = told(model) else { continue };
            sum += weight;
            mean += weight * m;
            square += weight * (m * m + variance);
        }
        let mean = mean / sum;
        (sum >= 0.5).then(|| (mean, (square / sum - mean * mean).max(1e-4)))
    }

    fn weights(&self) -> impl Iterator<Item = (f64, &Model)> {
        self.models.iter().map(|m| (m.weight, m)).filter(|(weight, _)| *weight > LEAST_WEIGHT)
    }

    fn weigh(&mut self) {
        let (centre, width) = if self.interval_s < 0.25 { PRIOR_FAST_S } else { PRIOR_S };
        let prior = |lag_s: f64| -0.5 * square((lag_s - centre) / width);
        let awake = self.models.iter().filter(|m| !m.dormant);
        let top = awake.map(|m| m.log_likelihood + prior(m.lag_s)).fold(f64::NEG_INFINITY, f64::max);
        let (mut sum, mut mean, mut sq) = (0.0, 0.0, 0.0);
        for model in self.models.iter_mut().filter(|m| !m.dormant) {
            let log = model.log_likelihood + prior(model.lag_s) - top;
            model.log_likelihood -= top;
            model.dormant = log < -DORMANT && self.used > DORMANT_AFTER;
            model.weight = if log > -DORMANT { libm::exp(log) } else { 0.0 };
            sum += model.weight;
            mean += model.weight * model.lag_s;
            sq += model.weight * square(model.lag_s);
        }
        for model in &mut self.models {
            model.weight /= sum;
        }
        mean /= sum;
        // The grid itself is uncertain by its own step.
        let variance = (sq / sum - mean * mean).max(0.0) + square(LAG_STEP_S) / 48.0;
        self.lag = Lag { mean_s: mean, sigma_s: variance.sqrt() };
    }
}

impl Model {
    fn new(lag_s: f64, log_likelihood: f64) -> Self {
        let b = OFFSET_SIGMA * OFFSET_SIGMA;
        let p = M5::from_diagonal(&V5::from([1e4, 1.0, 1.0, b, b]));
        Self { lag_s, x: V5::zeros(), p, log_likelihood, weight: 0.0, dormant: false, at: None }
    }

    /// What a row of measurement has for mean and variance.
    fn told(&self, h: &V5) -> (f64, f64) {
        (h.dot(&self.x), h.dot(&(self.p * h)))
    }

    /// The speed carried on to `now`, and its variance.
    fn speed_at(&self, now: &Sums) -> Option<(f64, f64)> {
        let at = self.at?;
        let dt = now.t_s - at.t_s;
        let (mean, variance) = self.told(&V5::from([1.0, now.along - at.along, now.across - at.across, dt, 0.0]));
        Some((mean, variance + SPEED_WALK * SPEED_WALK * dt))
    }

    fn yaw(&self) -> f64 {
        let [_, c, s, _, _] = self.x.data.0[0];
        libm::atan2(s, c)
    }

    fn yaw_variance(&self) -> f64 {
        let [_, c, s, _, _] = self.x.data.0[0];
        let square = c * c + s * s;
        let (pcc, pcs, pss) = (self.p[(1, 1)], self.p[(1, 2)], self.p[(2, 2)]);
        let variance = (s * s * pcc - 2.0 * c * s * pcs + c * c * pss) / (square * square).max(1e-6);
        variance.clamp(0.0, 4.0)
    }

    fn fix(&mut self, reading: &Reading, course_before: Option<f64>, now: Option<Sums>, dt: f64, fresh: bool) {
        let before = std::mem::replace(&mut self.at, now);
        let (Some(a), Some(b)) = (before, now) else { return self.restart(reading) };
        if fresh {
            return self.restart(reading);
        }
        self.log_likelihood *= 1.0 - (dt / MEMORY_S).min(1.0);
        // A receiver's errors last for about a second: faster fixes are no more evidence.
        let counts = dt.min(1.0);
        let (along, across, turned) = (b.along - a.along, b.across - a.across, b.turned - a.turned);
        let jump = [b.corrected[0] - a.corrected[0], b.corrected[1] - a.corrected[1]];
        self.predict(along, across, turned, dt, jump);
        let r = square(reading.sigma);
        if let (Some(c0), Some(c1)) = (course_before, reading.course)
            && reading.speed > COURSE_MIN_MPS
        {
            let off = wrap(c1 - c0 - turned) * reading.speed;
            let sigma2 = COURSE_STEP * r + 0.05 * (0.05 * reading.speed) * (0.05 * reading.speed) + 0.02 * dt;
            self.log_likelihood -= 0.5 * counts * (off * off / sigma2).min(WORST_CHI2);
        }
        let h = V5::from([1.0, 0.0, 0.0, 0.0, 0.0]);
        let (chi2, s) = self.update(&h, reading.speed - self.x[0], r);
        self.log_likelihood -= 0.5 * counts * (chi2.min(WORST_CHI2) + libm::log(s / r));
        if reading.speed > LATERAL_MIN_MPS {
            let [v, c, s, _, b2] = self.x.data.0[0];
            let off = v * turned - (c * across - s * along + b2 * dt);
            let slip = 0.1 * v * turned;
            let r = LATERAL_SIGMA * LATERAL_SIGMA * dt + slip * slip;
            self.update(&V5::from([-turned, across, -along, 0.0, dt]), off, r);
        }
        self.shorten();
    }

    /// The direction has length 1. Said only of a direction that is clear already, because it is not linear.
    fn shorten(&mut self) {
        let [_, c, s, _, _] = self.x.data.0[0];
        let length = (c * c + s * s).sqrt();
        if length > 0.5 && length < 2.0 && self.yaw_variance() < CLEAR_RAD * CLEAR_RAD {
            let h = V5::from([0.0, c / length, s / length, 0.0, 0.0]);
            self.update(&h, 1.0 - length, LENGTH_SIGMA * LENGTH_SIGMA);
        }
    }

    /// A speed without an integral to compare it with.
    fn restart(&mut self, reading: &Reading) {
        self.x[0] = reading.speed;
        self.p.row_mut(0).fill(0.0);
        self.p.column_mut(0).fill(0.0);
        self.p[(0, 0)] = square(reading.sigma);
    }

    fn predict(&mut self, along: f64, across: f64, turned: f64, dt: f64, jump: [f64; 2]) {
        let [_, c, s, b1, _] = self.x.data.0[0];
        self.x[0] += c * along + s * across + b1 * dt;
        // What a correction of up has added to the force is missing from the offsets.
        let [j0, j1] = jump;
        self.x[3] -= c * j0 + s * j1;
        self.x[4] -= c * j1 - s * j0;
        for _ in 0..2 {
            let add = self.p.column(1) * along + self.p.column(2) * across + self.p.column(3) * dt;
            let mut column = self.p.column_mut(0);
            column += add;
            self.p.transpose_mut();
        }
        let offset =
            OFFSET_WALK * OFFSET_WALK * dt + square(OFFSET_TURN * turned) + JUMP_DOUBT * (square(j0) + square(j1));
        for (i, q) in
            [SPEED_WALK * SPEED_WALK * dt, MOUNT_WALK * MOUNT_WALK * dt, MOUNT_WALK * MOUNT_WALK * dt, offset, offset]
                .into_iter()
                .enumerate()
        {
            self.p[(i, i)] += q;
        }
    }

    /// Returns χ² and the variance of the innovation.
    fn update(&mut self, h: &V5, innovation: f64, r: f64) -> (f64, f64) {
        let ph = self.p * h;
        let s = ph.dot(h) + r;
        if s.is_nan() || s <= 0.0 || !innovation.is_finite() {
            return (0.0, r);
        }
        let gain = ph / s;
        self.x += gain * innovation;
        for j in 0..5 {
            let (gj, pj) = (gain[j], ph[j]);
            let mut column = self.p.column_mut(j);
            column.axpy(s * gj - pj, &gain, 1.0);
            column.axpy(-gj, &ph, 1.0);
        }
        self.p.fill_lower_triangle_with_upper_triangle();
        (innovation * innovation / s, s)
    }
}

fn square(x: f64) -> f64 {
    x * x
}

/// A symmetric matrix in a snapshot: its upper triangle.
mod triangle {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::M5;

    pub fn serialize<S: Serializer>(p: &M5, to: S) -> Result<S::Ok, S::Error> {
        let mut upper = [0.0; 15];
        let places = (0..5).flat_map(|j| (0..=j).map(move |i| (i, j)));
        upper.iter_mut().zip(places).for_each(|(x, place)| *x = p[place]);
        upper.serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<M5, D::Error> {
        let upper = <[f64; 15]>::deserialize(from)?;
        let mut p = M5::zeros();
        let places = (0..5).flat_map(|j| (0..=j).map(move |i| (i, j)));
        upper.iter().zip(places).for_each(|(x, place)| p[place] = *x);
        p.fill_lower_triangle_with_upper_triangle();
        Ok(p)
    }
}

/// An angle brought to −π … π.
pub fn wrap(angle_rad: f64) -> f64 {
    const TURN: f64 = 2.0 * core::f64::consts::PI;
    angle_rad - TURN * (angle_rad / TURN).round()
}
