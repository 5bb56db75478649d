//! The five seconds before and after a hard knock at the full rate, as the sensors gave them: what an expert wants to see
//! of a crash. Whether it was one is decided elsewhere; until then the window of the hardest knock is held, and no other.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::num::Vec3;
use crate::packing::{Row, ring, short};
use crate::sample::{ImuSample, MonoTime, NS_PER_S};

/// Before and after the knock.
const AROUND_S: f64 = 5.0;
const AROUND_NS: i64 = 5 * NS_PER_S;
/// Samples kept before a knock: five seconds at 200 Hz; of a faster sensor, less time.
const BEFORE_MAX: usize = 1_000;
/// Samples of a window.
const WINDOW_MAX: usize = 2 * BEFORE_MAX;
/// A knock that was no crash is known as none by then.
const HELD_S: f64 = 20.0;
/// cm/s² in a m/s²: a thousandth of g, up to 33 g; and mrad/s in a rad/s.
const PER_FORCE: f32 = 100.0;
const PER_RATE: f32 = 1_000.0;
/// Microseconds of time.
const NS_PER_US: i64 = 1_000;

/// A sample in whole numbers, which is all that anybody reads of it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Raw {
    us: i64,
    force_cmps2: [i16; 3],
    rate_mrad_s: Option<[i16; 3]>,
}

/// A sample as it came: it is made whole when it is read, which few ever are.
#[derive(Clone, Copy, Debug)]
struct Kept(ImuSample);

/// A window, column by column.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RawWindow {
    /// Time of the first sample.
    pub t0: MonoTime,
    /// Microseconds since then.
    pub t_us: Vec<u32>,
    /// Specific force in the phone frame, cm/s².
    pub force_cmps2: [Vec<i16>; 3],
    /// Rotation rate in the phone frame, mrad/s; empty without a gyroscope.
    pub rate_mrad_s: [Vec<i16>; 3],
}

/// The knock whose window is held.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Held {
    t: MonoTime,
    n2: f64,
    #[serde(with = "ring")]
    samples: VecDeque<Kept>,
}

/// The keeper.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct RawWindows {
    #[serde(with = "ring")]
    before: VecDeque<Kept>,
    held: Option<Held>,
}

impl RawWindows {
    /// One sample at the full rate.
    #[inline]
    pub(super) fn imu(&mut self, sample: &ImuSample) {
        let from = sample.t.0.saturating_sub(AROUND_NS);
        while self.before.len() == BEFORE_MAX || self.before.front().is_some_and(|kept| kept.0.t.0 < from) {
            self.before.pop_front();
        }
        self.before.push_back(Kept(*sample));
        if self.held.is_some() {
            self.hold(sample);
        }
    }

    #[cold]
    fn hold(&mut self, sample: &ImuSample) {
        let t = sample.t;
        let over = |held: &mut Held| t.since(held.t) > HELD_S;
        self.held.take_if(over);
        if let Some(held) = &mut self.held
            && held.samples.len() < WINDOW_MAX
            && t.since(held.t) <= AROUND_S
        {
            held.samples.push_back(Kept(*sample));
        }
    }

    /// The samples of the last seconds up to five, newest first: seconds before the newest, below 0, and the force in m/s².
    pub(super) fn newest(&self, seconds: f64) -> impl Iterator<Item = (f64, Vec3)> {
        let newest_us = self.before.back().map_or(0, |kept| kept.whole().us);
        let read = move |kept: &Kept| {
            let Raw { us, force_cmps2, .. } = kept.whole();
            ((us - newest_us) as f64 * 1e-6, force_cmps2.map(|x| f64::from(x) / f64::from(PER_FORCE)))
        };
        self.before.iter().rev().map(read).take_while(move |(t_s, _)| *t_s >= -seconds)
    }

    /// It knocked in the sample just taken; `n2` is the square of how hard.
    #[cold]
    pub(super) fn knocks(&mut self, t: MonoTime, n2: f64) {
        if self.held.as_ref().is_none_or(|held| n2 > held.n2) {
            self.held = Some(Held { t, n2, samples: self.before.clone() });
        }
    }

    /// The window around a time, if it is the one that is held. It is held no longer.
    pub(super) fn take(&mut self, t: MonoTime) -> Option<RawWindow> {
        let held = self.held.take_if(|held| held.t.since(t).abs() <= AROUND_S)?;
        Some(RawWindow::of(&held.samples))
    }
}

impl Kept {
    fn whole(self) -> Raw {
        let Self(sample) = self;
        let whole = |v: [f32; 3], per: f32| v.map(|x| short(f64::from(x * per)));
        Raw {
            us: sample.t.0.div_euclid(NS_PER_US),
            force_cmps2: whole(sample.force_mps2, PER_FORCE),
            rate_mrad_s: sample.rate_rad_s.map(|rate| whole(rate, PER_RATE)),
        }
    }
}

/// Numbers of a sample that is packed into a snapshot.
const NUMBERS: usize = 8;

impl Row<NUMBERS> for Kept {
    fn row(&self) -> [i64; NUMBERS] {
        let Raw { us, force_cmps2: [a, b, c], rate_mrad_s } = self.whole();
        let [x, y, z] = rate_mrad_s.unwrap_or_default();
        let [a, b, c, x, y, z] = [a, b, c, x, y, z].map(i64::from);
        [us, a, b, c, x, y, z, i64::from(rate_mrad_s.is_some())]
    }

    fn from_row([us, a, b, c, x, y, z, has_rate]: [i64; NUMBERS]) -> Option<Self> {
        let triple = |v: [i64; 3], per: f32| -> Option<[f32; 3]> {
            let [x, y, z] = v.map(|n| i16::try_from(n).ok().map(|n| f32::from(n) / per));
            Some([x?, y?, z?])
        };
        let rate_rad_s = if has_rate == 0 { None } else { Some(triple([x, y, z], PER_RATE)?) };
        let t = MonoTime(us.checked_mul(NS_PER_US)?);
        Some(Self(ImuSample { t, force_mps2: triple([a, b, c], PER_FORCE)?, rate_rad_s }))
    }
}

impl RawWindow {
    fn of(samples: &VecDeque<Kept>) -> Self {
        let first_us = samples.front().map_or(0, |kept| kept.whole().us);
        let mut window = Self { t0: MonoTime(first_us * NS_PER_US), ..Self::default() };
        let turns = samples.iter().all(|kept| kept.0.rate_rad_s.is_some());
        for raw in samples.iter().map(|kept| kept.whole()) {
            window.t_us.push(u32::try_from(raw.us - first_us).unwrap_or(u32::MAX));
            for (column, value) in window.force_cmps2.iter_mut().zip(raw.force_cmps2) {
                column.push(value);
            }
            for (column, value) in
                window.rate_mrad_s.iter_mut().zip(raw.rate_mrad_s.filter(|_| turns).into_iter().flatten())
            {
                column.push(value);
            }
        }
        window
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(t_s: f64, z: f32) -> ImuSample {
        let t = MonoTime::from_seconds(t_s);
        ImuSample { t, force_mps2: [0.0, 0.5, z], rate_rad_s: Some([0.0, 0.0, 0.25]) }
    }

    fn drive(windows: &mut RawWindows, hz: f64, knocks: &[(f64, f32)], until_s: f64) {
        for i in 0..(until_s * hz) as u32 {
            let t_s = f64::from(i) / hz;
            let knock = knocks.iter().find(|(at, _)| (t_s - at).abs() < 0.5 / hz);
            let z = knock.map_or(9.81, |(_, z)| *z);
            windows.imu(&sample(t_s, z));
            if knock.is_some() {
                windows.knocks(MonoTime::from_seconds(t_s), f64::from(z * z));
            }
        }
    }

    #[test]
    fn five_seconds_before_and_after_at_the_full_rate() {
        let mut windows = RawWindows::default();
        drive(&mut windows, 100.0, &[(20.0, 60.0)], 39.0);
        let w = windows.take(MonoTime::from_seconds(20.1)).unwrap();
        assert_eq!((w.t0.seconds(), w.t_us.len(), w.t_us.last()), (15.0, 1_001, Some(&10_000_000)));
        let [_, y, z] = &w.force_cmps2;
        assert_eq!((y[0], z[499], z[500], z[501], w.rate_mrad_s[2][7]), (50, 981, 6_000, 981, 250));
        assert_eq!(windows.take(MonoTime::from_seconds(20.1)), None, "once");
    }

    #[test]
    fn the_hardest_knock_is_held_and_memory_stays_bounded() {
        let mut windows = RawWindows::default();
        drive(&mut windows, 500.0, &[(10.0, 30.0), (11.0, 90.0), (12.0, 40.0)], 16.0);
        assert!(windows.before.len() <= BEFORE_MAX);
        let w = windows.take(MonoTime::from_seconds(11.0)).unwrap();
        assert!(w.t_us.len() <= WINDOW_MAX && w.force_cmps2[2].contains(&9_000));
        assert!(windows.take(MonoTime::from_seconds(99.0)).is_none());
    }

    #[test]
    fn a_knock_of_which_nobody_made_a_crash_is_let_go() {
        let mut windows = RawWindows::default();
        drive(&mut windows, 100.0, &[(10.0, 60.0)], 31.0);
        assert_eq!((windows.held.is_none(), windows.take(MonoTime::from_seconds(10.0))), (true, None));
    }

    #[test]
    fn it_is_the_same_after_a_restart() {
        let mut windows = RawWindows::default();
        drive(&mut windows, 100.0, &[(8.0, 60.0)], 9.0);
        let bytes = postcard::to_allocvec(&windows).unwrap();
        let mut back: RawWindows = postcard::from_bytes(&bytes).unwrap();
        assert_eq!(back.take(MonoTime::from_seconds(8.0)), windows.take(MonoTime::from_seconds(8.0)));
        assert!(bytes.len() < 12_000, "{}", bytes.len());
    }
}
