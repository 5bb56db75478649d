//! Means of transport, from fixes, OS activity, steps and gait: a hidden Markov model over steps of some seconds. It
//! gives what is likely now, what is likely some seconds back as known now, and the most likely path that legs are made
//! of. Where a trip begins and ends is left to `machine`.

mod bare;
mod bare_features;
#[rustfmt::skip]
mod bare_trees;
mod chain;
mod clues;
mod emission;
mod phase;

pub use bare::Bare;
pub use chain::{Chain, Labelled, Run};
pub use clues::{Clues, Heard};
pub use phase::Phase;

use crate::record::Mode;
use phase::PerPhase;

/// The mode of which the phases together are the most likely: first whether a vehicle, then which.
pub fn likeliest(chances: &PerPhase) -> Mode {
    let [still, walk, cycle, cycle_stand, drive, drive_stand] = *chances;
    let (cycle, drive) = (cycle + cycle_stand, drive + drive_stand);
    if cycle + drive >= still + walk {
        if cycle > drive { Mode::Cycling } else { Mode::Automotive }
    } else if walk >= still {
        Mode::Walking
    } else {
        Mode::Still
    }
}

/// Factors for the phases where it is known how likely a vehicle moves or stands; no model is surer than this floor.
pub fn by_ride(driven: f64) -> PerPhase {
    let (ride, foot) = (driven.max(0.02), (1.0 - driven).max(0.02));
    [foot, foot, ride, ride, ride, ride]
}
