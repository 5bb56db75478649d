//! The GPS week counter has ten bits: receivers that lose count stamp fixes 1024 weeks (7168 days) off. Such stamps are
//! brought back before anything is sorted by time. Which streams serve as the reference is the importers' to say.

use milepost_engine::sample::{Fix, MonoTime, NS_PER_S};

/// 1024 weeks.
pub const ROLLOVER_NS: i64 = 7168 * 86_400 * NS_PER_S;
/// How near to a whole rollover a stamp must be: a drive is over in less, clocks are set better.
const SLACK_NS: i64 = 2 * 86_400 * NS_PER_S;

/// When the recording was really made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    from: MonoTime,
    to: MonoTime,
}

impl Reference {
    /// The span of these times, without those that are half a rollover or more from their median.
    pub(crate) fn of(mut times: Vec<MonoTime>) -> Option<Self> {
        times.sort_unstable();
        let median = *times.get(times.len() / 2)?;
        let near = |t: &&MonoTime| t.0.saturating_sub(median.0).saturating_abs() < ROLLOVER_NS / 2;
        let from = *times.iter().find(near)?;
        let to = *times.iter().rev().find(near)?;
        Some(Self { from, to })
    }

    /// Whether a time belongs to the recording.
    pub(crate) fn holds(self, t: MonoTime) -> bool {
        t.0 >= self.from.0.saturating_sub(SLACK_NS) && t.0 <= self.to.0.saturating_add(SLACK_NS)
    }

    /// The time that a stamp one rollover off means; `None` for any other stamp.
    fn corrected(self, t: MonoTime) -> Option<MonoTime> {
        if self.holds(t) {
            return None;
        }
        [ROLLOVER_NS, -ROLLOVER_NS]
            .map(|shift| MonoTime(t.0.saturating_add(shift)))
            .into_iter()
            .find(|t| self.holds(*t))
    }
}

/// Brings a fix back by one rollover where it is one off: against its own time of arrival if it has one, else against
/// the recording. Says whether it did.
pub(crate) fn correct(fix: &mut Fix, recording: Reference) -> bool {
    let reference = fix.arrived.map_or(recording, |t| Reference { from: t, to: t });
    match reference.corrected(fix.t) {
        Some(t) => {
            fix.t = t;
            true
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_NS: i64 = 86_400 * NS_PER_S;
    const NOW: i64 = 1_558_000_000 * NS_PER_S;

    fn reference(times: &[i64]) -> Reference {
        Reference::of(times.iter().map(|t| MonoTime(*t)).collect()).unwrap()
    }

    #[test]
    fn one_rollover_either_way_is_brought_back() {
        let r = reference(&[NOW, NOW + DAY_NS]);
        assert_eq!(r.corrected(MonoTime(NOW - ROLLOVER_NS)), Some(MonoTime(NOW)));
        assert_eq!(r.corrected(MonoTime(NOW + ROLLOVER_NS + DAY_NS)), Some(MonoTime(NOW + DAY_NS)));
    }

    #[test]
    fn anything_else_is_left_alone() {
        let r = reference(&[NOW, NOW + DAY_NS]);
        for t in
            [NOW, NOW - 3 * 3600 * NS_PER_S, NOW - 100 * DAY_NS, NOW - ROLLOVER_NS - 4 * DAY_NS, 0, i64::MIN, i64::MAX]
        {
            assert_eq!(r.corrected(MonoTime(t)), None, "{t}");
        }
    }

    #[test]
    fn the_recording_is_where_most_of_it_is() {
        let r = reference(&[NOW - ROLLOVER_NS, NOW, NOW + 1, NOW + 30 * DAY_NS, NOW + 31 * DAY_NS]);
        assert_eq!(r, Reference { from: MonoTime(NOW), to: MonoTime(NOW + 31 * DAY_NS) });
        assert_eq!(Reference::of(Vec::new()), None);
    }
}
