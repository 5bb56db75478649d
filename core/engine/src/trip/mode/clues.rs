//! What speaks for a phase besides positions: the OS's activity recognition, counted steps, gait in the IMU. Each is
//! turned into factors on the likelihood of the phases over a step of time; any may be missing, and none decides alone.

use serde::{Deserialize, Serialize};

use super::phase::{PHASES, PerPhase};
use crate::motion::Frame;
use crate::num::{G_MPS2, norm};
use crate::sample::{Activity, MonoTime};

/// The OS re-sends activities or lets them hold; older than this they say less and less.
const ACTIVITY_FRESH_S: f64 = 120.0;
/// Factors below are for a step of this length. Activities of neighbouring steps are one and the same guess, so each
/// step takes only a part of it.
const PER_S: f64 = 5.0;
/// A longer step does not take more than this many parts.
const MAX_PARTS: f64 = 4.0;
/// An activity without a confidence.
const DEFAULT_CONFIDENCE: f64 = 0.7;
/// Steps a second that mean walking.
const GAIT_HZ: f64 = 0.8;
/// A foot that lands pushes a phone at least this hard.
const FOOTFALL_MPS2: f64 = 1.8;
/// Feet land no faster than this.
const FOOTFALL_S: f64 = 0.28;
/// Frames must cover this part of a step of time to say that nobody walked.
const GAIT_COVER: f64 = 0.7;

/// still, walking, running, cycling, automotive: factor per phase and 5 s at full confidence. Phones take half of all
/// cycling for walking and a train for a desk; "automotive" and, in a vehicle, "walking" are nearly always right or late.
const ACTIVITY: [PerPhase; 5] = [
    [1.15, 0.80, 0.85, 1.10, 0.90, 1.10],
    [0.85, 1.20, 1.05, 0.95, 0.70, 0.75],
    [0.85, 1.20, 1.05, 0.80, 0.70, 0.75],
    [0.75, 0.75, 1.40, 1.30, 0.75, 0.75],
    [0.75, 0.70, 0.75, 0.75, 1.30, 1.25],
];
/// Steps were counted.
const GAIT: PerPhase = [0.5, 6.0, 0.5, 0.4, 0.15, 0.3];
/// Steps would have been counted, and there were none: by each that would have.
const NO_GAIT: PerPhase = [1.2, 0.15, 1.0, 1.2, 1.2, 1.2];

/// The latest of each.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Clues {
    activity: Option<(MonoTime, Activity, f64)>,
    steps: Option<u64>,
    stepped: u64,
    footfalls: u32,
    above: bool,
    footfall_t: Option<MonoTime>,
    frames_s: f64,
    /// Of the mount, and whether it rose since the last step.
    mount_number: u32,
    remounted: bool,
}

/// What was heard in a step of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Heard {
    /// On the likelihood of each phase.
    pub factors: PerPhase,
    /// Steps on foot.
    pub feet: u32,
    /// The phone was taken out of its mount, or put into another place.
    pub remounted: bool,
}

impl Clues {
    /// The OS's guess.
    pub fn activity(&mut self, t: MonoTime, activity: Activity, confidence: Option<f32>) {
        self.activity = Some((t, activity, confidence.map_or(DEFAULT_CONFIDENCE, f64::from)));
    }

    /// The OS's guess now, while it is fresh.
    pub fn fresh_activity(&self, t: MonoTime) -> Option<Activity> {
        self.activity.filter(|(since, ..)| t.since(*since) <= ACTIVITY_FRESH_S).map(|(_, a, _)| a)
    }

    /// A cumulative count; it begins anew after a boot.
    pub fn steps(&mut self, count: u64) {
        let new = self.steps.map_or(0, |before| count.saturating_sub(before));
        self.steps = Some(count);
        self.stepped = self.stepped.saturating_add(new);
    }

    /// Counts footfalls: |specific force| passes gravity by a push, not more often than feet can.
    pub fn frame(&mut self, frame: &Frame) {
        self.frames_s += frame.dt_s;
        self.remounted |= frame.mount_number > self.mount_number;
        self.mount_number = frame.mount_number;
        let push = norm(frame.force_mps2) - G_MPS2;
        let above = push > FOOTFALL_MPS2;
        if above && !self.above && self.footfall_t.is_none_or(|t| frame.state.t.since(t) >= FOOTFALL_S) {
            self.footfalls = self.footfalls.saturating_add(1);
            self.footfall_t = Some(frame.state.t);
        }
        self.above = above;
    }

    /// The factors of the OS's guess alone, for `dt_s` up to `t`.
    pub fn guess(&self, t: MonoTime, dt_s: f64) -> PerPhase {
        let mut factors = [1.0; PHASES];
        if let Some((since, activity, confidence)) = self.activity
            && let Some(row) = row_of(activity)
        {
            let age_s = t.since(since).max(ACTIVITY_FRESH_S);
            let parts = confidence * (dt_s / PER_S).min(MAX_PARTS) * ACTIVITY_FRESH_S / age_s;
            apply(&mut factors, row, parts);
        }
        factors
    }

    /// All of a step of time that ends at `t`. Begins the next.
    pub fn take(&mut self, t: MonoTime, dt_s: f64) -> Heard {
        let mut factors = self.guess(t, dt_s);
        let feet = if self.stepped > 0 { u32::try_from(self.stepped).unwrap_or(u32::MAX) } else { self.footfalls };
        let counted = f64::from(feet);
        if counted >= GAIT_HZ * dt_s {
            apply(&mut factors, &GAIT, 1.0);
        } else if counted < 0.1 * dt_s {
            for watches in [self.frames_s >= GAIT_COVER * dt_s, self.steps.is_some()] {
                if watches {
                    apply(&mut factors, &NO_GAIT, 1.0);
                }
            }
        }
        self.stepped = 0;
        self.footfalls = 0;
        self.frames_s = 0.0;
        Heard { factors, feet, remounted: std::mem::take(&mut self.remounted) }
    }
}

fn row_of(activity: Activity) -> Option<&'static PerPhase> {
    let [still, walking, running, cycling, automotive] = &ACTIVITY;
    match activity {
        Activity::Still => Some(still),
        Activity::Walking => Some(walking),
        Activity::Running => Some(running),
        Activity::Cycling => Some(cycling),
        Activity::Automotive => Some(automotive),
        Activity::Unknown => None,
    }
}

/// `parts` of a factor f are about f^parts.
fn apply(factors: &mut PerPhase, row: &PerPhase, parts: f64) {
    for (f, r) in factors.iter_mut().zip(row) {
        *f *= if *r >= 1.0 { 1.0 + (r - 1.0) * parts } else { 1.0 / (1.0 + (1.0 / r - 1.0) * parts) };
    }
}
