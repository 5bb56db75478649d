//! A courier's day: nine trips with thirteen deliveries on foot, longer waits between trips, a lunch, moments in the van.

use std::collections::VecDeque;

use milepost_engine::record::StopClass;

use super::{Act, DAY_S, Places, around};
use crate::rng::Rng;

const TRIPS: usize = 9;
const DELIVERIES: usize = 13;

/// The shift, from the depot and back to it; `depart_s` is when it begins.
pub(super) fn day(rng: &mut Rng, places: &Places, depart_s: f64) -> VecDeque<Act> {
    let mut acts = VecDeque::from([Act::Lie { until_s: depart_s + rng.range(300.0, 900.0) }]);
    acts.push_back(Act::WalkBack);
    let depot = places.shop;
    let mut at = (0.0, 0.0);
    for (trip, here) in spread(rng).into_iter().enumerate() {
        acts.push_back(Act::Board);
        for _ in 0..here {
            at = around(rng, at, 500.0, 1_900.0);
            if at.0 * at.0 + at.1 * at.1 > 49e6 {
                at = around(rng, depot, 300.0, 900.0);
            }
            delivery(rng, at, &mut acts);
        }
        if rng.chance(0.2) {
            // Looks for the next address on the spot: sitting in the van is not the end of a trip.
            at = around(rng, at, 300.0, 900.0);
            acts.push_back(Act::Drive { east_m: at.0, north_m: at.1, then: StopClass::Break });
            acts.push_back(Act::Sit { seconds: rng.range(50.0, 200.0), engine: rng.chance(0.5) });
        }
        at = if trip % 3 == 2 { depot } else { around(rng, at, 600.0, 1_600.0) };
        acts.push_back(Act::Drive { east_m: at.0, north_m: at.1, then: StopClass::Break });
        between_trips(rng, trip, &mut acts);
    }
    acts
}

/// One delivery a trip at least, the rest in trips that have only one.
fn spread(rng: &mut Rng) -> [usize; TRIPS] {
    let mut here = [1; TRIPS];
    let mut left = DELIVERIES - TRIPS;
    while left > 0 {
        let trip = rng.whole(0, TRIPS as u64 - 1) as usize;
        if let Some(n) = here.get_mut(trip).filter(|n| **n == 1) {
            *n = 2;
            left -= 1;
        }
    }
    here
}

/// Parks, walks to the door, hands over, comes back.
fn delivery(rng: &mut Rng, at: (f64, f64), acts: &mut VecDeque<Act>) {
    acts.push_back(Act::Drive { east_m: at.0, north_m: at.1, then: StopClass::Delivery });
    acts.push_back(Act::Alight);
    acts.push_back(Act::WalkOff { metres: rng.range(12.0, 65.0) });
    acts.push_back(Act::Stand { seconds: rng.range(15.0, 70.0), indoors: rng.chance(0.35), in_hand: rng.chance(0.6) });
    acts.push_back(Act::WalkBack);
    acts.push_back(Act::Board);
}

/// Longer than five minutes: what ends a trip.
fn between_trips(rng: &mut Rng, trip: usize, acts: &mut VecDeque<Act>) {
    let seconds = if trip == 4 { rng.range(1_200.0, 1_800.0) } else { rng.range(420.0, 1_100.0) };
    if trip < TRIPS - 1 && rng.chance(0.3) {
        acts.push_back(Act::Sit { seconds, engine: false });
        // Already in the seat: gets out for a breath and in again, so that the next trip begins as the others do.
        acts.push_back(Act::Alight);
        acts.push_back(Act::Stand { seconds: 20.0, indoors: false, in_hand: true });
        return;
    }
    acts.push_back(Act::Alight);
    acts.push_back(Act::WalkOff { metres: rng.range(15.0, 90.0) });
    acts.push_back(Act::Stand { seconds, indoors: true, in_hand: rng.chance(0.5) });
    if trip < TRIPS - 1 {
        acts.push_back(Act::WalkBack);
    }
}

/// Six days from home to home with the nights between; Sunday is free.
pub(super) fn working_week(rng: &mut Rng, places: &Places, day: u64) -> VecDeque<Act> {
    let midnight = DAY_S * day as f64;
    if day == 6 {
        return VecDeque::from([Act::Lie { until_s: midnight + DAY_S }]);
    }
    let begins = midnight + rng.range(7.5, 9.0) * 3_600.0;
    let mut acts = VecDeque::from([Act::Lie { until_s: begins }]);
    acts.extend(self::day(rng, places, begins));
    acts.push_back(Act::WalkBack);
    acts.push_back(Act::Board);
    acts.push_back(Act::Drive { east_m: 0.0, north_m: 0.0, then: StopClass::Unknown });
    acts.push_back(Act::Alight);
    acts.push_back(Act::WalkOff { metres: 25.0 });
    acts.push_back(Act::Lie { until_s: midnight + DAY_S });
    acts
}
