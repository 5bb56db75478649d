//! The plain stories: a drive, a stroll.

use std::collections::VecDeque;

use milepost_engine::record::StopClass;

use super::{Act, around};
use crate::rng::Rng;

/// Sits down, drives, parks, and stays seated for a moment.
pub(super) fn drive(seconds: f64, petrol_at_s: Option<f64>) -> VecDeque<Act> {
    let mut acts = VecDeque::from([Act::Sit { seconds: 30.0, engine: true }]);
    if let Some(at) = petrol_at_s {
        acts.push_back(Act::Cruise { until_s: at, then: StopClass::Break });
        acts.extend([
            Act::Sit { seconds: 8.0, engine: false },
            Act::Alight,
            Act::WalkOff { metres: 6.0 },
            Act::Stand { seconds: 60.0, indoors: false, in_hand: false },
            Act::WalkOff { metres: 22.0 },
            Act::Stand { seconds: 25.0, indoors: true, in_hand: true },
            Act::WalkBack,
            Act::Board,
        ]);
    }
    acts.extend([
        Act::Cruise { until_s: seconds - 90.0, then: StopClass::Unknown },
        Act::Sit { seconds: 20.0, engine: false },
    ]);
    acts
}

/// Walks about, stops now and then.
pub(super) fn stroll(seconds: f64, rng: &mut Rng) -> VecDeque<Act> {
    let mut acts = VecDeque::new();
    let (mut at, mut left_s) = ((0.0, 0.0), seconds);
    while left_s > 0.0 {
        let to = around(rng, at, 40.0, 250.0);
        let walk_s = 150.0 / 1.3;
        acts.push_back(Act::WalkTo { east_m: to.0, north_m: to.1 });
        let stand_s = rng.range(5.0, 90.0);
        acts.push_back(Act::Stand { seconds: stand_s, indoors: false, in_hand: rng.chance(0.5) });
        left_s -= walk_s + stand_s;
        at = to;
    }
    acts
}

/// Rests on a table between turning, pushing and both, slowly and fast.
pub(super) fn hand_work(seconds: f64, rng: &mut Rng) -> VecDeque<Act> {
    /// Turned with about so many rad/s, pushed with so many m/s² (RMS on each axis).
    const WORK: [(f64, f64); 6] = [(1.2, 0.0), (4.0, 0.0), (0.0, 1.0), (0.0, 4.0), (1.2, 1.0), (4.0, 3.0)];
    let (mut acts, mut at_s) = (VecDeque::new(), 0.0);
    for (turn_rad_s, push_mps2) in WORK.into_iter().cycle() {
        if at_s >= seconds {
            break;
        }
        at_s += rng.range(8.0, 20.0);
        acts.push_back(Act::Lie { until_s: at_s });
        let work_s = rng.range(30.0, 90.0);
        acts.push_back(Act::Work { seconds: work_s, turn_rad_s, push_mps2 });
        at_s += work_s;
    }
    acts
}
