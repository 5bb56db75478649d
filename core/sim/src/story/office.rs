//! Someone who drives to an office and back, shops on Saturday and strolls on Sunday.

use std::collections::VecDeque;

use milepost_engine::record::StopClass;

use super::{Act, DAY_S, Places};
use crate::rng::Rng;

const H: f64 = 3_600.0;

/// One day; 0 is Monday.
pub(super) fn day(rng: &mut Rng, places: &Places, day: u64) -> VecDeque<Act> {
    let midnight = DAY_S * day as f64;
    let mut acts = VecDeque::new();
    match day {
        0..=4 => {
            acts.push_back(Act::Lie { until_s: midnight + rng.range(7.2, 8.2) * H });
            acts.push_back(Act::WalkBack);
            go(rng, places.work, 120.0, &mut acts);
            acts.push_back(Act::Lie { until_s: midnight + rng.range(12.0, 12.6) * H });
            lunch(rng, &mut acts);
            acts.push_back(Act::Pocketed { until_s: midnight + rng.range(13.8, 14.5) * H });
            acts.push_back(Act::Lie { until_s: midnight + rng.range(16.8, 18.0) * H });
            acts.push_back(Act::WalkBack);
            if rng.chance(0.3) {
                go(rng, places.shop, 60.0, &mut acts);
                acts.push_back(Act::Stand { seconds: rng.range(600.0, 1_500.0), indoors: true, in_hand: false });
                acts.push_back(Act::WalkBack);
            }
            go(rng, (0.0, 0.0), 25.0, &mut acts);
        }
        5 => {
            acts.push_back(Act::Lie { until_s: midnight + rng.range(10.0, 12.0) * H });
            acts.push_back(Act::WalkBack);
            go(rng, places.shop, 60.0, &mut acts);
            acts.push_back(Act::Stand { seconds: rng.range(1_500.0, 3_600.0), indoors: true, in_hand: false });
            acts.push_back(Act::WalkBack);
            go(rng, (0.0, 0.0), 25.0, &mut acts);
        }
        _ => {
            acts.push_back(Act::Lie { until_s: midnight + rng.range(13.0, 15.0) * H });
            for _ in 0..6 {
                acts.push_back(Act::WalkOff { metres: rng.range(150.0, 400.0) });
                acts.push_back(Act::Stand { seconds: rng.range(5.0, 60.0), indoors: false, in_hand: rng.chance(0.4) });
            }
            acts.push_back(Act::WalkBack);
        }
    }
    acts.push_back(Act::Lie { until_s: midnight + DAY_S });
    acts
}

/// Drives there and walks in.
fn go(rng: &mut Rng, to: (f64, f64), walk_m: f64, acts: &mut VecDeque<Act>) {
    acts.push_back(Act::Board);
    acts.push_back(Act::Drive { east_m: to.0, north_m: to.1, then: StopClass::Unknown });
    acts.push_back(Act::Alight);
    acts.push_back(Act::WalkOff { metres: walk_m * rng.range(0.7, 1.3) });
}

fn lunch(rng: &mut Rng, acts: &mut VecDeque<Act>) {
    acts.push_back(Act::WalkOff { metres: rng.range(150.0, 350.0) });
    acts.push_back(Act::Stand { seconds: rng.range(900.0, 1_800.0), indoors: true, in_hand: rng.chance(0.5) });
    acts.push_back(Act::WalkOff { metres: rng.range(150.0, 350.0) });
}
