//! Waiting: a wait is a length from a moment, not a moment to come, so that a wall clock that is set back a year does not
//! make a minute a year. It survives the process.

use milepost_engine::id::splitmix64;
use serde::{Deserialize, Serialize};

use crate::types::Why;

/// So long from then on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pause {
    pub from_ms: i64,
    pub for_ms: i64,
    pub why: Why,
}

impl Pause {
    /// The moment it ends, `None` when it is over. A clock that went back starts it anew from where it is now.
    pub fn ends_ms(&mut self, now_ms: i64) -> Option<i64> {
        self.from_ms = self.from_ms.min(now_ms);
        let end = self.from_ms.saturating_add(self.for_ms);
        (end > now_ms).then_some(end)
    }
}

/// Full jitter (Brooker, AWS 2015): anything up to `base · 2ⁿ⁻¹`, which is at most `max`, for the n-th failure in a row.
/// `draw` is what makes it differ: a seed with a running number.
pub(crate) fn full_jitter_ms(base_ms: i64, max_ms: i64, failures: u32, draw: u64) -> i64 {
    let doubled = 1i64.checked_shl(failures.saturating_sub(1).min(40)).unwrap_or(i64::MAX);
    let ceiling = base_ms.max(0).saturating_mul(doubled).min(max_ms.max(0));
    let span = u64::try_from(ceiling).unwrap_or(0).saturating_add(1);
    i64::try_from(splitmix64(draw) % span).unwrap_or(ceiling)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_set_back_a_year_waits_no_longer() {
        let year = 365 * 24 * 3_600_000;
        let mut pause = Pause { from_ms: 2 * year, for_ms: 60_000, why: Why::Backoff };
        assert_eq!(pause.ends_ms(2 * year + 59_999), Some(2 * year + 60_000));
        assert_eq!(pause.ends_ms(year), Some(year + 60_000));
        assert_eq!(pause.ends_ms(year + 60_000), None);
    }

    #[test]
    fn jitter_stays_below_a_doubling_ceiling_and_uses_all_of_it() {
        for failures in 1..80 {
            let draws = (0..200).map(|n| full_jitter_ms(1_000, 60_000, failures, n)).collect::<Vec<_>>();
            let ceiling = if failures < 7 { 1_000 << (failures - 1) } else { 60_000 };
            assert!(draws.iter().all(|ms| (0..=ceiling).contains(ms)));
            assert!(draws.iter().any(|ms| *ms > ceiling * 9 / 10) && draws.iter().any(|ms| *ms < ceiling / 10));
        }
    }
}
