//! The last fixes, as far as events need them: speeds before and after, courses, whether there was GNSS at all.
//! A receiver may be late by up to two seconds, and by how much is not asked here: whoever looks, looks in a window.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::geo::{LatLon, bearing_deg, distance_m};
use crate::num::wrap_180;
use crate::sample::{Fix, MonoTime};

/// Fixes are kept for so long, longer than any event waits,
const KEPT_S: f64 = 40.0;
/// and no more than five a second of them.
const KEPT: usize = 200;
/// Fixes closer than this are thinned: nothing here needs more.
const SPACING_S: f64 = 0.19;
/// Positions closer than this have no course between them.
const COURSE_MIN_M: f64 = 4.0;

/// What is kept of a fix.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Seen {
    pub t: MonoTime,
    pub position: LatLon,
    speed_mps: Option<f32>,
    /// As the receiver has it.
    course_deg: Option<f32>,
    /// From the fix before to this.
    way_deg: Option<f32>,
}

impl Seen {
    pub(super) fn speed_mps(&self) -> Option<f64> {
        self.speed_mps.map(f64::from)
    }

    pub(super) fn course_deg(&self) -> Option<f64> {
        self.course_deg.map(f64::from)
    }

    fn way_deg(&self) -> Option<f64> {
        self.way_deg.map(f64::from)
    }
}

/// The last fixes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Fixes {
    ring: VecDeque<Seen>,
}

impl Fixes {
    /// Takes a fix; false if it was too close to the last to be kept.
    pub(super) fn push(&mut self, fix: &Fix) -> bool {
        if self.ring.back().is_some_and(|last| fix.t.since(last.t) < SPACING_S) {
            return false;
        }
        let position = LatLon { lat_deg: fix.lat_deg, lon_deg: fix.lon_deg };
        let between = self.ring.back().and_then(|last| {
            (distance_m(last.position, position) >= COURSE_MIN_M).then(|| bearing_deg(last.position, position) as f32)
        });
        while self.ring.len() == KEPT || self.ring.front().is_some_and(|first| fix.t.since(first.t) > KEPT_S) {
            self.ring.pop_front();
        }
        self.ring.push_back(Seen {
            t: fix.t,
            position,
            speed_mps: fix.speed_mps,
            course_deg: fix.bearing_deg,
            way_deg: between,
        });
        true
    }

    /// The last `n`, oldest first.
    pub(super) fn last(&self, n: usize) -> impl DoubleEndedIterator<Item = &Seen> {
        self.ring.range(self.ring.len().saturating_sub(n)..)
    }

    /// The largest fall and the largest rise of speed from one fix to a later one, both within the window. `None` with
    /// fewer than two speeds in it.
    pub(super) fn fall_and_rise_mps(&self, from: MonoTime, to: MonoTime) -> Option<(f64, f64)> {
        let (mut high, mut low) = (f64::NEG_INFINITY, f64::INFINITY);
        let (mut fall, mut rise, mut n) = (0.0_f64, 0.0_f64, 0);
        for v in self.within(from, to).filter_map(Seen::speed_mps) {
            (high, low, n) = (high.max(v), low.min(v), n + 1);
            (fall, rise) = (fall.max(high - v), rise.max(v - low));
        }
        (n >= 2).then_some((fall, rise))
    }

    /// The mean speed in the window.
    pub(super) fn mean_speed_mps(&self, from: MonoTime, to: MonoTime) -> Option<f64> {
        let (sum, n) =
            self.within(from, to).filter_map(Seen::speed_mps).fold((0.0, 0u32), |(sum, n), v| (sum + v, n + 1));
        (n > 0).then(|| sum / f64::from(n))
    }

    /// The largest speed in the window.
    pub(super) fn max_speed_mps(&self, from: MonoTime, to: MonoTime) -> Option<f64> {
        self.within(from, to).filter_map(Seen::speed_mps).reduce(f64::max)
    }

    /// The course at the end of the window against that at its begin, −180..180, positive clockwise.
    pub(super) fn course_change_deg(&self, from: MonoTime, to: MonoTime) -> Option<f64> {
        let mut courses = self.within(from, to).filter_map(|f| f.course_deg().or_else(|| f.way_deg()));
        let first = courses.next()?;
        courses.last().map(|last| wrap_180(last - first))
    }

    fn within(&self, from: MonoTime, to: MonoTime) -> impl Iterator<Item = &Seen> {
        let first = self.ring.partition_point(|f| f.t < from);
        self.ring.range(first..).take_while(move |f| f.t <= to)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(crate) fn fix(t_s: f64, speed: f64) -> Fix {
        Fix {
            t: MonoTime::from_seconds(t_s),
            lat_deg: 52.0,
            lon_deg: 13.0,
            alt_m: None,
            speed_mps: Some(speed as f32),
            bearing_deg: None,
            hacc_m: Some(5.0),
            arrived: None,
            wall_ms: None,
            mock: false,
        }
    }

    #[test]
    fn fall_and_rise_respect_the_order_of_time() {
        let mut fixes = Fixes::default();
        for (i, v) in [5.0, 10.0, 12.0, 6.0, 4.0, 7.0].into_iter().enumerate() {
            fixes.push(&fix(i as f64, v));
        }
        let all = (MonoTime::from_seconds(0.0), MonoTime::from_seconds(9.0));
        assert_eq!(fixes.fall_and_rise_mps(all.0, all.1), Some((8.0, 7.0)));
        assert_eq!(fixes.fall_and_rise_mps(MonoTime::from_seconds(4.5), all.1), None);
    }
}
