//! Holds inputs until every stream has passed them, and hands them out in order of event time. What order means is
//! decided here; what an input must be like is decided in `imu` and `fix`.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::sample::{Clock, Command, Fix, ImuSample, MonoTime, Signal};

/// Samples held at most: `max_lateness_s` of 500 Hz and a bit. Beyond it the oldest are let go early.
const MAX_HELD_IMU: usize = 6_000;
/// Fixes, signals, commands and clocks held at most: ten a second over ten minutes.
const MAX_HELD_OTHERS: usize = 6_000;

/// Anything that is not an IMU sample. At equal times they come out in this order, and before the sample.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Item {
    /// How the axis relates to the wall clock.
    Clock(Clock),
    /// A fact about the phone.
    Signal(Signal),
    /// A wish of the host.
    Command(Command),
    /// A position of a mock provider was refused.
    Mock,
    /// A position.
    Fix(Fix),
}

impl Item {
    fn rank(&self) -> u8 {
        match self {
            Item::Clock(_) => 0,
            Item::Signal(_) => 1,
            Item::Command(_) => 2,
            Item::Mock => 3,
            Item::Fix(_) => 4,
        }
    }
}

/// Two queues, each in order, and how far time has come.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Queue {
    imu: VecDeque<ImuSample>,
    others: VecDeque<(MonoTime, Item)>,
    newest: MonoTime,
    newest_imu: MonoTime,
    newest_fix: MonoTime,
    /// Everything before this is decided: what is earlier comes too late.
    horizon: MonoTime,
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            imu: VecDeque::new(),
            others: VecDeque::new(),
            newest: MonoTime::MIN,
            newest_imu: MonoTime::MIN,
            newest_fix: MonoTime::MIN,
            horizon: MonoTime::MIN,
        }
    }
}

impl Queue {
    /// The latest time of any input.
    pub fn newest(&self) -> MonoTime {
        self.newest
    }

    /// Everything before this is decided.
    pub fn horizon(&self) -> MonoTime {
        self.horizon
    }

    /// When something that is held will have been held for long enough.
    pub fn oldest_held(&self) -> Option<MonoTime> {
        let imu = self.imu.front().map(|s| s.t);
        let other = self.others.front().map(|(t, _)| *t);
        imu.into_iter().chain(other).min()
    }

    /// Holds a sample that is not late.
    #[inline]
    pub fn hold_imu(&mut self, sample: &ImuSample) {
        if self.newest_imu > sample.t {
            return self.insert_imu(sample);
        }
        // As nearly always: later than all before.
        self.newest_imu = sample.t;
        self.newest = self.newest.max(sample.t);
        self.imu.push_back(*sample);
    }

    #[cold]
    fn insert_imu(&mut self, sample: &ImuSample) {
        let at = self.imu.partition_point(|held| held.t <= sample.t);
        self.imu.insert(at, *sample);
    }

    /// Holds anything else that is not late.
    pub fn hold(&mut self, t: MonoTime, item: Item) {
        self.newest = self.newest.max(t);
        if matches!(item, Item::Fix(_) | Item::Mock) {
            self.newest_fix = self.newest_fix.max(t);
        }
        let key = (t, item.rank());
        if self.others.back().is_none_or(|(t, held)| (*t, held.rank()) <= key) {
            // As nearly always: later than all before.
            return self.others.push_back((t, item));
        }
        let at = self.others.partition_point(|(t, held)| (*t, held.rank()) <= key);
        self.others.insert(at, (t, item));
    }

    /// Time passes without an input.
    pub fn tick(&mut self, t: MonoTime) {
        self.newest = self.newest.max(t);
    }

    /// Moves the horizon: to where both streams have been, or to where nobody waits any more. Returns whether it had
    /// to move early because too much is held.
    pub fn settle(&mut self, max_lateness_s: f64) -> bool {
        let both = self.newest_imu.min(self.newest_fix);
        let waited = self.newest.plus(-max_lateness_s);
        self.horizon = self.horizon.max(both).max(waited);
        let mut forced = false;
        for (len, limit, front) in [
            (self.imu.len(), MAX_HELD_IMU, self.imu.get(self.imu.len().saturating_sub(MAX_HELD_IMU)).map(|s| s.t)),
            (
                self.others.len(),
                MAX_HELD_OTHERS,
                self.others.get(self.others.len().saturating_sub(MAX_HELD_OTHERS)).map(|(t, _)| *t),
            ),
        ] {
            if let (true, Some(t)) = (len > limit, front)
                && t > self.horizon
            {
                self.horizon = t;
                forced = true;
            }
        }
        forced
    }

    /// Lets everything go: nothing more will come on this axis.
    pub fn settle_all(&mut self) {
        self.horizon = self.horizon.max(MonoTime(self.newest.0.saturating_add(1)));
    }

    /// A new axis of time: nothing is late on it. Call it when everything has been taken.
    pub fn restart(&mut self) {
        *self = Self::default();
    }

    /// Samples before this come before anything else that is decided.
    pub fn imu_before(&self) -> MonoTime {
        self.others.front().map_or(self.horizon, |(t, _)| self.horizon.min(*t))
    }

    /// Moves all samples before `before` to `out`.
    pub fn take_imu(&mut self, before: MonoTime, out: &mut Vec<ImuSample>) {
        let count = self.imu.partition_point(|sample| sample.t < before);
        let (front, back) = self.imu.as_slices();
        let (in_front, in_back) = (count.min(front.len()), count.saturating_sub(front.len()));
        out.extend_from_slice(front.get(..in_front).unwrap_or_default());
        out.extend_from_slice(back.get(..in_back).unwrap_or_default());
        self.imu.drain(..count);
    }

    /// The next input that is no sample, if it is decided. Call it when no sample comes before it.
    pub fn take_other(&mut self) -> Option<(MonoTime, Item)> {
        self.others.pop_front_if(|(t, _)| *t < self.horizon)
    }
}
