//! Asks GNSS about a manoeuvre that the accelerometer found, once late speeds have come, and makes the event of it.
//! GNSS never makes an event here; it confirms one, tells a brake from an acceleration, or leaves it unconfirmed.

use serde::{Deserialize, Serialize};

use crate::num::round;
use crate::record::{EventStatus, EventType, Severity};
use crate::sample::MonoTime;

use super::config::BehaviourConfig;
use super::fixes::Fixes;
use super::harsh::{Found, Guess};
use super::moment::Moments;
use super::{EventFacts, waveform};

/// Speeds from this long before a manoeuvre on are looked at: the speed before it may be a fix old.
const BEFORE_S: f64 = 1.5;
/// A phone that lies otherwise by more than this afterwards was moved, and what was felt was the hand.
const MOVED_DEG: f64 = 20.0;
/// The end of a manoeuvre itself says nothing about how the phone lies.
const AFTER_S: f64 = 1.0;
/// A turn fits GNSS when the speed it speaks of is within this factor of the one measured.
const TURN_SPEED_FACTOR: f64 = 1.7;
/// Without a gyroscope GNSS must have seen the course change by this in the turn.
const BLIND_COURSE_MIN_DEG: f64 = 25.0;

/// A manoeuvre that waits for late speeds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Waiting {
    pub due: MonoTime,
    pub found: Found,
}

/// The event of a manoeuvre with all that GNSS had to say by now; `None` if it is none after all.
pub(super) fn decide(
    config: &BehaviourConfig,
    fixes: &Fixes,
    moments: &Moments,
    waiting: Waiting,
) -> Option<EventFacts> {
    let Waiting { found, due } = waiting;
    let moved = |up| moments.tilt_deg(up, found.end.plus(AFTER_S), due).is_some_and(|tilt| tilt > MOVED_DEG);
    if found.shaky.is_some_and(moved) {
        return None;
    }
    let (kind, agreed) = match found.guess {
        Guess::Brake | Guess::Acceleration | Guess::Longitudinal => longitudinal(config, fixes, &found),
        Guess::Corner => (EventType::HarshCornering, turn_agrees(config, fixes, &found)),
        Guess::Swerve => (EventType::Swerve, turn_agrees(config, fixes, &found)),
        Guess::CornerBlind => {
            let change = fixes.course_change_deg(found.start.plus(-BEFORE_S), late(config, found.end))?;
            if change.abs() < BLIND_COURSE_MIN_DEG {
                return None;
            }
            (EventType::HarshCornering, true)
        }
    };
    // Without a gyroscope nobody knows a brake from a tilt; if GNSS was there and saw nothing, it was a tilt.
    let blind = found.heading_change_deg.is_none() && !agreed;
    if blind && fixes.fall_and_rise_mps(found.start.plus(-BEFORE_S), late(config, found.end)).is_some() {
        return None;
    }
    let threshold = threshold(config, kind);
    if found.peak_mps2 < threshold {
        return None;
    }
    let (from, to) = (found.start.plus(-waveform::AROUND_S), found.end.plus(waveform::AROUND_S));
    Some(EventFacts {
        threshold_mps2: Some(round(threshold, 2)),
        peak_mps2: Some(round(found.peak_mps2, 2)),
        speed_in_mps: found.speed_in_mps,
        speed_out_mps: found.speed_out_mps,
        heading_change_deg: found.heading_change_deg,
        severity: Some(severity(config, found.peak_mps2 / threshold)),
        confidence: confidence(&found, agreed),
        status: if agreed { EventStatus::Confirmed } else { EventStatus::Unconfirmed },
        position: found.position,
        evidence: waveform::waveform(moments.between(from, to)),
        ..EventFacts::bare(kind, found.start, found.peak, found.end)
    })
}

/// How hard, by how far over the threshold.
pub(super) fn severity(config: &BehaviourConfig, ratio: f64) -> Severity {
    if ratio >= config.severity_high_ratio {
        Severity::High
    } else if ratio >= config.severity_medium_ratio {
        Severity::Medium
    } else {
        Severity::Low
    }
}

/// The threshold of a kind of manoeuvre.
pub(super) fn threshold(config: &BehaviourConfig, kind: EventType) -> f64 {
    match kind {
        EventType::HarshBraking => config.brake_mps2,
        EventType::HarshAcceleration => config.acceleration_mps2,
        EventType::HarshCornering => config.corner_mps2,
        EventType::Swerve => config.swerve_mps2,
        EventType::Impact => config.impact_trigger_mps2,
        EventType::Speeding | EventType::PhoneHandling | EventType::Idling => 0.0,
    }
}

/// Both signs where forward is not known: GNSS says which; without GNSS the size does, as engines give less than brakes.
fn longitudinal(config: &BehaviourConfig, fixes: &Fixes, found: &Found) -> (EventType, bool) {
    let need = config.gnss_confirm_ratio * found.impulse_mps;
    let seen = fixes.fall_and_rise_mps(found.start.plus(-BEFORE_S), late(config, found.end));
    let (fell, rose) = seen.map_or((false, false), |(fall, rise)| (fall >= need, rise >= need));
    let by_size =
        if found.peak_mps2 >= config.brake_mps2 { EventType::HarshBraking } else { EventType::HarshAcceleration };
    match found.guess {
        Guess::Brake => (EventType::HarshBraking, fell),
        Guess::Acceleration => (EventType::HarshAcceleration, rose),
        Guess::Longitudinal | Guess::Corner | Guess::CornerBlind | Guess::Swerve => match (fell, rose) {
            (true, false) => (EventType::HarshBraking, true),
            (false, true) => (EventType::HarshAcceleration, true),
            (true, true) | (false, false) => (by_size, false),
        },
    }
}

fn turn_agrees(config: &BehaviourConfig, fixes: &Fixes, found: &Found) -> bool {
    let Some(turn) = found.turn_speed_mps else { return false };
    let seen = fixes.mean_speed_mps(found.start.plus(-BEFORE_S), late(config, found.end));
    seen.is_some_and(|v| turn <= v * TURN_SPEED_FACTOR && v <= turn * TURN_SPEED_FACTOR)
}

/// What a receiver says until then may still be about a manoeuvre that ended at `end`.
fn late(config: &BehaviourConfig, end: MonoTime) -> MonoTime {
    end.plus(config.gnss_confirm_wait_s)
}

fn confidence(found: &Found, agreed: bool) -> f64 {
    match (found.in_vehicle_axes, agreed) {
        (true, true) => 0.95,
        (false, true) => 0.8,
        (true, false) => 0.5,
        (false, false) => 0.3,
    }
}
