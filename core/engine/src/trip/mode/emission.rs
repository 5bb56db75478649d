//! How well a step of time fits each phase, by speed alone: densities with heavy tails (Student's t with three degrees of
//! freedom), so that an outlier of GNSS says little instead of everything, and no transcendental function is needed.

use super::phase::PerPhase;
use crate::trip::step::Step;

/// `(centre, scale)` of the speed in m/s: standing, walking, cycling, and driving in a jam, in town and out of it.
const STAND: (f64, f64) = (0.0, 0.35);
const WALK: (f64, f64) = (1.25, 0.4);
const CYCLE: (f64, f64) = (4.2, 1.7);
const DRIVE_CREEP: (f64, f64) = (2.5, 1.5);
const DRIVE_SLOW: (f64, f64) = (8.0, 4.5);
const DRIVE_FAST: (f64, f64) = (24.0, 9.0);
/// A receiver's speed and a displacement of the same seconds are not independent: the better one speaks, and the other
/// only this much.
const SECOND_WEIGHT: f64 = 0.5;
/// A speed as sure as this is the better one: displacements of a few seconds are never that sure, whatever they claim.
const SEEN_MPS: f64 = 1.0;

/// Likelihoods of the step under each phase, up to a common factor.
pub fn likelihoods(step: &Step) -> PerPhase {
    let dt_s = step.duration_s();
    let chord_sigma_mps = step.sigma_m / dt_s;
    let by_chord = speed_likelihoods(step.chord_m / dt_s, chord_sigma_mps);
    let Some(speed) = step.speed_mps else { return by_chord };
    let by_speed = speed_likelihoods(speed, step.speed_sigma_mps);
    let speed_first = step.speed_sigma_mps <= chord_sigma_mps.max(SEEN_MPS);
    let (mut out, second) = if speed_first { (by_speed, by_chord) } else { (by_chord, by_speed) };
    for (o, s) in out.iter_mut().zip(second) {
        *o *= SECOND_WEIGHT * s + (1.0 - SECOND_WEIGHT) * 0.1;
    }
    out
}

fn speed_likelihoods(v: f64, sigma: f64) -> PerPhase {
    let t = |(centre, scale): (f64, f64)| {
        let s2 = scale * scale + sigma * sigma;
        let z = 1.0 + (v - centre) * (v - centre) / (3.0 * s2);
        1.0 / (s2.sqrt() * z * z)
    };
    let stand = t(STAND);
    let drive = 0.15 * t(DRIVE_CREEP) + 0.5 * t(DRIVE_SLOW) + 0.35 * t(DRIVE_FAST);
    [stand, t(WALK), t(CYCLE), stand, drive, stand]
}
