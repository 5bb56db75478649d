//! A receiver and a phone that disagree about summer time stamp fixes one hour early, those of the network not: two
//! tracks of one drive would lie an hour apart. Where enough fixes arrived one whole hour after their stamp, it is the
//! stamps that are wrong. How fixes of other lateness are taken is the engine's.

use milepost_engine::sample::{Fix, NS_PER_S};

/// One hour.
const HOUR_NS: i64 = 3600 * NS_PER_S;
/// A fix arrives within so long of its time; a batch that was held back for an hour is spread over more.
const SLACK_NS: i64 = 30 * NS_PER_S;
/// So many fixes are no chance: a position from a cache may be an hour old once.
const MIN_FIXES: u64 = 5;

/// How many fixes arrived one hour after their stamp.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Early(u64);

impl Early {
    /// Looks at one.
    pub(crate) fn add(&mut self, fix: &Fix) {
        self.0 += u64::from(is_early(fix));
    }

    /// How many stamps are wrong: all of those, or none.
    pub(crate) fn wrong(self) -> u64 {
        if self.0 >= MIN_FIXES { self.0 } else { 0 }
    }
}

/// Puts a stamp right, in a recording that has wrong ones.
pub(crate) fn correct(fix: &mut Fix) {
    if is_early(fix) {
        fix.t.0 = fix.t.0.saturating_add(HOUR_NS);
    }
}

fn is_early(fix: &Fix) -> bool {
    let late_ns = |arrived: i64| arrived.saturating_sub(fix.t.0).saturating_sub(HOUR_NS);
    fix.arrived.is_some_and(|arrived| late_ns(arrived.0).saturating_abs() <= SLACK_NS)
}
