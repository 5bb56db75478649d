//! Where a trip really began: fixes of an idle phone are minutes or hours apart, so the first step of a ride may hold a
//! long stand-still. It works out the departure inside such a step, and how much of the way nobody saw.

use serde::{Deserialize, Serialize};

use super::step::Step;
use crate::sample::MonoTime;

/// A first step up to this long is taken as it is.
const SEEN_S: f64 = 20.0;
/// Speed of a ride of which nothing else is known.
const TYPICAL_MPS: f64 = 8.0;
/// Roads are longer than the crow's way.
const DETOUR: f64 = 1.3;

/// The first step of a ride, as far as its departure is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct First {
    /// From.
    pub start: MonoTime,
    /// To.
    pub end: MonoTime,
    /// As the crow flies.
    pub chord_m: f64,
}

impl First {
    /// Of a step.
    pub fn of(step: &Step) -> Self {
        Self { start: step.start, end: step.end, chord_m: step.chord_m }
    }

    /// When the ride began; the rest of it covers so many metres in so many seconds.
    pub fn departure(&self, rest_m: f64, rest_s: f64) -> MonoTime {
        let length_s = self.end.since(self.start);
        if length_s <= SEEN_S {
            return self.start;
        }
        let speed = if rest_s > SEEN_S && rest_m > 0.0 { rest_m / rest_s } else { TYPICAL_MPS };
        let needed_s = (DETOUR * self.chord_m / speed.max(1.0)).min(length_s);
        self.end.plus(-needed_s)
    }
}

/// Metres of the first step, where it was not seen but worked out.
pub fn missed_m(first: &Step) -> Option<f64> {
    (first.duration_s() > SEEN_S).then_some(first.path_m)
}
