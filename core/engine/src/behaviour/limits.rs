//! Which speed limit held when, as far as the host has said by now: in the order of the times from which they hold, and
//! not of that in which they came. Where limits come from is left to the host.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::packing::{Row, ring};
use crate::sample::MonoTime;

/// Limits kept: one every five seconds over the minutes that a trail remembers.
const KEPT: usize = 256;

/// The limits by time.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Limits {
    #[serde(with = "ring")]
    from: VecDeque<(MonoTime, Option<f32>)>,
}

impl Row<2> for (MonoTime, Option<f32>) {
    fn row(&self) -> [i64; 2] {
        [self.0.0, self.1.map_or(-1, |limit| i64::from(limit.to_bits()))]
    }

    fn from_row([t, bits]: [i64; 2]) -> Option<Self> {
        let limit = if bits < 0 { None } else { Some(f32::from_bits(u32::try_from(bits).ok()?)) };
        Some((MonoTime(t), limit))
    }
}

impl Limits {
    /// From `t` on this is the limit, until the next one that is known.
    pub(super) fn set(&mut self, t: MonoTime, limit_mps: Option<f32>) {
        let limit = limit_mps.filter(|l| l.is_finite() && *l > 0.0);
        let at = self.from.partition_point(|(from, _)| *from < t);
        match self.from.get_mut(at).filter(|(from, _)| *from == t) {
            Some(same) => same.1 = limit,
            None => self.from.insert(at, (t, limit)),
        }
        if self.from.len() > KEPT {
            self.from.pop_front();
        }
    }

    /// What is older than that will not be asked for any more.
    pub(super) fn forget_before(&mut self, t: MonoTime) {
        while self.from.get(1).is_some_and(|(from, _)| *from <= t) {
            self.from.pop_front();
        }
    }

    /// The limit at a time.
    pub(super) fn at(&self, t: MonoTime) -> Option<f64> {
        let (newest_from, newest) = self.from.back()?;
        if *newest_from <= t {
            return newest.map(f64::from);
        }
        let after = self.from.partition_point(|(from, _)| *from <= t);
        self.from.get(after.checked_sub(1)?)?.1.map(f64::from)
    }

    /// The stretches between two times over each of which one limit holds.
    pub(super) fn between(
        &self,
        from: MonoTime,
        to: MonoTime,
    ) -> impl Iterator<Item = (MonoTime, MonoTime, Option<f64>)> {
        let (first, last) =
            (self.from.partition_point(|(t, _)| *t <= from), self.from.partition_point(|(t, _)| *t < to));
        let changes = self.from.range(first..last.max(first)).map(|(t, _)| *t);
        let starts = std::iter::once(from).chain(changes.clone());
        starts.zip(changes.chain(std::iter::once(to))).map(|(a, b)| (a, b, self.at(a)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(t_s: f64) -> MonoTime {
        MonoTime::from_seconds(t_s)
    }

    #[test]
    fn they_hold_by_their_own_times_whenever_they_came() {
        let mut limits = Limits::default();
        limits.set(at(20.0), Some(20.0));
        limits.set(at(10.0), Some(10.0));
        limits.set(at(30.0), None);
        limits.set(at(30.0), Some(f32::NAN));
        let seen: Vec<_> = [5.0, 10.0, 19.0, 20.0, 40.0].map(|t| limits.at(at(t))).into();
        assert_eq!(seen, [None, Some(10.0), Some(10.0), Some(20.0), None]);
        let parts: Vec<_> = limits.between(at(15.0), at(30.0)).collect();
        assert_eq!(parts, [(at(15.0), at(20.0), Some(10.0)), (at(20.0), at(30.0), Some(20.0))]);
        limits.forget_before(at(20.0));
        assert_eq!((limits.at(at(20.0)), limits.at(at(19.0))), (Some(20.0), None));
    }

    #[test]
    fn they_are_bounded() {
        let mut limits = Limits::default();
        (0..1_000).for_each(|i| limits.set(at(f64::from(i)), Some(10.0)));
        assert_eq!(limits.from.len(), KEPT);
    }
}
