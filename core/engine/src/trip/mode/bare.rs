//! Driving or on foot from bare positions: tracks that come every few seconds without speed, accuracy, activity or IMU, as
//! many fleets log them. Boosted trees learned from such tracks (`scripts/train/bare_positions.py`) look at a step and
//! its neighbours; as soon as anything else is heard, the general model of `chain` is better and takes over.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::bare_features::{AHEAD, FEATURES, PAST, Pace, features};
use super::bare_trees::TREES;
use crate::geo::offset_m;
use crate::record::Mode;
use crate::sample::{Fix, MonoTime};
use crate::trip::step::Step;

/// A step longer than this is no step of such a track: what was before says nothing.
const HOLE_S: f64 = 600.0;
/// The step that is asked about, what is asked of its past and of what came later, and one for jitter.
const MAX_SLOTS: usize = PAST + AHEAD + 2;
/// Stamps jitter.
const JITTER_S: f64 = 0.002;
/// Below this someone on foot stands.
const STILL_MPS: f64 = 0.4;
/// Answers of the trees are thousandths.
const PER_ANSWER: f64 = 1e-3;

/// The recent steps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bare {
    dressed: bool,
    ends: VecDeque<MonoTime>,
    paces: VecDeque<Pace>,
}

impl Bare {
    /// Something else than positions was heard. Returns whether that is new.
    pub fn dress(&mut self) -> bool {
        let is_new = !self.dressed;
        if is_new {
            *self = Self { dressed: true, ..Self::default() };
        }
        is_new
    }

    /// A fix that says more than where it is ends all this.
    pub fn fix(&mut self, fix: &Fix) {
        if fix.hacc_m.is_some() || fix.speed_mps.is_some() {
            self.dress();
        }
    }

    /// Takes a step. Returns how likely it was driven.
    pub fn push(&mut self, step: &Step) -> Option<f64> {
        if self.dressed {
            return None;
        }
        let dt_s = step.duration_s();
        if dt_s > HOLE_S {
            self.ends.clear();
            self.paces.clear();
        }
        if self.paces.len() >= MAX_SLOTS {
            self.ends.pop_front();
            self.paces.pop_front();
        }
        let (east_m, north_m) = offset_m(step.from, step.to);
        self.ends.push_back(step.end);
        self.paces.push_back(Pace { dt_s, east_m, north_m, length_m: step.chord_m });
        let odds = log_odds(&features(&self.paces, self.paces.len() - 1));
        Some(1.0 / (1.0 + libm::exp(-odds)))
    }

    /// The mode at `t`, as known now; `None` where there is more than positions, or nothing yet.
    pub fn mode(&self, t: MonoTime) -> Option<Mode> {
        let later = self.ends.iter().rev().take_while(|end| end.since(t) >= -JITTER_S).count();
        let i = self.ends.len().checked_sub(later.max(1))?;
        let pace = self.paces.get(i)?;
        let on_foot = if pace.speed_mps() < STILL_MPS { Mode::Still } else { Mode::Walking };
        Some(if log_odds(&features(&self.paces, i)) > 0.0 { Mode::Automotive } else { on_foot })
    }
}

/// Of driving.
fn log_odds(row: &[f32; FEATURES]) -> f64 {
    let thousandths: i32 = TREES.iter().filter_map(|tree| answer(tree, row)).map(i32::from).sum();
    PER_ANSWER * f64::from(thousandths)
}

fn answer<const Q: usize, const A: usize>(
    (questions, answers): &([super::bare_trees::Question; Q], [i16; A]),
    row: &[f32; FEATURES],
) -> Option<i16> {
    let mut next = 0;
    // Every question leads to a later one or to an answer.
    for _ in 0..Q {
        let (feature, threshold, low, high) = questions.get(usize::try_from(next).ok()?)?;
        next = if row.get(usize::from(*feature))? <= threshold { *low } else { *high };
        if next < 0 {
            return answers.get(usize::try_from(-1 - next).ok()?).copied();
        }
    }
    None
}
