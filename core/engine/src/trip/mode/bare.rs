//! Driving or on foot from bare positions: tracks that come every few seconds without speed, accuracy, activity or IMU, as
//! many fleets log them. A hidden Markov model with phases learned from such tracks (`scripts/train/bare_positions.py`);
//! as soon as anything else is heard, the general model of `chain` is better and takes over.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::bare_tables::{EMIT, MOVE, START};
use crate::record::Mode;
use crate::sample::{Fix, MonoTime};
use crate::trip::step::Step;

/// Phases; the first half is on foot.
const PHASES: usize = 14;
/// Edges of the speed bins, as in training.
const SPEEDS_MPS: [f64; 12] = [0.03, 0.15, 0.4, 0.8, 1.2, 1.7, 2.3, 3.2, 4.5, 6.5, 10.0, 16.0];
/// A longer step is another symbol: loggers slow down at rest.
const SLOW_CLOCK_S: f64 = 5.5;
/// A step longer than this is no step of such a track: what was before says nothing.
const HOLE_S: f64 = 60.0;
/// Thirty seconds of steps, and some.
const MAX_SLOTS: usize = 10;
/// Stamps jitter.
const JITTER_S: f64 = 0.002;
/// Below this someone on foot stands.
const STILL_MPS: f64 = 0.4;

type Chances = [f64; PHASES];

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Slot {
    end: MonoTime,
    symbol: u8,
    speed_mps: f64,
    filtered: Chances,
}

/// The filter.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bare {
    dressed: bool,
    slots: VecDeque<Slot>,
}

impl Bare {
    /// Something else than positions was heard. Returns whether that is new.
    pub fn dress(&mut self) -> bool {
        self.slots.clear();
        !std::mem::replace(&mut self.dressed, true)
    }

    /// A fix that says more than where it is ends all this.
    pub fn fix(&mut self, fix: &Fix) {
        if !self.dressed && (fix.hacc_m.is_some() || fix.speed_mps.is_some()) {
            self.dress();
        }
    }

    /// Takes a step. Returns how likely it was driven.
    pub fn push(&mut self, step: &Step) -> Option<f64> {
        if self.dressed {
            return None;
        }
        let (dt_s, speed_mps) = (step.duration_s(), step.chord_m / step.duration_s());
        let bin = SPEEDS_MPS.iter().filter(|edge| **edge < speed_mps).count();
        let slow = if dt_s > SLOW_CLOCK_S { SPEEDS_MPS.len() + 1 } else { 0 };
        let symbol = bin + slow;
        let before = self.slots.back().filter(|_| dt_s <= HOLE_S);
        let prior = before.map_or(START, |slot| forward(&slot.filtered));
        let filtered = weighed(&prior, symbol);
        if self.slots.len() >= MAX_SLOTS {
            self.slots.pop_front();
        }
        self.slots.push_back(Slot { end: step.end, symbol: symbol as u8, speed_mps, filtered });
        Some(driven(&filtered))
    }

    /// The mode at `t`, as known now; `None` where there is more than positions, or nothing yet.
    pub fn mode(&self, t: MonoTime) -> Option<Mode> {
        let mut later = [1.0; PHASES];
        let mut slots = self.slots.iter().rev().peekable();
        while let Some(slot) = slots.next() {
            if slots.peek().is_none_or(|before| t.since(before.end) > JITTER_S) {
                let mut chances = slot.filtered;
                for (c, l) in chances.iter_mut().zip(&later) {
                    *c *= l;
                }
                let on_foot = if slot.speed_mps < STILL_MPS { Mode::Still } else { Mode::Walking };
                return Some(if driven(&chances) > 0.5 { Mode::Automotive } else { on_foot });
            }
            later = backward(&later, usize::from(slot.symbol));
        }
        None
    }
}

fn forward(before: &Chances) -> Chances {
    let mut out = [0.0; PHASES];
    for (p, row) in before.iter().zip(&MOVE) {
        for (o, m) in out.iter_mut().zip(row) {
            *o += p * m;
        }
    }
    out
}

fn backward(later: &Chances, symbol: usize) -> Chances {
    let weighed = weighed(later, symbol);
    let mut out = [0.0; PHASES];
    for (o, row) in out.iter_mut().zip(&MOVE) {
        *o = row.iter().zip(&weighed).map(|(m, w)| m * w).sum();
    }
    out
}

/// Times the chance of the symbol in each phase, brought to a sum of 1.
fn weighed(chances: &Chances, symbol: usize) -> Chances {
    let mut out = *chances;
    for (o, row) in out.iter_mut().zip(&EMIT) {
        *o *= row.get(symbol).copied().unwrap_or(0.0);
    }
    let total: f64 = out.iter().sum();
    if total > 0.0 { out.map(|x| x / total) } else { START }
}

fn driven(chances: &Chances) -> f64 {
    let total: f64 = chances.iter().sum();
    let driving: f64 = chances.iter().skip(PHASES / 2).sum();
    if total > 0.0 { driving / total } else { 0.5 }
}
