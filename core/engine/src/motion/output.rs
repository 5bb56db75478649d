//! What the estimate says outside: degrees, sigmas, the state at a time, points of the track.

use super::estimator::{Attitude, Estimator};
use super::filter::{AL, BA, E1, E2, PE, PN, V};
use super::location::Known;
use super::{Acceleration, Direction, GnssLag, State};
use crate::contract::TrackPoint;
use crate::geo::RAD_PER_DEG;
use crate::num::{G_MPS2, wrap_360};
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
        let known = || self.location.at(t_s, self.lag_s(), self.known_position_lag_s());
        let Some(a) = self.live(t_s) else {
            self.by_location(&mut state, known());
            return state;
        };
        let (e1, e2) = (a.filter.variance(E1), a.filter.variance(E2));
        state.up = Some(Direction { axis: a.head.up, sigma_deg: (e1 + e2).sqrt() / RAD_PER_DEG });
        if a.filter.driving {
            self.by_filter(&mut state, a, t_s);
        } else {
            let known = known();
            self.by_location(&mut state, known);
            self.shown(&mut state, a, known);
        }
        state
    }

    fn by_location(&self, state: &mut State, known: Option<Known>) {
        let (Some(plane), Some(known)) = (self.plane, known) else { return };
        state.position = Some(plane.to_degrees(known.east, known.north));
        state.position_sigma_m = Some(known.position_sigma);
        state.speed_mps = known.speed;
        state.speed_sigma_mps = known.speed.map(|_| known.speed_sigma);
        state.heading_deg = known.psi.map(heading_deg);
    }

    /// Accelerations that the fixes show, before the forward axis is known.
    fn shown(&self, state: &mut State, a: &Attitude, known: Option<Known>) {
        let Some(known) = known else { return };
        let (Some(long), Some(speed)) = (known.slope, known.speed) else { return };
        let felt = a.head.felt(&a.cell);
        state.acceleration = Some(Acceleration {
            long_mps2: long,
            lat_mps2: speed * felt.yaw_rate.unwrap_or(0.0),
            vert_mps2: felt.vert,
            sigma_mps2: 1.0,
        });
    }

    fn by_filter(&self, state: &mut State, a: &Attitude, t_s: f64) {
        let (f, n) = (&a.filter, &a.head);
        let delay = self.cell_t_s.map_or(0.0, |c| c - a.filter_t_s).max(0.0);
        let ahead = (t_s - self.cell_t_s.unwrap_or(t_s)).clamp(0.0, 1.5);
        let (cos, sin) = n.course;
        if let Some(plane) = self.plane {
            let run = n.speed * ahead;
            state.position = Some(plane.to_degrees(n.east + run * cos, n.north + run * sin));
        }
        let acceleration_variance = self.acceleration_variance(f);
        let speed_variance =
            f.variance(V) + 2.0 * delay * self.speed_with_acceleration(f) + delay * delay * acceleration_variance;
        let speed_sigma = speed_variance.max(1e-4).sqrt();
        state.position_sigma_m = Some((f.variance(PE) + f.variance(PN) + delay * delay * speed_variance).sqrt());
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
            sigma_mps2: (acceleration_variance + CELL_NOISE_MPS2 * CELL_NOISE_MPS2).sqrt(),
        });
        state.fwd = Some(Direction { axis: n.fwd, sigma_deg: f.variance(AL).sqrt() / RAD_PER_DEG });
    }

    /// Of the forward acceleration's slow error: tilt and bias together, which fixes see.
    fn acceleration_variance(&self, f: &super::filter::Filter) -> f64 {
        let mut variance = G_MPS2 * G_MPS2 * f.variance(E1);
        let axes = f.nominal.fwd.into_iter().enumerate();
        for (i, fi) in axes.clone() {
            variance += 2.0 * G_MPS2 * fi * f.covariance(E1, BA + i);
            for (j, fj) in axes.clone() {
                variance += fi * fj * f.covariance(BA + i, BA + j);
            }
        }
        variance.max(1e-6)
    }

    fn speed_with_acceleration(&self, f: &super::filter::Filter) -> f64 {
        let bias: f64 = f.nominal.fwd.into_iter().enumerate().map(|(i, fi)| fi * f.covariance(V, BA + i)).sum();
        -G_MPS2 * f.covariance(V, E1) - bias
    }

    fn lag_s(&self) -> f64 {
        let lag = self.bank.lag();
        // Better a likely lag than none; without IMU nothing can tell.
        if self.bank.used() > 0 { lag.mean_s } else { 0.0 }
    }

    /// Of positions, as soon as anything was seen of it.
    fn known_position_lag_s(&self) -> f64 {
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

    /// Hands out what nothing later can change.
    pub fn take_track(&mut self, out: &mut Vec<TrackPoint>) {
        out.append(&mut self.given);
    }

    /// Hands out everything.
    pub fn flush_track(&mut self, out: &mut Vec<TrackPoint>) {
        out.append(&mut self.given);
        let (Some(plane), Some(epoch)) = (self.plane, self.epoch) else { return };
        self.smoother.flush(|s| {
            out.push(TrackPoint {
                t: epoch.plus(s.t_s),
                position: plane.to_degrees(s.east, s.north),
                speed_mps: s.speed,
            });
        });
    }
}

fn heading_deg(psi: f64) -> f64 {
    wrap_360(90.0 - psi / RAD_PER_DEG)
}
