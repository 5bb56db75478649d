//! What the estimate says outside: degrees, sigmas, the state at a time, points of the track.

use super::estimator::{Attitude, Estimator};
use super::filter::{AL, E1, E2, Slow, V, coast_tilt};
use super::location::Known;
use super::{Acceleration, Direction, GnssLag, State};
use crate::geo::RAD_PER_DEG;
use crate::num::{axpy, cross, dot, wrap_360};
use crate::sample::MonoTime;

/// A lag counts as known below this sigma, s.
const LAG_KNOWN_S: f64 = 0.25;
/// Heading is kept below this speed, and unknown before it was ever reached.
const MOVING_MPS: f64 = 0.5;
/// Noise of a cell's acceleration, m/s²: vibration that the mean of a cell leaves.
const CELL_NOISE_MPS2: f64 = 0.1;

impl Estimator {
    /// What is known at `t`.
    pub fn state(&self, t: MonoTime) -> State {
        let t_s = self.epoch.map_or(0.0, |epoch| t.since(epoch));
        let mut state = State { t, ..State::default() };
        self.place(&mut state, t_s);
        let known = || self.location.at(t_s, self.lag_s());
        let Some(a) = self.live(t_s) else {
            self.by_location(&mut state, known());
            self.remembered(&mut state, t_s);
            return state;
        };
        let (e1, e2) = (a.filter.variance(E1), a.filter.variance(E2));
        state.up = Some(Direction { axis: a.head.up, sigma_deg: (e1 + e2).sqrt() / RAD_PER_DEG });
        if a.filter.driving {
            self.by_filter(&mut state, a);
        } else {
            let known = known();
            self.by_location(&mut state, known);
            self.shown(&mut state, a, known);
        }
        state
    }

    /// The IMU is silent for a while: the phone is where it was, only the road may lie otherwise.
    fn remembered(&self, state: &mut State, t_s: f64) {
        let Some(silent_s) = self.cell_t_s.map(|cell| t_s - cell) else { return };
        let Some(a) = self.attitude.as_ref().filter(|_| self.stays_within(silent_s)) else { return };
        let tilt = a.filter.variance(E1) + a.filter.variance(E2) + 2.0 * coast_tilt(silent_s);
        state.up = Some(Direction { axis: a.head.up, sigma_deg: tilt.sqrt() / RAD_PER_DEG });
        if a.filter.driving {
            state.fwd = Some(Direction { axis: a.head.fwd, sigma_deg: a.filter.variance(AL).sqrt() / RAD_PER_DEG });
        }
    }

    fn by_location(&self, state: &mut State, known: Option<Known>) {
        let Some(known) = known else { return };
        state.speed_mps = known.speed;
        state.speed_sigma_mps = known.speed.map(|_| known.speed_sigma);
        state.heading_deg = known.psi.map(heading_deg);
    }

    /// Speed and acceleration before the forward axis is known: what the fixes show and what the bank makes of the force,
    /// each with the weight that its variance gives it.
    fn shown(&self, state: &mut State, a: &Attitude, known: Option<Known>) {
        let Some(known) = known else { return };
        let (Some(slope), Some(speed)) = (known.slope, known.speed) else { return };
        let felt = a.head.felt(&a.cell);
        let mut speed = (speed, known.speed_sigma * known.speed_sigma);
        let mut long = (slope, known.slope_variance);
        if let Some(guess) = self.bank.guess(&self.history, self.level(a)) {
            speed = weighed(speed, guess.speed);
            long = weighed(long, guess.long);
        }
        state.speed_mps = Some(speed.0.max(0.0));
        state.speed_sigma_mps = Some(speed.1.sqrt());
        state.acceleration = Some(Acceleration {
            long_mps2: long.0,
            lat_mps2: speed.0 * felt.yaw_rate.unwrap_or(0.0),
            vert_mps2: felt.vert,
            sigma_mps2: (long.1 + CELL_NOISE_MPS2 * CELL_NOISE_MPS2).sqrt(),
        });
    }

    /// Horizontal force of the newest cell along the basis and to its left.
    pub(super) fn level(&self, a: &Attitude) -> [f64; 2] {
        let force = axpy(a.cell.force, -1.0, a.head.force_bias);
        [dot(force, a.basis), dot(force, cross(a.head.up, a.basis))]
    }

    fn by_filter(&self, state: &mut State, a: &Attitude) {
        let (f, n) = (&a.filter, &a.head);
        let delay = self.cell_t_s.map_or(0.0, |c| c - a.filter_t_s).max(0.0);
        let Slow { variance: slow_variance, with_speed } = f.slow;
        let speed_variance = f.variance(V) + 2.0 * delay * with_speed + delay * delay * slow_variance;
        let speed_sigma = speed_variance.max(1e-4).sqrt();
        state.speed_mps = Some(n.speed.max(0.0));
        state.speed_sigma_mps = Some(speed_sigma);
        if n.speed > MOVING_MPS || a.filter.driving {
            state.heading_deg = Some(heading_deg(n.psi));
        }
        let felt = n.felt(&a.cell);
        state.acceleration = Some(Acceleration {
            long_mps2: felt.long,
            lat_mps2: felt.lat,
            vert_mps2: felt.vert,
            sigma_mps2: (slow_variance + CELL_NOISE_MPS2 * CELL_NOISE_MPS2).sqrt(),
        });
        state.fwd = Some(Direction { axis: n.fwd, sigma_deg: f.variance(AL).sqrt() / RAD_PER_DEG });
    }

    fn lag_s(&self) -> f64 {
        let lag = self.bank.lag();
        // Better a likely lag than none; without IMU nothing can tell.
        if self.bank.used() > 0 { lag.mean_s } else { 0.0 }
    }

    /// Of positions, as soon as anything was seen of it.
    pub(super) fn known_position_lag_s(&self) -> f64 {
        let (mean, sigma) = self.position_lag.lag();
        if sigma < LAG_KNOWN_S { mean } else { 0.0 }
    }

    /// The receiver's lag, as far as it was found.
    pub fn gnss_lag(&self) -> GnssLag {
        let lag = self.bank.lag();
        let known = lag.sigma_s < LAG_KNOWN_S;
        let (position, sigma) = self.position_lag.lag();
        GnssLag { speed_s: known.then_some(lag.mean_s), position_s: (sigma < LAG_KNOWN_S).then_some(position) }
    }
}

/// Two estimates (mean and variance) of the same.
fn weighed(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    let k = a.1 / (a.1 + b.1);
    (a.0 + k * (b.0 - a.0), k * b.1)
}

pub(super) fn heading_deg(psi: f64) -> f64 {
    wrap_360(90.0 - psi / RAD_PER_DEG)
}
