//! What is asked about a step of a track of bare positions: how it and its neighbours look. The names, the order and the
//! numbers are those of `scripts/train/bare_positions.py`; what is not known yet, or never, is [`UNKNOWN`].

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// Features of a step.
pub const FEATURES: usize = 42;
/// All features are above this where they are known.
const UNKNOWN: f64 = -2.0;
/// Steps of the windows that end with the step,
const BEFORE: [usize; 4] = [2, 4, 8, 16];
/// and of those that begin after it.
const AFTER: [usize; 3] = [2, 4, 6];
/// How far back anything is asked.
pub const PAST: usize = 16;
/// How far ahead.
pub const AHEAD: usize = 6;
/// Nobody runs that fast for a step of 5 s.
const FAST_MPS: f64 = 5.0;
/// A longer step is another clock: loggers slow down at rest.
const SLOW_CLOCK_S: f64 = 5.5;
/// Someone walks.
const WALK_MPS: (f64, f64) = (0.6, 2.2);
/// Shorter steps have no direction.
const MIN_TURN_M: f64 = 2.0;
/// Metres that make a short way no straight one.
const STRAIGHT_M: f64 = 2.0;

/// One step of the track.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pace {
    /// Seconds.
    pub dt_s: f64,
    /// East.
    pub east_m: f64,
    /// North.
    pub north_m: f64,
    /// As the crow flies.
    pub length_m: f64,
}

impl Pace {
    /// Mean speed.
    pub fn speed_mps(&self) -> f64 {
        self.length_m / self.dt_s
    }
}

/// The features of the step at `i`, with up to `AHEAD` steps after it known.
pub fn features(paces: &VecDeque<Pace>, i: usize) -> [f32; FEATURES] {
    let end = paces.len().min(i + 1 + AHEAD);
    let known = |k: Option<usize>| k.filter(|k| *k < end).and_then(|k| paces.get(k));
    let speed = |k: Option<usize>| known(k).map_or(UNKNOWN, Pace::speed_mps);
    let dt = |k: Option<usize>| known(k).map_or(UNKNOWN, |p| p.dt_s);
    let first = (i + 1).saturating_sub(PAST);
    let past = || paces.range(first..(i + 1).min(paces.len()));
    let part = |is: fn(&Pace) -> bool| past().filter(|p| is(p)).count() as f64 / past().count().max(1) as f64;

    let mut out = Row { values: [0.0; FEATURES], next: 0 };
    out.push([speed(Some(i)), speed(i.checked_sub(1)), speed(i.checked_sub(2)), dt(Some(i)), dt(i.checked_sub(1))]);
    for steps in BEFORE {
        out.push(window(paces, (i + 1).saturating_sub(steps), i + 1));
    }
    let since_fast = past().rev().position(|p| p.speed_mps() > FAST_MPS);
    let since_fast_s = since_fast.map_or(UNKNOWN, |n| past().rev().take(n).map(|p| p.dt_s).sum());
    out.push([turn(known(i.checked_sub(1)), known(Some(i))), since_fast_s]);
    out.push([part(|p| p.dt_s > SLOW_CLOCK_S), part(|p| p.speed_mps() > WALK_MPS.0 && p.speed_mps() < WALK_MPS.1)]);
    out.push([speed(Some(i + 1)), speed(Some(i + 2)), dt(Some(i + 1)), turn(known(Some(i)), known(Some(i + 1)))]);
    for steps in AFTER {
        let whole = i + 1 + steps <= end;
        out.push(if whole { window(paces, i + 1, i + 1 + steps) } else { [UNKNOWN; 4] });
    }
    let later = || paces.range((i + 1).min(end)..end);
    let to_fast = later().position(|p| p.speed_mps() > FAST_MPS);
    out.push([to_fast.map_or(UNKNOWN, |n| later().take(n).map(|p| p.dt_s).sum())]);
    out.values
}

/// A row of features in the making.
struct Row {
    values: [f32; FEATURES],
    next: usize,
}

impl Row {
    fn push<const N: usize>(&mut self, values: [f64; N]) {
        for (slot, value) in self.values.iter_mut().skip(self.next).zip(values) {
            *slot = value as f32;
        }
        self.next += N;
    }
}

/// Mean speed along the way, straightness, fastest and slowest step.
fn window(paces: &VecDeque<Pace>, from: usize, to: usize) -> [f64; 4] {
    let (mut time_s, mut path_m, mut east_m, mut north_m) = (0.0, 0.0, 0.0, 0.0);
    let (mut fastest, mut slowest) = (0.0, f64::INFINITY);
    for pace in paces.range(from..to.min(paces.len())) {
        time_s += pace.dt_s;
        path_m += pace.length_m;
        east_m += pace.east_m;
        north_m += pace.north_m;
        fastest = pace.speed_mps().max(fastest);
        slowest = pace.speed_mps().min(slowest);
    }
    let chord_m = (east_m * east_m + north_m * north_m).sqrt();
    [path_m / time_s, chord_m / (path_m + STRAIGHT_M), fastest, slowest]
}

/// Cosine of the turn between two steps.
fn turn(a: Option<&Pace>, b: Option<&Pace>) -> f64 {
    match (a, b) {
        (Some(a), Some(b)) if a.length_m.min(b.length_m) >= MIN_TURN_M => {
            (a.east_m * b.east_m + a.north_m * b.north_m) / (a.length_m * b.length_m)
        }
        (Some(_) | None, Some(_) | None) => UNKNOWN,
    }
}
