//! Where the vehicle was and how fast over the last minutes, once a second: what is needed to say of a limit that comes
//! late whether it was kept. Remembers, and judges nothing.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::geo::LatLon;
use crate::num::round;
use crate::packing::{Row, ring};
use crate::sample::MonoTime;

use super::episode::Going;

/// Steps kept: 20 min at one a second. A provider of limits answers within minutes or not before the trip is over; 6
/// bytes a step are as much as a phone's snapshot should carry for it.
const KEPT: usize = 1_200;
/// Speeds closer than this are thinned: between them speed is as good as straight.
const SPACING_S: f64 = 0.98;
/// Time without any speed that is bridged; over more nobody knows how fast it was.
pub(super) const HOLE_S: f64 = 5.0;
/// A step further apart than this in time or place does not fit into its few bits; nobody needs it.
const FAR_MS: i64 = u16::MAX as i64;
const DEG_E6: f64 = 1e6;
/// Of the speed, per m/s: whether a limit was kept hangs on centimetres.
const PER_MPS: f64 = 100.0;

/// From one moment to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Step {
    ms: u16,
    /// In parts of `PER_MPS`.
    speed: u16,
    /// North and east, 10⁻⁶ degrees (11 cm): `None` without a position.
    moved: Option<[i16; 2]>,
    /// What was before it belongs to something else: a trip ended between.
    apart: bool,
}

impl Step {
    /// From the one before: nothing lies between that would have to be bridged.
    fn goes_on(self) -> bool {
        !self.apart && f64::from(self.ms) <= HOLE_S * 1e3
    }
}

impl Row<4> for Step {
    fn row(&self) -> [i64; 4] {
        let [north, east] = self.moved.unwrap_or_default().map(i64::from);
        let flags = i64::from(self.moved.is_some()) + 2 * i64::from(self.apart);
        // Time and flags hardly ever change: together they take one number.
        [i64::from(self.ms) * 4 + flags, i64::from(self.speed), north, east]
    }

    fn from_row([ms, speed, north, east]: [i64; 4]) -> Option<Self> {
        let moved = [i16::try_from(north).ok()?, i16::try_from(east).ok()?];
        Some(Self {
            ms: u16::try_from(ms >> 2).ok()?,
            speed: u16::try_from(speed).ok()?,
            moved: (ms & 1 != 0).then_some(moved),
            apart: ms & 2 != 0,
        })
    }
}

/// Time and place that a step begins from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Mark {
    ms: i64,
    lat_e6: i32,
    lon_e6: i32,
}

/// The last minutes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Trail {
    #[serde(with = "ring")]
    steps: VecDeque<Step>,
    /// What the first step begins from, and where the last one ended.
    before: Mark,
    last: Mark,
    apart: bool,
}

impl Trail {
    /// Takes where the vehicle is now; true if it is the next step.
    pub(super) fn push(&mut self, now: Going) -> bool {
        let ms = now.t.0.div_euclid(1_000_000);
        let since = ms - self.last.ms;
        if !self.steps.is_empty() && (since as f64) < SPACING_S * 1e3 {
            return false;
        }
        let place = now.position.map(|p| [(p.lat_deg * DEG_E6).round() as i32, (p.lon_deg * DEG_E6).round() as i32]);
        let far = place.is_some_and(|place| self.last.to(place).is_none());
        if self.steps.is_empty() || since > FAR_MS || far {
            let [lat_e6, lon_e6] = place.unwrap_or([self.last.lat_e6, self.last.lon_e6]);
            self.steps.clear();
            self.before = Mark { ms, lat_e6, lon_e6 };
            self.last = self.before;
        }
        if self.steps.len() == KEPT
            && let Some(first) = self.steps.pop_front()
        {
            self.before = self.before.after(first);
        }
        let moved = place.and_then(|place| self.last.to(place));
        let speed = (now.speed_mps * PER_MPS).round().clamp(0.0, f64::from(u16::MAX)) as u16;
        let step = Step { ms: (ms - self.last.ms) as u16, speed, moved, apart: std::mem::take(&mut self.apart) };
        self.last = self.last.after(step);
        self.steps.push_back(step);
        true
    }

    /// What comes next belongs to something else: nothing is bridged to it.
    pub(super) fn cut(&mut self) {
        self.apart = true;
    }

    /// Whether nothing came since it was cut.
    pub(super) fn is_cut(&self) -> bool {
        self.apart
    }

    /// When it begins; `None` if it is empty.
    pub(super) fn start(&self) -> Option<MonoTime> {
        self.iter().next().map(|(going, _)| going.t)
    }

    /// Every step in order of time, and whether it goes on from the one before.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Going, bool)> {
        let mut mark = self.before;
        self.steps.iter().map(move |step| {
            mark = mark.after(*step);
            (mark.going(*step), step.goes_on())
        })
    }

    /// The same from the newest back.
    pub(super) fn back(&self) -> impl Iterator<Item = (Going, bool)> {
        let mut mark = self.last;
        self.steps.iter().rev().map(move |step| {
            let here = mark;
            mark = here.before(*step);
            (here.going(*step), step.goes_on())
        })
    }

    /// The last step but one and the last, if that goes on from it.
    pub(super) fn newest(&self) -> Option<(Option<Going>, Going)> {
        let mut back = self.back();
        let (now, goes_on) = back.next()?;
        Some((back.next().map(|(before, _)| before).filter(|_| goes_on), now))
    }
}

impl Mark {
    /// What a step to that place is; `None` if it is too far.
    fn to(self, [lat_e6, lon_e6]: [i32; 2]) -> Option<[i16; 2]> {
        let north = i16::try_from(lat_e6 - self.lat_e6).ok()?;
        Some([north, i16::try_from(wrap_e6(lon_e6 - self.lon_e6)).ok()?])
    }

    fn after(self, step: Step) -> Self {
        let [north, east] = step.moved.unwrap_or_default();
        let lon_e6 = self.lon_e6 + i32::from(east);
        Self { ms: self.ms + i64::from(step.ms), lat_e6: self.lat_e6 + i32::from(north), lon_e6: wrap_e6(lon_e6) }
    }

    fn before(self, step: Step) -> Self {
        let [north, east] = step.moved.unwrap_or_default();
        let lon_e6 = self.lon_e6 - i32::from(east);
        Self { ms: self.ms - i64::from(step.ms), lat_e6: self.lat_e6 - i32::from(north), lon_e6: wrap_e6(lon_e6) }
    }

    /// The moment that the step ends in, which is here.
    fn going(self, step: Step) -> Going {
        let position = LatLon {
            lat_deg: round(f64::from(self.lat_e6) / DEG_E6, 6),
            lon_deg: round(f64::from(self.lon_e6) / DEG_E6, 6),
        };
        Going {
            t: MonoTime(self.ms * 1_000_000),
            speed_mps: f64::from(step.speed) / PER_MPS,
            position: step.moved.map(|_| position),
        }
    }
}

/// Across the antimeridian.
fn wrap_e6(lon_e6: i32) -> i32 {
    const TURN: i32 = 360_000_000;
    match lon_e6 {
        e if e > TURN / 2 => e - TURN,
        e if e <= -TURN / 2 => e + TURN,
        e => e,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::wrap_180;

    fn at(t_s: f64, speed_mps: f64, lon_deg: f64) -> Going {
        let position = Some(LatLon { lat_deg: 50.123_456, lon_deg });
        Going { t: MonoTime::from_seconds(t_s), speed_mps, position }
    }

    #[test]
    fn what_goes_in_comes_out_once_a_second_across_the_antimeridian_too() {
        let mut trail = Trail::default();
        for i in 0..250 {
            let t = f64::from(i) * 0.04;
            trail.push(at(t, 20.0 + t, wrap_180(179.999 + 0.0003 * t)));
        }
        let all: Vec<_> = trail.iter().collect();
        assert_eq!(all.len(), 10);
        for (i, (going, joined)) in all.iter().enumerate() {
            assert!((going.t.seconds() - i as f64).abs() < 0.05 && *joined == (i > 0 || going.t.0 == 0), "{going:?}");
            let t = going.t.seconds();
            let p = going.position.unwrap();
            assert!((going.speed_mps - 20.0 - t).abs() < 0.006 && (p.lat_deg - 50.123_456).abs() < 1e-6);
            assert!(wrap_180(p.lon_deg - 179.999 - 0.0003 * t).abs() < 1e-6, "{p:?}");
        }
        let (before, now) = trail.newest().unwrap();
        assert_eq!((before, now), (Some(all[8].0), all[9].0));
    }

    #[test]
    fn it_is_bounded_and_holes_cuts_and_leaps_are_not_bridged() {
        let mut trail = Trail::default();
        for i in 0..5_000 {
            trail.push(at(f64::from(i), 10.0, 7.0));
        }
        assert_eq!((trail.steps.len(), trail.start().unwrap().seconds()), (KEPT, 3_800.0));
        trail.push(at(5_010.0, 10.0, 7.0));
        assert_eq!(trail.newest().unwrap().0, None, "a hole");
        trail.cut();
        trail.push(at(5_011.0, 10.0, 7.0));
        assert_eq!(trail.newest().unwrap().0, None, "a cut");
        trail.push(at(5_012.0, 10.0, 8.0));
        assert_eq!((trail.steps.len(), trail.newest().unwrap().0), (1, None), "a leap");
        trail.push(at(5_100.0, 10.0, 8.0));
        assert_eq!((trail.steps.len(), trail.start().unwrap().seconds()), (1, 5_100.0), "more than a minute");
    }
}
