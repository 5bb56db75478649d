//! What the engine said beside what is true, moment by moment: for each the row that was known then, and the truth at
//! that row's own time. Looks back over some seconds and keeps nothing older.

use std::collections::VecDeque;

use milepost_engine::geo::LatLon;
use milepost_engine::motion::State;
use milepost_engine::num::{Vec3, axpy, scale};
use milepost_sim::TrueState;

/// A row that is older says nothing any more: the moment is unknown.
pub const MAX_AGE_S: f64 = 1.5;
/// Moments are looked at so long after they were: by then every row that the engine will ever say about them is there
/// (it holds inputs for up to 10 s).
pub const HOLD_S: f64 = 15.0;
/// True states in a second.
pub const TRUTH_HZ: usize = 100;
/// Rows and truths are kept for the hold, the age of a row, and some.
const KEEP_S: f64 = HOLD_S + MAX_AGE_S + 1.0;
/// A row may be stamped a hair later than the moment that it is of.
const ROW_SLACK_S: f64 = 1e-3;

/// One moment.
pub struct Moment<'a> {
    /// When.
    pub t_s: f64,
    /// What is true then.
    pub truth: &'a TrueState,
    /// What was known then, if anything was.
    pub said: Option<&'a State>,
    /// What is true at the time of that row; at the moment, where there is none.
    pub then: TrueState,
}

/// The last seconds of truth and rows.
#[derive(Default)]
pub struct Beside {
    truths: VecDeque<TrueState>,
    rows: VecDeque<State>,
}

impl Beside {
    /// What is true, each step after the one before.
    pub fn truth(&mut self, now: &TrueState) {
        self.truths.push_back(*now);
        let old = |t: f64| now.t.seconds() - t > KEEP_S;
        while self.truths.front().is_some_and(|s| old(s.t.seconds())) {
            self.truths.pop_front();
        }
        // The last row before the hold began is still the newest for some moments.
        while self.rows.get(1).is_some_and(|s| old(s.t.seconds())) {
            self.rows.pop_front();
        }
    }

    /// What the engine says, in order of time.
    pub fn row(&mut self, state: &State) {
        self.rows.push_back(*state);
    }

    /// The moment of a true state that is so many steps before the newest; `None` where nothing is that old.
    pub fn back(&self, steps: usize) -> Option<Moment<'_>> {
        let truth = self.truths.get(self.truths.len().checked_sub(steps + 1)?)?;
        let t_s = truth.t.seconds();
        let said = self.row_at(t_s);
        let then = said.and_then(|s| self.truth_at(s.t.seconds())).unwrap_or(*truth);
        Some(Moment { t_s, truth, said, then })
    }

    /// The last row at or before a time, unless it is too old.
    pub fn row_at(&self, t_s: f64) -> Option<&State> {
        let after = self.rows.partition_point(|s| s.t.seconds() <= t_s + ROW_SLACK_S);
        let row = self.rows.get(after.checked_sub(1)?)?;
        (t_s - row.t.seconds() <= MAX_AGE_S).then_some(row)
    }

    /// The truth at any time that is kept, straight between two steps.
    pub fn truth_at(&self, t_s: f64) -> Option<TrueState> {
        let after = self.truths.partition_point(|s| s.t.seconds() <= t_s);
        let (Some(a), b) = (self.truths.get(after.saturating_sub(1)), self.truths.get(after)) else { return None };
        let Some(b) = b else { return Some(*a) };
        let x = ((t_s - a.t.seconds()) / (b.t.seconds() - a.t.seconds()).max(1e-9)).clamp(0.0, 1.0);
        Some(between(a, b, x))
    }
}

fn between(a: &TrueState, b: &TrueState, x: f64) -> TrueState {
    let mix = |p: f64, q: f64| p + x * (q - p);
    let axis = |p: Vec3, q: Vec3| axpy(scale(1.0 - x, p), x, q);
    TrueState {
        t: a.t,
        position: LatLon {
            lat_deg: mix(a.position.lat_deg, b.position.lat_deg),
            lon_deg: mix(a.position.lon_deg, b.position.lon_deg),
        },
        speed_mps: mix(a.speed_mps, b.speed_mps),
        heading_deg: a.heading_deg,
        a_long_mps2: mix(a.a_long_mps2, b.a_long_mps2),
        a_lat_mps2: mix(a.a_lat_mps2, b.a_lat_mps2),
        a_vert_mps2: mix(a.a_vert_mps2, b.a_vert_mps2),
        up: axis(a.up, b.up),
        fwd: axis(a.fwd, b.fwd),
        mount: a.mount,
        limit_mps: a.limit_mps,
    }
}

#[cfg(test)]
mod tests {
    use milepost_engine::sample::MonoTime;

    use super::*;

    fn truth(t_s: f64) -> TrueState {
        TrueState { t: MonoTime::from_seconds(t_s), speed_mps: 10.0 * t_s, ..TrueState::default() }
    }

    #[test]
    fn a_moment_has_the_row_before_it_and_the_truth_of_that_row() {
        let mut beside = Beside::default();
        beside.row(&State { t: MonoTime::from_seconds(1.004), speed_mps: Some(10.0), ..State::default() });
        beside.row(&State { t: MonoTime::from_seconds(3.9), ..State::default() });
        for i in 0..=400 {
            beside.truth(&truth(f64::from(i) / 100.0));
        }
        let moment = beside.back(200).unwrap();
        assert_eq!((moment.t_s, moment.said.unwrap().speed_mps), (2.0, Some(10.0)));
        assert!((moment.then.speed_mps - 10.04).abs() < 1e-9);
        assert!(beside.back(100).unwrap().said.is_none(), "too old");
        assert!(beside.back(350).unwrap().said.is_none(), "before the first row");
    }

    #[test]
    fn nothing_old_is_kept() {
        let mut beside = Beside::default();
        for i in 0..20_000 {
            let t_s = f64::from(i) / 100.0;
            beside.row(&State { t: MonoTime::from_seconds(t_s), ..State::default() });
            beside.truth(&truth(t_s));
        }
        assert!(beside.truths.len() < 1_800 && beside.rows.len() < 1_800);
    }
}
