//! The five seconds before and after a hard knock at the full rate, as the sensors gave them: what an expert wants to see
//! of a crash. Whether it was one is decided elsewhere; until then the window of the hardest knock is held, and no other.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::num::Vec3;
use crate::packing::{Row, ring, short};
use crate::sample::{ImuSample, MonoTime, NS_PER_S};
use crate::window;

/// Before and after the knock.
const AROUND_S: f64 = 5.0;
const AROUND_NS: i64 = 5 * NS_PER_S;
/// Samples kept before a knock: five seconds at 200 Hz; of a faster sensor, less time.
const BEFORE_MAX: usize = 1_000;
/// Samples of a window.
const WINDOW_MAX: usize = 2 * BEFORE_MAX;
/// A knock that was no crash is known as none by then.
const HELD_S: f64 = 20.0;
/// mg in a m/s², up to 32 g, and mrad/s in a rad/s: as a window is packed.
const PER_FORCE: f32 = 101.971_62;
const PER_RATE: f32 = 1_000.0;
/// Microseconds of time.
const NS_PER_US: i64 = 1_000;

/// A sample in whole numbers, which is all that anybody reads of it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Raw {
    us: i64,
    force_mg: [i16; 3],
    rate_mrad_s: Option<[i16; 3]>,
}

/// A sample as it came: it is made whole when it is read, which few ever are.
#[derive(Clone, Copy, Debug)]
struct Kept(ImuSample);

/// A window, packed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RawWindow {
    /// Time of the first sample.
    pub t0: MonoTime,
    /// How many there are.
    pub samples: usize,
    /// All of them, see [`crate::window`].
    pub bytes: Vec<u8>,
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
            let Raw { us, force_mg, .. } = kept.whole();
            ((us - newest_us) as f64 * 1e-6, force_mg.map(|x| f64::from(x) / f64::from(PER_FORCE)))
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
        let samples: Vec<ImuSample> = held.samples.iter().map(|kept| kept.whole().sample()).collect();
        Some(RawWindow { t0: samples.first()?.t, samples: samples.len(), bytes: window::encode(&samples) })
    }
}

impl Kept {
    fn whole(self) -> Raw {
        let Self(sample) = self;
        let whole = |v: [f32; 3], per: f32| v.map(|x| short(f64::from(x * per)));
        Raw {
            us: sample.t.0.div_euclid(NS_PER_US),
            force_mg: whole(sample.force_mps2, PER_FORCE),
            rate_mrad_s: sample.rate_rad_s.map(|rate| whole(rate, PER_RATE)),
        }
    }
}

/// Numbers of a sample that is packed into a snapshot.
const NUMBERS: usize = 8;

impl Row<NUMBERS> for Kept {
    fn row(&self) -> [i64; NUMBERS] {
        let Raw { us, force_mg: [a, b, c], rate_mrad_s } = self.whole();
        let [x, y, z] = rate_mrad_s.unwrap_or_default();
        let [a, b, c, x, y, z] = [a, b, c, x, y, z].map(i64::from);
        [us, a, b, c, x, y, z, i64::from(rate_mrad_s.is_some())]
    }

    fn from_row([us, a, b, c, x, y, z, has_rate]: [i64; NUMBERS]) -> Option<Self> {
        us.checked_mul(NS_PER_US)?;
        let triple = |v: [i64; 3]| -> Option<[i16; 3]> {
            let [x, y, z] = v.map(|n| i16::try_from(n).ok());
            Some([x?, y?, z?])
        };
        let rate_mrad_s = if has_rate == 0 { None } else { Some(triple([x, y, z])?) };
        Some(Self(Raw { us, force_mg: triple([a, b, c])?, rate_mrad_s }.sample()))
    }
}

impl Raw {
    /// Of which the same whole numbers are made again.
    fn sample(self) -> ImuSample {
        let real = |v: [i16; 3], per: f32| v.map(|n| f32::from(n) / per);
        ImuSample {
            t: MonoTime(self.us.saturating_mul(NS_PER_US)),
            force_mps2: real(self.force_mg, PER_FORCE),
            rate_rad_s: self.rate_mrad_s.map(|rate| real(rate, PER_RATE)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(t_s: f64, z: f32) -> ImuSample {
        let t = MonoTime::from_seconds(t_s);
        ImuSample { t, force_mps2: [0.0, 0.5, z], rate_rad_s: Some([0.0, 0.0, 0.25]) }
    }

    fn samples(window: Option<RawWindow>) -> Vec<ImuSample> {
        let window = window.unwrap();
        let samples = window::decode(&window.bytes).unwrap();
        assert_eq!((samples.len(), samples[0].t), (window.samples, window.t0));
        samples
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
        let w = samples(windows.take(MonoTime::from_seconds(20.1)));
        assert_eq!((w[0].t.seconds(), w.len(), w[1_000].t.seconds()), (15.0, 1_001, 25.0));
        let close = |a: f32, b: f32| (a - b).abs() < 5.1e-3;
        let forces = [(w[0].force_mps2[1], 0.5), (w[499].force_mps2[2], 9.81), (w[500].force_mps2[2], 60.0)];
        assert!(forces.into_iter().all(|(a, b)| close(a, b)), "{forces:?}");
        assert_eq!(w[7].rate_rad_s, Some([0.0, 0.0, 0.25]));
        assert_eq!(windows.take(MonoTime::from_seconds(20.1)), None, "once");
    }

    #[test]
    fn the_hardest_knock_is_held_and_memory_stays_bounded() {
        let mut windows = RawWindows::default();
        drive(&mut windows, 500.0, &[(10.0, 30.0), (11.0, 90.0), (12.0, 40.0)], 16.0);
        assert!(windows.before.len() <= BEFORE_MAX);
        let w = samples(windows.take(MonoTime::from_seconds(11.0)));
        assert!(w.len() <= WINDOW_MAX && w.iter().any(|sample| (sample.force_mps2[2] - 90.0).abs() < 0.01));
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
