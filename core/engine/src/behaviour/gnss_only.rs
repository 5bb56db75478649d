//! Manoeuvres from fixes alone: for phones without an IMU in use, and for times when the mount is not known. A second
//! between speeds flattens a peak, so the thresholds are lower and the confidence is too.

use serde::{Deserialize, Serialize};

use crate::num::{round, wrap_180};
use crate::record::EventType;
use crate::sample::MonoTime;

use super::EventFacts;
use super::config::BehaviourConfig;
use super::confirm::{severity, threshold};
use super::fixes::{Fixes, Seen};
use super::hysteresis::{Hysteresis, Levels, Stretch};

/// A change of speed is measured over at least this: closer speeds are noise.
const BASE_MIN_S: f64 = 0.85;
/// Over more than this it says nothing about a peak.
const BASE_MAX_S: f64 = 3.2;
/// Two intervals of 1 Hz, or one of two seconds: a single one is as likely the receiver.
const MIN_S: f64 = 1.4;
/// More than tyres can do: the receiver jumped, and is not believed for a while.
const JUMP_MPS2: f64 = 8.0;
const JUMP_SILENCE_S: f64 = 3.0;
/// Courses below this speed are noise.
const COURSE_MIN_MPS: f64 = 4.0;
/// How sure one can be of an event seen in fixes alone.
const CONFIDENCE: f64 = 0.55;

/// The detectors.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct GnssOnly {
    brake: Hysteresis,
    acceleration: Hysteresis,
    corner: Hysteresis,
    silent_until: Option<MonoTime>,
}

impl GnssOnly {
    /// The newest fix was just put into `fixes`. Hands out events without numbers.
    pub(super) fn step(&mut self, config: &BehaviourConfig, fixes: &Fixes, mut out: impl FnMut(EventFacts)) {
        let Some((now, before, dt)) = pair(fixes) else { return };
        let (Some(v), Some(u)) = (now.speed_mps(), before.speed_mps()) else { return };
        let span = now.t.since(before.t);
        let a = (v - u) / span;
        if a.abs() > JUMP_MPS2 {
            self.clear();
            self.silent_until = Some(now.t.plus(JUMP_SILENCE_S));
        }
        if self.silent_until.is_some_and(|s| now.t < s) {
            return;
        }
        let turn_deg = match (now.course_deg(), before.course_deg()) {
            (Some(c), Some(b)) if u.min(v) >= COURSE_MIN_MPS => wrap_180(c - b),
            (Some(_) | None, Some(_) | None) => 0.0,
        };
        let lateral = 0.5 * (u + v) * turn_deg.abs() * crate::geo::RAD_PER_DEG / span;
        let levels = |kind| {
            let enter = level(config, kind);
            Levels { enter, reach_s: 0.0, leave: enter * config.harsh_leave_ratio, min_s: MIN_S, merge_s: 1.1 }
        };
        let (t, kinds) = (now.t, [EventType::HarshBraking, EventType::HarshAcceleration, EventType::HarshCornering]);
        let detectors = [(&mut self.brake, -a), (&mut self.acceleration, a), (&mut self.corner, lateral)];
        for (kind, (detector, x)) in kinds.into_iter().zip(detectors) {
            if let Some(stretch) = detector.step(levels(kind), t, dt, x) {
                out(facts(config, fixes, kind, &stretch));
            }
        }
    }

    fn clear(&mut self) {
        for h in [&mut self.brake, &mut self.acceleration, &mut self.corner] {
            h.clear();
        }
    }
}

/// The newest fix, the nearest one far enough before it, and the time since the fix before the newest.
fn pair(fixes: &Fixes) -> Option<(&Seen, &Seen, f64)> {
    let mut back = fixes.last(20).rev();
    let now = back.next()?;
    let mut dt = None;
    for before in back {
        let age = now.t.since(before.t);
        let dt = *dt.get_or_insert(age);
        if age > BASE_MAX_S {
            return None;
        }
        if age >= BASE_MIN_S {
            return Some((now, before, dt));
        }
    }
    None
}

/// A brake peaks within a second and looks flatter here; an acceleration lasts, and a corner's course is noisy.
fn level(config: &BehaviourConfig, kind: EventType) -> f64 {
    let ratio = if kind == EventType::HarshBraking { config.gnss_only_ratio } else { 1.0 };
    threshold(config, kind) * ratio
}

fn facts(config: &BehaviourConfig, fixes: &Fixes, kind: EventType, stretch: &Stretch) -> EventFacts {
    let near = |t: MonoTime| fixes.last(60).rfind(|f| f.t <= t).copied();
    let (start, end) = (near(stretch.start), near(stretch.end));
    let ratio = stretch.peak / level(config, kind);
    EventFacts {
        threshold_mps2: Some(round(level(config, kind), 2)),
        peak_mps2: Some(round(stretch.peak, 2)),
        speed_in_mps: start.and_then(|f| f.speed_mps()),
        speed_out_mps: end.and_then(|f| f.speed_mps()),
        heading_change_deg: fixes.course_change_deg(stretch.start, stretch.end).map(|d| round(d, 1)),
        severity: Some(severity(config, ratio)),
        confidence: CONFIDENCE,
        position: near(stretch.peak_t).map(|f| f.position),
        ..EventFacts::bare(kind, stretch.start, stretch.peak_t, stretch.end)
    }
}
