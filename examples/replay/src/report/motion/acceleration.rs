//! Longitudinal and lateral acceleration on an even grid, both sides through the same low-pass without delay. Unknown
//! counts as 0.

use milepost_engine::motion::State;
use milepost_sim::TrueState;

use crate::report::beside::{MAX_AGE_S, TRUTH_HZ};
use crate::report::low_pass::low_pass;
use crate::report::tally::Squares;

/// Of the grid.
const GRID_HZ: usize = 20;
const LOW_PASS_HZ: f64 = 1.0;
/// The ends of a drive do not count.
const ENDS: usize = GRID_HZ;
/// Nor does a second around a phone in a hand: so many points before and behind.
const BEFORE: usize = GRID_HZ;
const BEHIND: usize = GRID_HZ - 1;

/// Both series of a drive: two megabytes an hour.
#[derive(Default)]
pub struct Accelerations {
    steps: usize,
    start_s: f64,
    truth: [Vec<f64>; 2],
    loose: Vec<bool>,
    last: Option<(f64, [f64; 2])>,
    said: [Vec<f64>; 2],
    known: Vec<bool>,
}

impl Accelerations {
    /// What is true, each step after the one before.
    pub fn truth(&mut self, now: &TrueState) {
        if self.steps == 0 {
            self.start_s = now.t.seconds();
        }
        if self.steps.is_multiple_of(TRUTH_HZ / GRID_HZ) {
            let [long, lat] = &mut self.truth;
            long.push(now.a_long_mps2);
            lat.push(now.a_lat_mps2);
            self.loose.push(now.mount < 0);
        }
        self.steps += 1;
    }

    /// What the engine says, in order of time: the grid is filled up to it.
    pub fn row(&mut self, state: &State) {
        let Some(a) = state.acceleration else { return };
        let (t_s, now) = (state.t.seconds(), [a.long_mps2, a.lat_mps2]);
        let before = self.last.replace((t_s, now));
        let (from_s, then) = before.unwrap_or((t_s, now));
        let known = t_s - from_s <= MAX_AGE_S;
        loop {
            let at_s = self.start_s + self.known.len() as f64 / GRID_HZ as f64;
            if at_s > t_s {
                return;
            }
            let x = ((at_s - from_s) / (t_s - from_s).max(1e-9)).clamp(0.0, 1.0);
            let here = known && at_s >= from_s;
            for ((series, a), b) in self.said.iter_mut().zip(then).zip(now) {
                series.push(if here { a + x * (b - a) } else { 0.0 });
            }
            self.known.push(here);
        }
    }

    /// Errors of `(a_long, a_lat)`.
    pub fn finish(mut self) -> (Squares, Squares) {
        let n = self.loose.len();
        self.known.resize(n, false);
        let quiet: Vec<bool> = (0..n)
            .map(|i| {
                let hand = self.loose.iter().take(i + BEHIND + 1).skip(i.saturating_sub(BEFORE)).any(|l| *l);
                i > ENDS && i + ENDS < n && !hand
            })
            .collect();
        let [true_long, true_lat] = self.truth;
        let [long, lat] = self.said;
        let error = |said: Vec<f64>, truth: Vec<f64>| squares(said, &truth, &quiet, &self.known);
        (error(long, true_long), error(lat, true_lat))
    }
}

fn squares(mut said: Vec<f64>, truth: &[f64], quiet: &[bool], known: &[bool]) -> Squares {
    let mut squares = Squares::default();
    said.resize(truth.len(), 0.0);
    // The filter is linear: the difference of two is that of the difference.
    let error: Vec<f64> = said.iter().zip(truth).map(|(a, b)| a - b).collect();
    let Some(error) = low_pass(&error, LOW_PASS_HZ, GRID_HZ as f64) else { return squares };
    for ((e, known), _) in error.into_iter().zip(known).zip(quiet).filter(|(_, quiet)| **quiet) {
        squares.add(e, 1.0 / GRID_HZ as f64, *known);
    }
    squares
}

#[cfg(test)]
mod tests {
    use milepost_engine::geo::LatLon;
    use milepost_engine::motion::Acceleration;
    use milepost_engine::sample::MonoTime;

    use super::*;

    fn truth(t_s: f64, mount: i32) -> TrueState {
        TrueState {
            t: MonoTime::from_seconds(t_s),
            position: LatLon { lat_deg: 0.0, lon_deg: 0.0 },
            speed_mps: 0.0,
            heading_deg: 0.0,
            a_long_mps2: 1.0,
            a_lat_mps2: 0.0,
            a_vert_mps2: 0.0,
            up: [0.0, 0.0, 1.0],
            fwd: [1.0, 0.0, 0.0],
            mount,
            limit_mps: None,
        }
    }

    fn said(t_s: f64) -> State {
        let a = Acceleration { long_mps2: 1.5, lat_mps2: 0.0, vert_mps2: 0.0, sigma_mps2: 0.1 };
        State { t: MonoTime::from_seconds(t_s), acceleration: Some(a), ..State::default() }
    }

    #[test]
    fn a_constant_error_is_its_own_rms_and_silence_is_nought() {
        let (mut a, mut silent) = (Accelerations::default(), Accelerations::default());
        for i in 0..2_000 {
            let now = truth(f64::from(i) / 100.0, 0);
            a.truth(&now);
            silent.truth(&now);
            if i % 4 == 0 {
                a.row(&said(f64::from(i) / 100.0));
            }
        }
        let (long, lat) = a.finish();
        assert!((long.rms().value.unwrap() - 0.5).abs() < 1e-6, "{long:?}");
        assert_eq!((lat.rms().value, long.rms().known), (Some(0.0), Some(1.0)));
        let (long, _) = silent.finish();
        assert!((long.rms().value.unwrap() - 1.0).abs() < 1e-6);
        assert_eq!(long.rms().known, Some(0.0));
    }

    #[test]
    fn a_phone_in_a_hand_does_not_count() {
        let mut a = Accelerations::default();
        (0..2_000).for_each(|i| a.truth(&truth(f64::from(i) / 100.0, if i < 1_000 { -1 } else { 0 })));
        assert_eq!(a.finish().0.rms().n, 8.0);
    }
}
