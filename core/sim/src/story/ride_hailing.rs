//! A driver who fetches passengers and drops them, waits in the car between, and is home at night.

use std::collections::VecDeque;

use milepost_engine::record::StopClass;

use super::{Act, DAY_S, Places, around};
use crate::rng::Rng;

const H: f64 = 3_600.0;

/// One day; Sunday is free.
pub(super) fn day(rng: &mut Rng, _places: &Places, day: u64) -> VecDeque<Act> {
    let midnight = DAY_S * day as f64;
    if day == 6 {
        return VecDeque::from([Act::Lie { until_s: midnight + DAY_S }]);
    }
    let mut acts =
        VecDeque::from([Act::Lie { until_s: midnight + rng.range(9.0, 11.0) * H }, Act::WalkBack, Act::Board]);
    for ride in 0..rng.whole(9, 13) {
        let pick_up = around(rng, (0.0, 0.0), 800.0, 4_500.0);
        acts.push_back(Act::Drive { east_m: pick_up.0, north_m: pick_up.1, then: StopClass::Unknown });
        acts.push_back(Act::Doors { seconds: rng.range(30.0, 150.0) });
        let drop_off = around(rng, (0.0, 0.0), 800.0, 5_000.0);
        acts.push_back(Act::Drive { east_m: drop_off.0, north_m: drop_off.1, then: StopClass::Unknown });
        acts.push_back(Act::Doors { seconds: rng.range(15.0, 60.0) });
        if ride == 5 {
            acts.push_back(Act::Alight);
            acts.push_back(Act::WalkOff { metres: rng.range(20.0, 80.0) });
            acts.push_back(Act::Stand { seconds: rng.range(1_200.0, 2_400.0), indoors: true, in_hand: false });
            acts.push_back(Act::WalkBack);
            acts.push_back(Act::Board);
        } else {
            acts.push_back(Act::Sit { seconds: rng.range(60.0, 1_300.0), engine: rng.chance(0.3) });
        }
    }
    acts.push_back(Act::Drive { east_m: 0.0, north_m: 0.0, then: StopClass::Unknown });
    acts.push_back(Act::Alight);
    acts.push_back(Act::WalkOff { metres: 25.0 });
    acts.push_back(Act::Lie { until_s: midnight + DAY_S });
    acts
}
