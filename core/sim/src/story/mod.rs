//! What happens next: stories hand out one act after the other, a day at a time, so that a week needs no memory.
//! How an act is played is the world's.

mod courier;
mod office;
mod plain;
mod ride_hailing;

use std::collections::VecDeque;

use milepost_engine::record::StopClass;

use crate::rng::{Rng, Stream};

/// One thing done in one place or on one way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Act {
    /// Gets into the vehicle, puts the phone where it belongs, starts the engine.
    Board,
    /// Drives to a place. Arriving is a stop of this class if the ride goes on soon.
    Drive { east_m: f64, north_m: f64, then: StopClass },
    /// Drives about until a time and then parks.
    Cruise { until_s: f64, then: StopClass },
    /// Sits in the standing vehicle, engine on or off.
    Sit { seconds: f64, engine: bool },
    /// A passenger or parcel goes in or out: doors, no walking.
    Doors { seconds: f64 },
    /// Gets out with the phone.
    Alight,
    /// Walks to a door beside the vehicle, so many metres away.
    WalkOff { metres: f64 },
    /// Walks to a place.
    WalkTo { east_m: f64, north_m: f64 },
    /// Walks back to the vehicle.
    WalkBack,
    /// Stands about with the phone in the hand or in the pocket.
    Stand { seconds: f64, indoors: bool, in_hand: bool },
    /// The phone lies on a table, indoors.
    Lie { until_s: f64 },
    /// The phone is turned and pushed about in a hand, indoors.
    Work { seconds: f64, turn_rad_s: f64, push_mps2: f64 },
    /// The phone is in the pocket of someone who sits, indoors.
    Pocketed { until_s: f64 },
}

/// Which story.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Plot {
    /// At the wheel for so long.
    Drive {
        seconds: f64,
        petrol_at_s: Option<f64>,
    },
    CourierDay,
    CourierWeek,
    OfficeWeek,
    RideHailingWeek,
    /// On a desk for so long.
    Desk {
        seconds: f64,
    },
    /// Turned and pushed about in a hand for so long, with rests.
    HandWork {
        seconds: f64,
    },
    /// On foot for so long.
    Stroll {
        seconds: f64,
    },
}

/// A story being told.
#[derive(Clone, Debug)]
pub(crate) struct Story {
    plot: Plot,
    /// Of a week.
    days: u64,
    seed: u64,
    /// Of the day that was planned last; a day has some 200 acts.
    acts: VecDeque<Act>,
    day: u64,
}

/// Seconds in a day.
pub(crate) const DAY_S: f64 = 86_400.0;

impl Story {
    pub fn new(plot: Plot, days: u64, seed: u64) -> Self {
        Self { plot, days, seed, acts: VecDeque::new(), day: 0 }
    }

    /// Whether the first act is played in the vehicle.
    pub fn begins_aboard(&self) -> bool {
        matches!(self.plot, Plot::Drive { .. })
    }

    /// The next act; `None` at the end.
    pub fn next(&mut self) -> Option<Act> {
        while self.acts.is_empty() {
            let days = match self.plot {
                Plot::Drive { .. }
                | Plot::CourierDay
                | Plot::Desk { .. }
                | Plot::HandWork { .. }
                | Plot::Stroll { .. } => 1,
                Plot::CourierWeek | Plot::OfficeWeek | Plot::RideHailingWeek => self.days,
            };
            if self.day >= days {
                return None;
            }
            let rng = Rng::stream(self.seed, Stream::Scenario, 100 + self.day);
            self.acts = self.plan(rng);
            self.day += 1;
        }
        self.acts.pop_front()
    }

    fn plan(&self, mut rng: Rng) -> VecDeque<Act> {
        let places = Places::new(self.seed);
        let (rng, day) = (&mut rng, self.day);
        match self.plot {
            Plot::Drive { seconds, petrol_at_s } => plain::drive(seconds, petrol_at_s),
            Plot::Desk { seconds } => VecDeque::from([Act::Lie { until_s: seconds }]),
            Plot::HandWork { seconds } => plain::hand_work(seconds, rng),
            Plot::Stroll { seconds } => plain::stroll(seconds, rng),
            Plot::CourierDay => courier::day(rng, &places, 0.0),
            Plot::CourierWeek => courier::working_week(rng, &places, day),
            Plot::OfficeWeek => office::day(rng, &places, day),
            Plot::RideHailingWeek => ride_hailing::day(rng, &places, day),
        }
    }
}

/// Places that stay where they are from day to day. Home, where the vehicle stands first, is the origin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Places {
    pub work: (f64, f64),
    pub shop: (f64, f64),
}

impl Places {
    fn new(seed: u64) -> Self {
        let mut rng = Rng::stream(seed, Stream::Scenario, 50);
        Self {
            work: around(&mut rng, (0.0, 0.0), 4_500.0, 7_500.0),
            shop: around(&mut rng, (0.0, 0.0), 1_500.0, 3_000.0),
        }
    }
}

/// A place in any direction, between two distances away.
pub(crate) fn around(rng: &mut Rng, from: (f64, f64), near_m: f64, far_m: f64) -> (f64, f64) {
    let (s, c) = libm::sincos(rng.range(-3.1, 3.1));
    let d = rng.range(near_m, far_m);
    (from.0 + d * c, from.1 + d * s)
}
