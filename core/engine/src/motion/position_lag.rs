//! How late the receiver's position is, apart from its speed: steps of the position from fix to fix against the path
//! that the vehicle drove, at every lag. The receiver's own error moves slowly, so steps show metres where places do
//! not. Phones differ: half of them give the position of now with the speed of a second ago.

use serde::{Deserialize, Serialize};

use super::history::{History, Sums};

/// Lags that are tried, s.
const LAGS: usize = 13;
const LAG_STEP_S: f64 = 0.2;
/// Before anything is seen: the position is one of now, or as late as the speed, or between. Chances and widths.
const PRIOR: [f64; 3] = [0.45, 0.45, 0.1];
const PRIOR_WIDTH_S: f64 = 0.2;
/// Noise of a step: of each fix alone, and of the slow error per second, m².
const STEP_NOISE_M2: f64 = 1.0;
const STEP_WALK_M2: f64 = 0.3;
/// Relative error of the path.
const PATH_ERROR: f64 = 0.03;
/// No single step counts more.
const WORST_CHI2: f64 = 9.0;
/// Below this logarithm a lag has no weight.
const HOPELESS: f64 = -30.0;
/// Memory, s.
const MEMORY_S: f64 = 900.0;
/// Steps of this length hide what is looked for.
const MAX_INTERVAL_S: f64 = 10.0;
/// Fixes worse than this say nothing.
const MAX_SIGMA_M: f64 = 20.0;

/// The likelihood of each lag.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PositionLag {
    lags: Vec<Candidate>,
    last: Option<(f64, f64, f64)>,
    mean_s: f64,
    sigma_s: f64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Candidate {
    log_likelihood: f64,
    at: Option<Sums>,
}

impl Default for PositionLag {
    fn default() -> Self {
        Self { lags: vec![Candidate::default(); LAGS], last: None, mean_s: 0.0, sigma_s: 1.0 }
    }
}

impl PositionLag {
    /// Takes the next position, in metres, of a vehicle whose path is known.
    pub fn fix(
        &mut self,
        t_s: f64,
        east: f64,
        north: f64,
        sigma: f64,
        speed_sigma: f64,
        speed_lag_s: f64,
        history: &History,
    ) {
        let sums = history.sums_at(std::array::from_fn::<f64, LAGS, _>(|i| t_s - i as f64 * LAG_STEP_S));
        let last = self.last.replace((t_s, east, north));
        let step = last.map(|(t, e, n)| (t_s - t, east - e, north - n)).filter(|s| s.0 < MAX_INTERVAL_S);
        let all = self.lags.iter().zip(&sums).all(|(c, now)| c.at.is_some() && now.is_some());
        for (candidate, now) in self.lags.iter_mut().zip(sums) {
            let before = std::mem::replace(&mut candidate.at, now);
            let (Some((dt, de, dn)), Some(a), Some(b)) = (step, before, now) else { continue };
            if !all || sigma > MAX_SIGMA_M || dt < 0.05 {
                continue;
            }
            let (pe, pn) = (b.east - a.east, b.north - a.north);
            let (oe, on) = (de - pe, dn - pn);
            let run = speed_sigma * dt;
            let noise = run * run
                + STEP_NOISE_M2 * (dt / (dt + 0.3))
                + STEP_WALK_M2 * dt
                + PATH_ERROR * PATH_ERROR * (pe * pe + pn * pn);
            candidate.log_likelihood *= 1.0 - (dt / MEMORY_S).min(1.0);
            candidate.log_likelihood -= 0.5 * ((oe * oe + on * on) / noise).min(WORST_CHI2);
        }
        self.weigh(speed_lag_s);
    }

    fn weigh(&mut self, speed_lag_s: f64) {
        let top = self.lags.iter().map(|c| c.log_likelihood).fold(f64::NEG_INFINITY, f64::max);
        let [now, with_speed, between] = PRIOR;
        let near = |d: f64| {
            let z = 1.0 + (d / PRIOR_WIDTH_S) * (d / PRIOR_WIDTH_S);
            1.0 / (z * z)
        };
        let (mut sum, mut mean, mut square) = (0.0, 0.0, 0.0);
        for (i, candidate) in self.lags.iter_mut().enumerate() {
            candidate.log_likelihood -= top;
            let lag = i as f64 * LAG_STEP_S;
            let prior = now * near(lag) + with_speed * near(lag - speed_lag_s) + between * LAG_STEP_S;
            if candidate.log_likelihood < HOPELESS {
                continue;
            }
            let weight = prior * libm::exp(candidate.log_likelihood);
            sum += weight;
            mean += weight * lag;
            square += weight * lag * lag;
        }
        mean /= sum;
        self.mean_s = mean;
        self.sigma_s = ((square / sum - mean * mean).max(0.0) + LAG_STEP_S * LAG_STEP_S / 48.0).sqrt();
    }

    /// The path broke.
    pub fn hole(&mut self) {
        self.last = None;
        for candidate in &mut self.lags {
            candidate.at = None;
        }
    }

    /// Mean and sigma, once something is known.
    pub fn lag(&self) -> (f64, f64) {
        (self.mean_s, self.sigma_s)
    }

    /// The map was moved.
    pub fn shift(&mut self, east: f64, north: f64) {
        if let Some((_, e, n)) = &mut self.last {
            *e += east;
            *n += north;
        }
    }
}
