//! Walks since the last ride, by the feet that were counted: whether one has just ended, and whether it may have led back
//! to the vehicle. What follows from it is `wake`'s.

use serde::{Deserialize, Serialize};

use crate::sample::MonoTime;

/// So many steps are a walk to somewhere, not across a room.
pub const WALK_STEPS: u64 = 12;
/// Who walks on for so many steps has not arrived.
const WALKS_ON: u64 = 8;
/// Who has not set a foot for so long has arrived: at a door, or at the vehicle.
const ARRIVED_S: f64 = 4.0;
/// And who arrived so long ago does something else now, and walks anew.
const ARRIVED_LATEST_S: f64 = 20.0;
/// The way back to the vehicle has this part of the steps of the way from it, or more.
const WAY_BACK: f64 = 0.5;

/// Walks since the last ride.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Afoot {
    /// Cumulative, as the OS counts.
    counted: Option<u64>,
    /// Steps of this walk.
    walked: u64,
    /// Steps since [`Afoot::mark`].
    since_mark: u64,
    last_step: Option<MonoTime>,
    /// Steps of the walk away from the vehicle: the first after a ride. Without a ride, none was seen.
    away: Option<u64>,
    /// Steps of the longest walk after that.
    farthest: u64,
    /// A ride was seen, and no walk to somewhere after it is over.
    rode: bool,
}

impl Afoot {
    /// The OS's cumulative count; returns whether steps are new. `seen`: the IMU sees feet itself, and none counts twice.
    pub fn count(&mut self, t: MonoTime, count: u64, seen: bool) -> bool {
        let new = self.counted.map_or(0, |before| count.saturating_sub(before));
        self.counted = Some(count);
        let counts = new > 0 && !seen;
        if counts {
            self.step(t, new);
        }
        counts
    }

    /// So many steps more.
    pub fn step(&mut self, t: MonoTime, steps: u64) {
        if self.last_step.is_some_and(|last| t.since(last) > ARRIVED_LATEST_S) {
            self.end_walk();
        }
        self.walked = self.walked.saturating_add(steps);
        self.since_mark = self.since_mark.saturating_add(steps);
        self.last_step = Some(t);
    }

    /// A ride goes on: whoever walks next walks away from it.
    pub fn rides(&mut self) {
        *self = Self { counted: self.counted, rode: true, ..Self::default() };
    }

    /// Counts from here whether someone walks on.
    pub fn mark(&mut self) {
        self.since_mark = 0;
    }

    /// Nobody has got out since the last ride.
    pub fn is_aboard(&self) -> bool {
        self.rode && !self.is_walk()
    }

    /// This walk is one to somewhere.
    pub fn is_walk(&self) -> bool {
        self.walked >= WALK_STEPS
    }

    /// Has walked on since the mark, and still does.
    pub fn walks(&self, now: MonoTime) -> bool {
        self.since_mark >= WALKS_ON && self.rests_s(now) < ARRIVED_S
    }

    /// Walked away from the vehicle, and has not walked as far since.
    pub fn is_away(&self) -> bool {
        if self.rode { self.is_walk() } else { self.away.is_some() && !self.may_be_back() }
    }

    /// A walk has just ended that may have led to the vehicle: not the one away from it, nor one across a room.
    pub fn arrives(&self, now: MonoTime) -> bool {
        let rests = (ARRIVED_S..ARRIVED_LATEST_S).contains(&self.rests_s(now));
        rests && self.is_walk() && !self.rode && self.may_be_back()
    }

    fn may_be_back(&self) -> bool {
        let farthest = self.farthest.max(self.walked);
        self.away.is_none_or(|away| farthest as f64 >= WAY_BACK * away as f64)
    }

    fn rests_s(&self, now: MonoTime) -> f64 {
        self.last_step.map_or(f64::INFINITY, |last| now.since(last))
    }

    fn end_walk(&mut self) {
        if self.rode && self.is_walk() {
            self.away = Some(self.walked);
            self.rode = false;
        } else {
            self.farthest = self.farthest.max(self.walked);
        }
        self.walked = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(t_s: i64) -> MonoTime {
        MonoTime(t_s * 1_000_000_000)
    }

    /// Two steps a second from `from_s` on.
    fn walk(afoot: &mut Afoot, from_s: i64, seconds: i64) {
        (from_s..from_s + seconds).for_each(|t| afoot.step(at(t), 2));
    }

    #[test]
    fn the_walk_from_the_vehicle_leads_nowhere_and_one_as_long_may_lead_back() {
        let mut afoot = Afoot::default();
        afoot.rides();
        walk(&mut afoot, 0, 60);
        assert!(afoot.walks(at(60)) && !afoot.arrives(at(65)));
        walk(&mut afoot, 300, 10);
        assert!(!afoot.arrives(at(315)) && afoot.is_away(), "across a room");
        walk(&mut afoot, 600, 40);
        assert!(!afoot.arrives(at(641)), "it goes on");
        assert!(afoot.arrives(at(645)) && !afoot.is_away());
        assert!(!afoot.arrives(at(670)), "long ago");
    }

    #[test]
    fn where_no_ride_was_seen_any_walk_may_lead_to_the_vehicle() {
        let mut afoot = Afoot::default();
        walk(&mut afoot, 0, 10);
        assert!(afoot.arrives(at(15)));
    }

    #[test]
    fn the_count_of_the_os_is_a_difference() {
        let mut afoot = Afoot::default();
        afoot.count(at(0), 5_000, false);
        assert!(!afoot.is_walk());
        afoot.count(at(1), 5_011, false);
        afoot.count(at(2), 5_020, true);
        assert!(!afoot.is_walk(), "the IMU saw those");
        afoot.count(at(3), 5_021, false);
        assert!(afoot.is_walk());
    }
}
