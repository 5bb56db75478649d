//! Clean input: order, duplicates, gaps, NaN, stale or teleporting fixes, week rollover, mock flag; a counter for every
//! reason. Everything after it may trust what it gets: finite, in range, in order of event time, each once. What the
//! inputs mean is left to everyone else.

mod config;
mod counters;
mod fix;
mod imu;
mod queue;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use config::IntakeConfig;
pub use counters::Counters;
pub use fix::ROLLOVER_DAYS;
pub use queue::Item;

use crate::sample::{Fix, ImuSample, MonoTime, NS_PER_S};
use queue::Queue;

/// A time stamp further ahead than this (a day) must be backed by a second one: one wrong stamp must not make
/// everything that follows late.
const LEAP_NS: i64 = 86_400 * NS_PER_S;

/// The one door into the engine.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Intake {
    config: IntakeConfig,
    counters: Counters,
    queue: Queue,
    imu: imu::ImuOrder,
    fixes: fix::FixOrder,
    /// An input far ahead of all others, waiting for a second one.
    leap: Option<Leap>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum Leap {
    Imu(ImuSample),
    Fix(Fix),
}

impl Leap {
    fn t(self) -> MonoTime {
        match self {
            Leap::Imu(s) => s.t,
            Leap::Fix(f) => f.t,
        }
    }
}

impl Intake {
    /// Nothing held, nothing counted.
    pub fn new(config: IntakeConfig) -> Self {
        Self {
            config,
            counters: Counters::default(),
            queue: Queue::default(),
            imu: imu::ImuOrder::default(),
            fixes: fix::FixOrder::default(),
            leap: None,
        }
    }

    /// Samples as they came.
    pub fn imu(&mut self, batch: &[ImuSample]) {
        let horizon = self.queue.horizon();
        // What lies no further ahead needs nobody to back it: time never goes back.
        let mut near_until = self.near_until();
        for sample in batch {
            if !imu::admit(sample, &mut self.counters) {
                continue;
            }
            if sample.t < horizon {
                self.counters.imu_late += 1;
                continue;
            }
            if sample.t > near_until {
                let leaps = !self.is_near(sample.t) && self.leaps(sample.t, Leap::Imu(*sample));
                near_until = self.near_until();
                if leaps {
                    continue;
                }
            }
            self.queue.hold_imu(sample);
        }
    }

    /// A fix as it came; `wall_ms_now` is the wall clock at the fix's own time, as the host's clock has it.
    pub fn fix(&mut self, fix: &Fix, wall_ms_now: Option<i64>) {
        let Some(fix) = fix::admit(fix, wall_ms_now, &self.config, &mut self.counters) else { return };
        if fix.t < self.queue.horizon() {
            self.counters.fix_late += 1;
            return;
        }
        if !self.is_near(fix.t) && self.leaps(fix.t, Leap::Fix(fix)) {
            return;
        }
        self.hold_fix(fix);
    }

    /// Anything that is never refused: if it is late, it counts from now on.
    pub fn other(&mut self, t: MonoTime, item: Item) {
        let horizon = self.queue.horizon();
        if t < horizon {
            self.counters.signals_late += 1;
        }
        self.counters.signals_taken += u64::from(!matches!(item, Item::Clock(_)));
        self.queue.hold(t.max(horizon), item);
    }

    /// A signal whose time is decided, and that has its effect there all the same.
    pub fn count_late_signal(&mut self) {
        self.counters.signals_late += 1;
        self.counters.signals_taken += 1;
    }

    /// Time passes.
    pub fn tick(&mut self, t: MonoTime) {
        self.queue.tick(t);
    }

    /// Call after a batch of inputs: what they decided can then be [taken](Self::take).
    pub fn settle(&mut self) {
        self.counters.forced += u64::from(self.queue.settle(self.config.max_lateness_s));
    }

    /// Nothing more will come on this axis of time: everything held can be taken.
    pub fn settle_all(&mut self) {
        match self.leap.take() {
            Some(Leap::Imu(_)) => self.counters.imu_leap += 1,
            Some(Leap::Fix(_)) => self.counters.fix_leap += 1,
            None => {}
        }
        self.queue.settle_all();
    }

    /// Moves the samples that come before anything else to `out`, in order. Each is to be [accepted](Self::accept) when its
    /// turn comes.
    pub fn take_imu(&mut self, out: &mut Vec<ImuSample>) {
        self.queue.take_imu(self.queue.imu_before(), out);
    }

    /// Whether the next sample in order is to be used.
    #[inline]
    pub fn accept(&mut self, sample: &ImuSample) -> bool {
        self.imu.accept(sample, &mut self.counters)
    }

    /// The next input that is no sample; within, `None` if it was refused. Call it when [`Self::take_imu`] has nothing,
    /// and that again after each: they come in order then.
    pub fn take_other(&mut self) -> Option<Option<(MonoTime, Item)>> {
        let (t, item) = self.queue.take_other()?;
        let good = match &item {
            Item::Fix(fix) => self.fixes.accept(fix, &self.config, &mut self.counters),
            Item::Mock => {
                self.counters.fix_mock += 1;
                true
            }
            Item::Clock(_) | Item::Signal(_) | Item::Command(_) => true,
        };
        Some(good.then_some((t, item)))
    }

    /// The phone was restarted: a new axis of time, on which nothing is late. Everything held must have been taken.
    pub fn restart(&mut self) {
        self.queue.restart();
        self.imu = imu::ImuOrder::default();
        self.fixes = fix::FixOrder::default();
        self.counters.reboots += 1;
    }

    /// Everything before this is decided; nothing earlier will be taken.
    pub fn horizon(&self) -> MonoTime {
        self.queue.horizon()
    }

    /// The latest time of any input.
    pub fn newest(&self) -> MonoTime {
        self.queue.newest()
    }

    /// When what is held can be decided at the latest.
    pub fn deadline(&self) -> Option<MonoTime> {
        self.queue.oldest_held().map(|t| t.plus(self.config.max_lateness_s))
    }

    /// Taken and refused so far.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// As [`Self::counters`], for reasons that others find.
    pub fn counters_mut(&mut self) -> &mut Counters {
        &mut self.counters
    }

    /// IMU samples a second, lately.
    pub fn imu_rate_hz(&self) -> Option<f64> {
        self.imu.rate_hz()
    }

    /// A mock provider's fix is refused when its time has come, so that when that is told depends on nothing else.
    fn hold_fix(&mut self, fix: Fix) {
        let refused = fix.mock && !self.config.accept_mock;
        self.queue.hold(fix.t, if refused { Item::Mock } else { Item::Fix(fix) });
    }

    /// Up to then a stamp certainly needs nobody to back it.
    fn near_until(&self) -> MonoTime {
        match self.leap {
            None => MonoTime(self.queue.newest().0.saturating_add(LEAP_NS)),
            Some(_) => MonoTime::MIN,
        }
    }

    /// Whether `t` needs nobody to back it.
    fn is_near(&self, t: MonoTime) -> bool {
        self.leap.is_none() && is_backed(t, self.queue.newest())
    }

    /// Whether `t` is so far ahead that it must wait for a second one. The one that waited before is let in or refused.
    #[cold]
    fn leaps(&mut self, t: MonoTime, input: Leap) -> bool {
        if self.leap.is_none() && self.queue.newest() == MonoTime::MIN {
            return false;
        }
        match self.leap.take() {
            // Backed: both are right, and time really went on.
            Some(waiting) if is_backed(t, waiting.t()) && is_backed(waiting.t(), t) => match waiting {
                Leap::Imu(sample) => self.queue.hold_imu(&sample),
                Leap::Fix(fix) => self.hold_fix(fix),
            },
            Some(Leap::Imu(_)) => self.counters.imu_leap += 1,
            Some(Leap::Fix(_)) => self.counters.fix_leap += 1,
            None => {}
        }
        if is_backed(t, self.queue.newest()) {
            return false;
        }
        self.leap = Some(input);
        true
    }
}

/// Whether `t` lies no further ahead of `other` than one stamp alone is believed.
fn is_backed(t: MonoTime, other: MonoTime) -> bool {
    t.0.saturating_sub(other.0) <= LEAP_NS
}
