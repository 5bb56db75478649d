//! Where a trip really began: fixes of an idle phone are minutes or hours apart, so the first step of a ride may hold a
//! long stand-still. It works out the departure inside such a step, and how much of the way nobody saw.

use super::step::Step;
use crate::sample::MonoTime;

/// A first step up to this long is taken as it is.
const SEEN_S: f64 = 20.0;
/// Speed of a ride of which nothing else is known.
const TYPICAL_MPS: f64 = 8.0;
/// Roads are longer than the crow's way.
const DETOUR: f64 = 1.3;

/// When the ride began whose first step this is; the rest of the ride covers so many metres in so many seconds.
pub fn departure(first: &Step, rest_m: f64, rest_s: f64) -> MonoTime {
    let length_s = first.duration_s();
    if length_s <= SEEN_S {
        return first.start;
    }
    let speed = if rest_s > SEEN_S && rest_m > 0.0 { rest_m / rest_s } else { TYPICAL_MPS };
    let needed_s = (DETOUR * first.chord_m / speed.max(1.0)).min(length_s);
    first.end.plus(-needed_s)
}

/// Metres of the first step, where it was not seen but worked out.
pub fn missed_m(first: &Step) -> Option<f64> {
    (first.duration_s() > SEEN_S).then_some(first.path_m)
}
