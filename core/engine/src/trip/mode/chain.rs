//! The chain of steps: a forward filter for what is likely now, a short backward pass for what was likely some seconds
//! ago, and the most likely path (Viterbi) with tokens that carry the ride along it, so that no decision walks the path
//! back. Steps leave at the far end with their final label.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::emission::likelihoods;
use super::phase::{PHASES, PRIOR, PerPhase, Phase, transitions};
use crate::geo::LatLon;
use crate::sample::MonoTime;
use crate::trip::anchor::First;
use crate::trip::step::Step;

/// How many steps back the path may still change: four minutes of 5 s, longer than any delay of the OS's activity.
const MAX_SLOTS: usize = 48;
/// Stamps of receivers jitter: what is this much younger than a step's end still belongs to it.
const JITTER_S: f64 = 0.002;

/// A path with this part of the best one's weight may turn out to be the true one.
const NEARLY: f64 = 0.1;

/// Later than this after the last step, what the OS says is all that is known.
const SILENT_S: f64 = 30.0;

/// A ride along a path: moving steps with pauses below the stop timeout.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The first moving step.
    pub first: First,
    /// What lies right before it, if the ride began in there.
    pub asleep: Option<First>,
    /// End of the last.
    pub end: MonoTime,
    /// Where it began.
    pub from: LatLon,
    /// Seconds in motion.
    pub moving_s: f64,
    /// Metres in motion.
    pub moving_m: f64,
    /// Moving steps.
    pub steps: u32,
}

/// The best path into a phase.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Token {
    weight: f64,
    /// The ride on that path.
    pub run: Option<Run>,
}

/// A step with its final label.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Labelled {
    /// The step.
    pub step: Step,
    /// Its phase.
    pub phase: Phase,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Slot {
    step: Step,
    /// In single precision: for a look back over some seconds, of weights that are guesses.
    fit: [f32; PHASES],
    filtered: [f32; PHASES],
    from: [u8; PHASES],
    /// Where the best path went through when it was last walked: below a slot where it still does, nothing has changed.
    label: Option<Phase>,
}

/// The chain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chain {
    slots: VecDeque<Slot>,
    tokens: [Token; PHASES],
    filtered: PerPhase,
    /// The same, gone on without steps: what the OS says while no fix comes.
    live: PerPhase,
    live_t: Option<MonoTime>,
}

impl Default for Chain {
    fn default() -> Self {
        Self {
            slots: VecDeque::with_capacity(MAX_SLOTS),
            tokens: PRIOR.map(|weight| Token { weight, run: None }),
            filtered: PRIOR,
            live: PRIOR,
            live_t: None,
        }
    }
}

impl Chain {
    /// Takes a step and the factors of all other clues. Returns the step that became final.
    pub fn push(&mut self, step: &Step, clues: &PerPhase, stop_timeout_s: f64) -> Option<Labelled> {
        let leaving = if self.slots.len() >= MAX_SLOTS { self.pop() } else { None };
        let mut fit = likelihoods(step);
        for (f, c) in fit.iter_mut().zip(clues) {
            *f *= c;
        }
        let near = self.slots.iter().rev().take_while(|slot| First::leads(slot.step.end, step.start));
        let asleep = near.filter_map(|slot| First::asleep(&slot.step)).next();
        let moves = transitions(step.duration_s());
        self.filtered = forward(&self.filtered, &moves, &fit);
        self.live = self.filtered;
        self.live_t = Some(step.end);
        let mut from = [0u8; PHASES];
        let mut tokens = self.tokens;
        for ((j, token), (source, (phase, f))) in
            tokens.iter_mut().enumerate().zip(from.iter_mut().zip(Phase::ALL.iter().zip(&fit)))
        {
            let best = best_source(&self.tokens, &moves, j);
            let Some((i, weight, run)) = best else { continue };
            *source = i as u8;
            *token = Token { weight: weight * f, run: extended(run, step, asleep, *phase, stop_timeout_s) };
        }
        normalise(&mut tokens);
        self.tokens = tokens;
        let (fit, filtered) = (single(&fit), single(&self.filtered));
        self.slots.push_back(Slot { step: *step, fit, filtered, from, label: None });
        leaving
    }

    /// The last step ended at `t`.
    pub fn ends_at(&self, t: MonoTime) -> bool {
        self.slots.back().is_some_and(|slot| slot.step.end == t)
    }

    /// The best path's end.
    pub fn best(&self) -> (Phase, Token) {
        let mut best = (Phase::Still, Token { weight: -1.0, run: None });
        for (phase, token) in Phase::ALL.iter().zip(&self.tokens) {
            if token.weight > best.1.weight {
                best = (*phase, *token);
            }
        }
        best
    }

    /// The latest end of a ride that is over on any path that is nearly as likely as the best.
    pub fn latest_ride(&self) -> Option<MonoTime> {
        let likely = |token: &&Token| token.weight >= NEARLY;
        let over = Phase::ALL.iter().zip(&self.tokens).filter(|(phase, _)| !phase.rides()).map(|(_, token)| token);
        over.filter(likely).filter_map(|token| token.run.map(|run| run.end)).max()
    }

    /// Something else than a step speaks at `t`: `factors` says how, given the time since the last that did.
    pub fn glimpse(&mut self, t: MonoTime, factors: impl FnOnce(f64) -> PerPhase) {
        let dt_s = self.live_t.map_or(0.0, |before| t.since(before)).max(0.0);
        self.live = forward(&self.live, &transitions(dt_s), &factors(dt_s));
        self.live_t = Some(t);
    }

    /// How likely each phase is now.
    pub fn now(&self) -> PerPhase {
        self.live
    }

    /// How likely each phase was at `t`, as known now; `None` without any step.
    pub fn at(&self, t: MonoTime) -> Option<PerPhase> {
        if self.slots.back().is_none_or(|slot| t.since(slot.step.end) > SILENT_S) {
            return Some(self.live);
        }
        let mut later = [1.0; PHASES];
        let mut slots = self.slots.iter().rev().peekable();
        while let Some(slot) = slots.next() {
            let is_it = slots.peek().is_none_or(|before| t.since(before.step.end) > JITTER_S);
            if is_it {
                return Some(product(&slot.filtered.map(f64::from), &later));
            }
            later = backward(&later, &transitions(slot.step.duration_s()), &slot.fit.map(f64::from));
        }
        None
    }

    /// Takes out all steps that end no later than `t`, with their labels on the best path, oldest first.
    pub fn drain_until(&mut self, t: MonoTime, mut each: impl FnMut(Labelled)) {
        let count = self.slots.iter().take_while(|s| s.step.end <= t).count();
        if count == 0 {
            return;
        }
        self.walk();
        for slot in self.slots.drain(..count) {
            each(slot.labelled());
        }
    }

    /// The rides along all paths are over: what follows is a new one.
    pub fn forget_runs(&mut self) {
        for token in &mut self.tokens {
            token.run = None;
        }
    }

    /// Labels all remembered steps as the best path has them.
    fn walk(&mut self) {
        let (mut phase, _) = self.best();
        for slot in self.slots.iter_mut().rev() {
            if slot.label.replace(phase) == Some(phase) {
                return;
            }
            phase = source(slot, phase);
        }
    }

    fn pop(&mut self) -> Option<Labelled> {
        self.walk();
        self.slots.pop_front().map(|slot| slot.labelled())
    }
}

impl Slot {
    fn labelled(&self) -> Labelled {
        Labelled { step: self.step, phase: self.label.unwrap_or(Phase::Still) }
    }
}

fn source(slot: &Slot, phase: Phase) -> Phase {
    let from = slot.from.get(phase as usize).copied().unwrap_or_default();
    Phase::ALL.get(usize::from(from)).copied().unwrap_or(Phase::Still)
}

fn best_source(tokens: &[Token; PHASES], moves: &[PerPhase; PHASES], to: usize) -> Option<(usize, f64, Option<Run>)> {
    let mut best: Option<(usize, f64, &Token)> = None;
    for (i, (token, row)) in tokens.iter().zip(moves).enumerate() {
        let weight = token.weight * row.get(to)?;
        if best.is_none_or(|b| weight > b.1) {
            best = Some((i, weight, token));
        }
    }
    best.map(|(i, weight, token)| (i, weight, token.run))
}

fn extended(run: Option<Run>, step: &Step, asleep: Option<First>, phase: Phase, stop_timeout_s: f64) -> Option<Run> {
    if !phase.rides() {
        return run;
    }
    let fresh = Run {
        first: First::of(step),
        asleep,
        end: step.start,
        from: step.from,
        moving_s: 0.0,
        moving_m: 0.0,
        steps: 0,
    };
    let first = First::of(step);
    let stood_s = |r: &Run| first.departure(r.moving_m, r.moving_s).since(r.end);
    let run = run.filter(|r| stood_s(r) < stop_timeout_s).unwrap_or(fresh);
    Some(Run {
        end: step.end,
        moving_s: run.moving_s + step.duration_s(),
        moving_m: run.moving_m + step.path_m,
        steps: run.steps.saturating_add(1),
        ..run
    })
}

/// Weights against their largest; what is then smaller than any `f32` is nothing.
fn single(weights: &PerPhase) -> [f32; PHASES] {
    let top = weights.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    weights.map(|w| (w / top) as f32)
}

fn forward(before: &PerPhase, moves: &[PerPhase; PHASES], fit: &PerPhase) -> PerPhase {
    let mut out = [0.0; PHASES];
    for (p, row) in before.iter().zip(moves) {
        for (o, m) in out.iter_mut().zip(row) {
            *o += p * m;
        }
    }
    product(&out, fit)
}

fn backward(later: &PerPhase, moves: &[PerPhase; PHASES], fit: &PerPhase) -> PerPhase {
    let mut out = [0.0; PHASES];
    let weighted = product(later, fit);
    for (o, row) in out.iter_mut().zip(moves) {
        *o = row.iter().zip(&weighted).map(|(m, w)| m * w).sum();
    }
    out
}

/// Point by point, brought to a sum of 1.
fn product(a: &PerPhase, b: &PerPhase) -> PerPhase {
    let mut out = *a;
    for (o, x) in out.iter_mut().zip(b) {
        *o *= x;
    }
    let total: f64 = out.iter().sum();
    if total > 0.0 { out.map(|x| x / total) } else { *a }
}

fn normalise(tokens: &mut [Token; PHASES]) {
    let top = tokens.iter().map(|t| t.weight).fold(0.0, f64::max);
    if top > 0.0 {
        for token in tokens {
            token.weight /= top;
        }
    }
}
