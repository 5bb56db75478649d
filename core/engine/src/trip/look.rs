//! What the raw IMU shows in a second: rest, feet, a hand, or a body that is carried along. It looks at spread and never
//! at mean, so that neither bias nor mounting matters. What follows from it is `wake`'s.

use serde::{Deserialize, Serialize};

use crate::num::{G_MPS2, Vec3, dot};
use crate::sample::{ImuSample, MonoTime, NS_PER_S};

/// One look takes so long.
const WINDOW_S: f64 = 1.0;
const WINDOW_NS: i64 = NS_PER_S;
/// Readings that come faster are left out: 25 to 40 a second show all of this at any rate of the sensor.
const SPACING_NS: i64 = 24 * NS_PER_S / 1000;
/// Standard deviation of the force, all axes together: a table stays below, an idling engine mostly, rolling does not.
const STILL_MPS2: f64 = 0.12;
/// Vehicles turn slower than this, hands that hold or place a phone turn it faster.
const HANDLED_RAD_S: f64 = 1.0;
/// A foot that lands pushes a phone at least this hard.
const FOOTFALL_MPS2: f64 = 1.8;
/// So many feet in a look are a walk; one may be a pothole.
const MIN_FEET: u32 = 2;
/// Fewer readings than this say nothing.
const MIN_SAMPLES: u32 = 5;
/// Looks that are remembered.
const REMEMBERED: u32 = 16;
/// Readings may come in batches of this length and still be live.
const BATCH_S: f64 = 12.0;

/// What a look saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// On a table, or in a vehicle that stands.
    Still,
    /// Steps.
    Feet(u32),
    /// In a hand that moves it.
    Handled,
    /// Carried along by something: a ride, a lift, a restless knee.
    Stirred,
}

/// The readings of the current second, and what the seconds before showed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Look {
    start: Option<MonoTime>,
    last: Option<MonoTime>,
    /// A reading from then on is not left out.
    next: MonoTime,
    count: u32,
    sum: Vec3,
    squares: f64,
    fastest: f64,
    feet: u32,
    above: bool,
    still_s: f64,
    /// The newest look is the lowest bit.
    stirred: u16,
}

impl Look {
    /// Takes a reading; says what was seen when a second is over.
    pub fn push(&mut self, sample: &ImuSample) -> Option<Seen> {
        if self.last.is_some_and(|last| sample.t >= last) && sample.t < self.next {
            return None;
        }
        let force = sample.force_mps2.map(f64::from);
        let squared = dot(force, force);
        if !squared.is_finite() {
            return None;
        }
        let hole = self.last.is_none_or(|last| sample.t < last || sample.t.0.saturating_sub(last.0) > WINDOW_NS);
        if hole {
            *self = Self::default();
        }
        (self.last, self.next) = (Some(sample.t), MonoTime(sample.t.0.saturating_add(SPACING_NS)));
        let start = *self.start.get_or_insert(sample.t);
        let seen = if sample.t.0.saturating_sub(start.0) >= WINDOW_NS { self.close(sample.t) } else { None };
        self.count += 1;
        for (sum, x) in self.sum.iter_mut().zip(force) {
            *sum += x;
        }
        self.squares += squared;
        if let Some(rate) = sample.rate_rad_s {
            let rate = rate.map(f64::from);
            self.fastest = self.fastest.max(dot(rate, rate));
        }
        let above = squared > (G_MPS2 + FOOTFALL_MPS2) * (G_MPS2 + FOOTFALL_MPS2);
        self.feet += u32::from(above && !self.above);
        self.above = above;
        seen
    }

    /// Readings come in.
    pub fn is_live(&self, now: MonoTime) -> bool {
        self.last.is_some_and(|last| now.since(last) < BATCH_S)
    }

    /// Still for so long.
    pub fn still_s(&self) -> f64 {
        self.still_s
    }

    /// How many of the last looks saw it stirred.
    pub fn stirred(&self, of: u32) -> u32 {
        let mask = (1u32 << of.min(REMEMBERED)) - 1;
        (u32::from(self.stirred) & mask).count_ones()
    }

    fn close(&mut self, t: MonoTime) -> Option<Seen> {
        let n = f64::from(self.count);
        let seen = (self.count >= MIN_SAMPLES).then(|| {
            let variance = (self.squares - dot(self.sum, self.sum) / n) / n;
            if self.feet >= MIN_FEET {
                Seen::Feet(self.feet)
            } else if self.fastest > HANDLED_RAD_S * HANDLED_RAD_S {
                Seen::Handled
            } else if variance < STILL_MPS2 * STILL_MPS2 {
                Seen::Still
            } else {
                Seen::Stirred
            }
        });
        let still_s = if seen == Some(Seen::Still) { self.still_s + WINDOW_S } else { 0.0 };
        let stirred = (self.stirred << 1) | u16::from(seen == Some(Seen::Stirred));
        let Self { last, next, above, .. } = *self;
        *self = Self { start: Some(t), last, next, above, still_s, stirred, ..Self::default() };
        seen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn see(force: impl Fn(f64) -> [f32; 3], rate: f32) -> Vec<Seen> {
        let mut look = Look::default();
        let sample = |n: u32| {
            let t_s = f64::from(n) * 0.04;
            let rate_rad_s = Some([rate, 0.0, 0.0]);
            ImuSample { t: MonoTime::from_seconds(t_s), force_mps2: force(t_s), rate_rad_s }
        };
        (0..250).filter_map(|n| look.push(&sample(n))).collect()
    }

    #[test]
    fn a_table_feet_a_hand_and_a_ride_look_different() {
        let swing =
            |hz: f64, by: f64| move |t: f64| [0.0, (by * libm::sin(core::f64::consts::TAU * hz * t)) as f32, 9.81];
        assert!(see(|_| [0.3, 0.1, 9.7], 0.0).iter().all(|s| *s == Seen::Still));
        assert!(see(swing(0.3, 1.0), 0.1).iter().all(|s| *s == Seen::Stirred));
        assert!(see(swing(0.3, 1.0), 2.0).iter().all(|s| *s == Seen::Handled));
        let walk = |t: f64| [0.0, 0.0, (9.81 + 3.0 * libm::sin(core::f64::consts::TAU * 2.0 * t)) as f32];
        assert!(see(walk, 0.5).iter().all(|s| matches!(s, Seen::Feet(_))));
    }
}
