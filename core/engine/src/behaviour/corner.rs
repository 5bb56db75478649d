//! Sideways stretches with forward known: a corner, a swerve, or neither.

use super::config::BehaviourConfig;
use super::harsh::{Guess, turning};
use super::hysteresis::Stretch;
use super::moment::Moments;
use super::swerve;

/// With forward known, a fast bend counts as a corner from this change of course on; less is a swing of the body.
const BEND_MIN_DEG: f64 = 10.0;

/// What the stretch is.
pub(super) fn judge(config: &BehaviourConfig, stretch: &Stretch, moments: &Moments) -> Option<Guess> {
    let turning = turning(stretch, moments);
    if !turning.seen {
        return (stretch.peak >= config.corner_mps2).then_some(Guess::CornerBlind);
    }
    if swerve::is_swerve(config, &turning) {
        return (stretch.peak >= config.swerve_mps2).then_some(Guess::Swerve);
    }
    let bend = turning.net_deg.abs() >= BEND_MIN_DEG.min(config.corner_min_heading_deg);
    (bend && stretch.peak >= config.corner_mps2).then_some(Guess::Corner)
}
