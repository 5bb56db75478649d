//! Manoeuvres that a calm driver does not make, and lane changes, which everyone makes.

use crate::rng::Rng;

/// What is going on beside ordinary driving.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Manoeuvre {
    /// Brakes with `peak_mps2` down to a speed.
    Brake { peak_mps2: f64, until_mps: f64 },
    /// Speeds up with `peak_mps2` to a speed.
    Accelerate { peak_mps2: f64, until_mps: f64 },
    /// Takes the next sharp curve with this lateral acceleration.
    Corner { peak_mps2: f64 },
    /// To one side and straight again: one period of a sine in lateral acceleration. Gentle ones are lane changes.
    Swerve { peak_mps2: f64, period_s: f64, begun_s: f64 },
}

/// Which manoeuvre comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Brake,
    Accelerate,
    Corner,
    Swerve,
}

/// Peaks as measured in ALGORITHMS.md ("Real signatures"), well above every preset's threshold.
pub(crate) fn peak_mps2(kind: Kind, rng: &mut Rng) -> f64 {
    match kind {
        Kind::Brake => rng.range(3.9, 6.2),
        Kind::Accelerate => rng.range(3.3, 4.0),
        Kind::Corner => rng.range(4.4, 5.6),
        Kind::Swerve => rng.range(4.6, 6.6),
    }
}

pub(crate) fn any_kind(rng: &mut Rng) -> Kind {
    match rng.whole(0, 9) {
        0..=3 => Kind::Brake,
        4..=5 => Kind::Accelerate,
        6..=8 => Kind::Corner,
        _ => Kind::Swerve,
    }
}
