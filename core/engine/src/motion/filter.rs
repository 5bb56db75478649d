//! The error-state Kalman filter: how uncertain each part of [`Nominal`] is, how that grows, and how a scalar
//! measurement corrects both. What is measured when is left to `updates`.
//!
//! Errors are true minus estimated. With e₁ and e₂ the tilt of up towards forward and left, b the biases, α the yaw of
//! the forward axis and r the yaw rate: ė₁ = r·e₂ + left·b_gyro, ė₂ = −r·e₁ − fwd·b_gyro,
//! v̇ = −g·e₁ + a_lat·α − fwd·b_force, ψ̇ = −up·b_gyro (error-state form: Solà 2017, arXiv:1711.02508). Updates are
//! scalar and in Joseph form (Bucy & Joseph 1968), so that the covariance stays symmetric and positive.

#![expect(clippy::indexing_slicing, reason = "fixed-size matrices, every index is a constant below their size")]

use nalgebra::{ArrayStorage, SMatrix};
use serde::{Deserialize, Serialize};

use super::history::Stride;
use super::strapdown::{Felt, Nominal};
use crate::num::{G_MPS2, Vec3, axpy};

/// Number of states.
pub const N: usize = 11;
/// Tilt of up towards forward.
pub const E1: usize = 0;
/// Tilt of up towards left.
pub const E2: usize = 1;
/// Gyroscope bias x; y and z follow.
pub const BG: usize = 2;
/// Accelerometer bias x; y and z follow.
pub const BA: usize = 5;
/// Yaw of the forward axis about up.
pub const AL: usize = 8;
/// Speed.
pub const V: usize = 9;
/// Heading.
pub const PSI: usize = 10;

/// Cells between two steps of the covariance: it moves slowly, and this is the dear part.
const CELLS_PER_STEP: u32 = 8;
/// Random walk of tilt, rad/√s: phone gyroscope noise, with what vibration rectifies.
const TILT_WALK: f64 = 0.0004;
/// The same where samples come too slowly to integrate (aliasing).
const TILT_WALK_SLOW: f64 = 0.002;
/// And without a gyroscope: the slope of a road changes by degrees within some seconds.
const TILT_WALK_BLIND: f64 = 0.012;
/// Random walk of the gyroscope bias, rad/s/√s: about 0.1 °/s in an hour.
const GYRO_BIAS_WALK: f64 = 3e-5;
/// Random walk of the accelerometer bias, m/s²/√s.
const FORCE_BIAS_WALK: f64 = 2e-4;
/// Random walk of the mount, rad/√s: a phone that creeps by a degree in two minutes is followed.
const MOUNT_WALK: f64 = 1e-3;
/// Random walk of speed, m/s/√s: vibration and what the box filter leaves.
const SPEED_WALK: f64 = 0.06;
/// The same where samples come too slowly: vibration is aliased.
const SPEED_WALK_SLOW: f64 = 0.12;
/// Random walk of heading, rad/√s: slip, and the phone's own yaw in its mount.
const HEADING_WALK: f64 = 0.0015;
/// The same without a gyroscope.
const HEADING_WALK_BLIND: f64 = 0.05;
/// Cells longer than this cannot be integrated well.
pub const SLOW_CELL_S: f64 = 0.06;

/// The tilt at the start is taken no surer than this (bias of the accelerometer), rad.
const START_TILT_RAD: f64 = 0.006;
/// What the road does to the tilt while no sample comes, and within what time.
const COAST_TILT_RAD: f64 = 0.04;
const COAST_TILT_S: f64 = 5.0;
/// What a driver does to speed and heading meanwhile.
const COAST_MPS2: f64 = 0.8;
const COAST_MPS: f64 = 10.0;
const COAST_RAD_S: f64 = 0.05;

/// Prior of the gyroscope bias, rad/s.
const GYRO_BIAS_SIGMA: f64 = 0.008;
/// Prior of the accelerometer bias, m/s².
const FORCE_BIAS_SIGMA: f64 = 0.06;

type Covariance = SMatrix<f64, N, N>;
type Row = [f64; N];

/// What a measurement did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// Square of the innovation over its variance.
    pub chi2: f64,
    /// Whether it was taken.
    pub taken: bool,
}

/// Mean and covariance at one time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Filter {
    /// The mean.
    pub nominal: Nominal,
    p: Covariance,
    /// The forward axis, speed, heading and position are estimated too.
    pub driving: bool,
    pending: Pending,
    /// As it was when it was last [weighed](Self::weigh).
    pub slow: Slow,
}

/// The slow error of the forward acceleration, tilt and bias together, which fixes see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Slow {
    /// Its variance.
    pub variance: f64,
    /// Its covariance with the speed.
    pub with_speed: f64,
}

/// What happened since the covariance was stepped last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Pending {
    cells: u32,
    dt: f64,
    turned: f64,
    lat_dt: f64,
    long_dt: f64,
    /// Variance of the angle turned that comes from vibration.
    angle_noise: f64,
    slow: bool,
    blind: bool,
}

/// Means over the cells of one step of the covariance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// Its length.
    pub dt_s: f64,
    /// Mean forward acceleration.
    pub long: f64,
    /// Mean acceleration to the left.
    pub lat: f64,
    /// Mean yaw rate; `None` without a gyroscope.
    pub yaw_rate: Option<f64>,
    /// Variance of the yaw rate that comes from vibration.
    pub yaw_noise: f64,
}

impl Filter {
    /// Up is known to `tilt_sigma_rad` about each axis, nothing else.
    pub fn new(nominal: Nominal, tilt_sigma_rad: f64) -> Self {
        let mut p = Covariance::zeros();
        for (i, sigma) in [(E1, tilt_sigma_rad), (E2, tilt_sigma_rad)] {
            p[(i, i)] = sigma * sigma;
        }
        for i in 0..3 {
            p[(BG + i, BG + i)] = GYRO_BIAS_SIGMA * GYRO_BIAS_SIGMA;
            p[(BA + i, BA + i)] = FORCE_BIAS_SIGMA * FORCE_BIAS_SIGMA;
        }
        Self { nominal, p, driving: false, pending: Pending::default(), slow: Slow::default() }
    }

    /// Variance of a state.
    pub fn variance(&self, i: usize) -> f64 {
        self.p[(i, i)].max(0.0)
    }

    /// Brings [`Filter::slow`] up to the covariance. A state is asked for far more often than that changes.
    pub fn weigh(&mut self) {
        let (p, fwd) = (&self.p, self.nominal.fwd);
        let mut variance = G_MPS2 * G_MPS2 * self.variance(E1);
        let mut with_speed = -G_MPS2 * p[(V, E1)];
        for (i, fi) in fwd.into_iter().enumerate() {
            variance += 2.0 * G_MPS2 * fi * p[(E1, BA + i)];
            with_speed -= fi * p[(V, BA + i)];
            for (j, fj) in fwd.into_iter().enumerate() {
                variance += fi * fj * p[(BA + i, BA + j)];
            }
        }
        self.slow = Slow { variance: variance.max(1e-6), with_speed };
    }

    /// Moves through a cell or two. Every few cells the covariance follows, and the means since are returned.
    pub fn step(&mut self, stride: &Stride) -> Option<Span> {
        let cell = &stride.cell;
        self.nominal.turn(cell);
        let felt = self.nominal.felt(cell);
        if self.driving {
            self.nominal.drive(&felt, cell.dt_s);
        }
        self.pend(stride, &felt);
        if self.pending.cells < CELLS_PER_STEP && self.pending.dt < 0.3 {
            return None;
        }
        self.settle()
    }

    fn pend(&mut self, stride: &Stride, felt: &Felt) {
        let (p, dt_s) = (&mut self.pending, stride.cell.dt_s);
        p.cells += stride.cells;
        p.dt += dt_s;
        p.turned += felt.yaw_rate.unwrap_or(0.0) * dt_s;
        p.lat_dt += felt.lat * dt_s;
        p.long_dt += felt.long * dt_s;
        p.angle_noise += stride.rate_noise * dt_s * dt_s;
        p.slow |= dt_s > f64::from(stride.cells) * SLOW_CELL_S;
        p.blind |= felt.yaw_rate.is_none();
    }

    /// Brings the covariance up to the mean.
    pub fn settle(&mut self) -> Option<Span> {
        let q = std::mem::take(&mut self.pending);
        if q.dt <= 0.0 {
            return None;
        }
        self.propagate(&q);
        let k = 1.0 / q.dt;
        let yaw_rate = (!q.blind).then_some(q.turned * k);
        Some(Span { dt_s: q.dt, long: q.long_dt * k, lat: q.lat_dt * k, yaw_rate, yaw_noise: q.angle_noise * k * k })
    }

    fn propagate(&mut self, q: &Pending) {
        // Φ P Φᵀ: P Φᵀ mixes columns, row by row, and then Φ from the left mixes rows, column by column.
        let phi = Transition::of(&self.nominal, q);
        let Covariance { data: ArrayStorage(columns), .. } = &mut self.p;
        for row in 0..N {
            let mut x = [0.0; N];
            for (x, column) in x.iter_mut().zip(columns.iter()) {
                *x = column[row];
            }
            let mixed = phi.mix(&x, self.driving);
            for (column, x) in columns.iter_mut().zip(&mixed) {
                column[row] = *x;
            }
        }
        for column in columns {
            *column = phi.mix(column, self.driving);
        }
        let p = &mut self.p;
        let mut widen = |i: usize, walk: f64| p[(i, i)] += walk * walk * q.dt;
        let tilt = if q.blind {
            TILT_WALK_BLIND
        } else if q.slow {
            TILT_WALK_SLOW
        } else {
            TILT_WALK
        };
        widen(E1, tilt);
        widen(E2, tilt);
        for i in 0..3 {
            widen(BG + i, GYRO_BIAS_WALK);
            widen(BA + i, FORCE_BIAS_WALK);
        }
        if self.driving {
            widen(AL, MOUNT_WALK);
            widen(V, if q.slow { SPEED_WALK_SLOW } else { SPEED_WALK });
            widen(PSI, if q.blind { HEADING_WALK_BLIND } else { HEADING_WALK });
        }
        p[(E1, E1)] += q.angle_noise;
        p[(E2, E2)] += q.angle_noise;
        if self.driving {
            p[(PSI, PSI)] += q.angle_noise;
        }
        self.symmetrise();
    }

    /// Makes both triangles the same again. No measurement ever shrinks what rounding leaves between them, and every
    /// turn of the vehicle makes it grow: after some hours of driving the covariance would no longer be one.
    fn symmetrise(&mut self) {
        for j in 1..N {
            for i in 0..j {
                let mean = 0.5 * (self.p[(i, j)] + self.p[(j, i)]);
                self.p[(i, j)] = mean;
                self.p[(j, i)] = mean;
            }
        }
    }

    /// A scalar measurement: `innovation` = measured − predicted ≈ Σ h·error + noise of `variance`. Taken unless its χ²
    /// is above `gate`.
    pub fn update(&mut self, h: &[(usize, f64)], innovation: f64, variance: f64, gate: f64) -> Outcome {
        let Covariance { data: ArrayStorage(columns), .. } = &mut self.p;
        let mut ph = [0.0; N];
        for &(i, k) in h {
            for (x, p) in ph.iter_mut().zip(&columns[i]) {
                *x += k * p;
            }
        }
        let s = h.iter().map(|&(i, k)| k * ph[i]).sum::<f64>() + variance;
        if s.is_nan() || s <= 0.0 || !innovation.is_finite() {
            return Outcome { chi2: f64::INFINITY, taken: false };
        }
        let chi2 = innovation * innovation / s;
        if chi2 > gate {
            return Outcome { chi2, taken: false };
        }
        let gain = ph.map(|x| x / s);
        // Joseph form of a scalar: P − K·(PHᵀ)ᵀ − (PHᵀ)·Kᵀ + K·s·Kᵀ.
        for (column, (gj, pj)) in columns.iter_mut().zip(gain.iter().zip(&ph)) {
            let k = s * gj - pj;
            for (x, (gi, pi)) in column.iter_mut().zip(gain.iter().zip(&ph)) {
                *x = *x + k * gi - gj * pi;
            }
        }
        self.correct(&gain.map(|g| g * innovation));
        Outcome { chi2, taken: true }
    }

    fn correct(&mut self, d: &Row) {
        let n = &mut self.nominal;
        n.up = axpy(axpy(n.up, d[E1], n.fwd), d[E2], n.left);
        if self.driving {
            n.fwd = axpy(n.fwd, d[AL], n.left);
            n.speed += d[V];
            n.head_for(n.psi + d[PSI]);
        }
        n.gyro_bias = add(n.gyro_bias, [d[BG], d[BG + 1], d[BG + 2]]);
        n.force_bias = add(n.force_bias, [d[BA], d[BA + 1], d[BA + 2]]);
        n.square_up();
    }

    /// Time passes without samples: speed and heading hold as far as they do, the tilt as far as the road does. Returns
    /// one sigma of the displacement.
    pub fn coast(&mut self, seconds: f64) -> f64 {
        self.settle();
        let tilt = coast_tilt(seconds);
        self.inflate(E1, tilt);
        self.inflate(E2, tilt);
        if !self.driving {
            return 0.0;
        }
        let n = &mut self.nominal;
        let (cos, sin) = n.course;
        n.east += n.speed * seconds * cos;
        n.north += n.speed * seconds * sin;
        let dv = (COAST_MPS2 * seconds).min(COAST_MPS);
        let dpsi = (COAST_RAD_S * seconds).min(1.5);
        self.inflate(V, dv * dv);
        self.inflate(PSI, dpsi * dpsi);
        (dv + self.nominal.speed * dpsi) * seconds * 0.577
    }

    /// Adds to the variance of a state.
    pub fn inflate(&mut self, i: usize, variance: f64) {
        self.p[(i, i)] += variance;
    }

    /// Starts the vehicle's part: the forward axis lies `yaw_rad` to the left of the one so far.
    pub fn start_driving(&mut self, yaw_rad: f64, start: &Start) {
        self.turn_tilt(yaw_rad);
        self.nominal.yaw_mount(yaw_rad);
        self.nominal.speed = start.speed;
        self.nominal.head_for(start.psi);
        self.driving = true;
        for (i, offset, sigma) in
            [(E1, start.offset[0], start.offset_sigma[0]), (E2, start.offset[1], start.offset_sigma[1])]
        {
            let tilt = (sigma / G_MPS2).max(START_TILT_RAD);
            if tilt * tilt < self.variance(i) {
                self.update(&[(i, 1.0)], -offset / G_MPS2, tilt * tilt, f64::INFINITY);
            }
        }
        self.forget(AL, start.yaw_sigma);
        self.forget(V, start.speed_sigma);
        self.forget(PSI, start.psi_sigma);
        self.weigh();
    }

    /// Drops the vehicle's part; tilt and biases stay.
    pub fn stop_driving(&mut self) {
        self.driving = false;
        self.nominal.speed = 0.0;
        for i in AL..N {
            self.forget(i, 0.0);
        }
    }

    /// Nothing is known of a state but its sigma.
    pub fn forget(&mut self, i: usize, sigma: f64) {
        self.p.row_mut(i).fill(0.0);
        self.p.column_mut(i).fill(0.0);
        self.p[(i, i)] = sigma * sigma;
    }

    /// The tilt's covariance in axes turned to the left.
    fn turn_tilt(&mut self, yaw_rad: f64) {
        let (sin, cos) = libm::sincos(yaw_rad);
        for _ in 0..2 {
            let (a, b) = (self.p.column(E1).clone_owned(), self.p.column(E2).clone_owned());
            self.p.set_column(E1, &(a * cos + b * sin));
            self.p.set_column(E2, &(b * cos - a * sin));
            self.p.transpose_mut();
        }
    }
}

/// Where the vehicle's part begins.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Start {
    /// Speed and its sigma.
    pub speed: f64,
    /// Of `speed`.
    pub speed_sigma: f64,
    /// Heading.
    pub psi: f64,
    /// Of `psi`.
    pub psi_sigma: f64,
    /// Of the forward axis.
    pub yaw_sigma: f64,
    /// What the horizontal force lacks forward and to the left, m/s².
    pub offset: [f64; 2],
    /// One sigma of each.
    pub offset_sigma: [f64; 2],
}

/// Variance of the tilt about each axis that comes from the road after so long without a sample.
pub fn coast_tilt(seconds: f64) -> f64 {
    COAST_TILT_RAD * COAST_TILT_RAD * (seconds / COAST_TILT_S).min(1.0)
}

fn add(a: Vec3, b: Vec3) -> Vec3 {
    axpy(a, 1.0, b)
}

/// How errors move on over a step: what of each is added to others.
struct Transition {
    fwd: Vec3,
    left: Vec3,
    up: Vec3,
    turned: f64,
    lat_dt: f64,
    g_dt: f64,
}

impl Transition {
    fn of(n: &Nominal, q: &Pending) -> Self {
        Self {
            fwd: n.fwd.map(|x| x * q.dt),
            left: n.left.map(|x| x * q.dt),
            up: n.up.map(|x| x * q.dt),
            turned: q.turned,
            lat_dt: q.lat_dt,
            g_dt: G_MPS2 * q.dt,
        }
    }

    #[inline]
    fn mix(&self, x: &Row, driving: bool) -> Row {
        let [e1, e2, g0, g1, g2, b0, b1, b2, al, v, psi] = *x;
        let ([f0, f1, f2], [l0, l1, l2], [u0, u1, u2]) = (self.fwd, self.left, self.up);
        let w = self.turned;
        let tilt1 = e1 + (e2 * w + g0 * l0 + g1 * l1 + g2 * l2);
        let tilt2 = e2 - (e1 * w + g0 * f0 + g1 * f1 + g2 * f2);
        if !driving {
            return [tilt1, tilt2, g0, g1, g2, b0, b1, b2, al, v, psi];
        }
        let speed = v + (al * self.lat_dt - e1 * self.g_dt - b0 * f0 - b1 * f1 - b2 * f2);
        let heading = psi + (-(g0 * u0) - g1 * u1 - g2 * u2);
        [tilt1, tilt2, g0, g1, g2, b0, b1, b2, al, speed, heading]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::motion::cell::Cell;

    #[test]
    fn given_three_hours_of_bends_the_covariance_is_still_one() {
        let mut filter = Filter::new(Nominal::from_force([0.0, 0.0, G_MPS2]), 0.02);
        let start = Start { speed: 10.0, speed_sigma: 0.2, yaw_sigma: 0.1, ..Start::default() };
        filter.start_driving(0.0, &start);
        for i in 0..270_000_i64 {
            let rate = Some([0.0, 0.0, if i % 1000 < 500 { 0.4 } else { -0.4 }]);
            let cell = Cell { dt_s: 0.04, force: [0.0, 0.0, G_MPS2], rate };
            filter.step(&Stride { t_s: 0.0, cell, cells: 1, rate_noise: 0.0, at_rest: false });
            if i % 25 == 0 {
                filter.update(&[(V, 1.0)], 0.0, 0.04, f64::INFINITY);
                filter.update(&[(PSI, 1.0)], 0.0, 0.04, f64::INFINITY);
            }
        }
        assert_eq!(filter.p, filter.p.transpose());
        for i in [E1, E2, V, PSI] {
            assert!((1e-5..1.0).contains(&filter.variance(i)), "{i}: {}", filter.variance(i));
        }
    }
}
