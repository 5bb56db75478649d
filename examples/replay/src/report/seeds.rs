//! The same work for many seeds on all cores, in an order that does not depend on who was faster.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

/// Which seeds, and how many at a time.
#[derive(Clone, Debug)]
pub struct Seeds {
    /// From and to, the end not included.
    pub range: Range<u64>,
    /// Threads.
    pub jobs: usize,
}

impl Seeds {
    /// The results, by seed.
    pub fn each<T: Send>(&self, work: impl Fn(u64) -> T + Sync) -> Vec<T> {
        let next = AtomicU64::new(self.range.start);
        let worker = || {
            let mut mine = Vec::new();
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= self.range.end {
                    return mine;
                }
                mine.push((seed, work(seed)));
            }
        };
        let mut all: Vec<(u64, T)> = std::thread::scope(|scope| {
            let others: Vec<_> = (1..self.jobs).map(|_| scope.spawn(worker)).collect();
            let mine = worker();
            others.into_iter().filter_map(|other| other.join().ok()).flatten().chain(mine).collect()
        });
        all.sort_by_key(|(seed, _)| *seed);
        all.into_iter().map(|(_, result)| result).collect()
    }

    /// A number of seeds that is that of the table times this, at least one.
    pub fn times(&self, times: f64) -> Self {
        let n = ((self.range.end - self.range.start) as f64 * times).round().max(1.0);
        Self { range: self.range.start..self.range.start + n as u64, jobs: self.jobs }
    }

    /// What was measured on: the scenario and these seeds.
    pub fn of(&self, scenario: &str) -> String {
        let (first, last) = (self.range.start, self.range.end.saturating_sub(1));
        if first == last { format!("{scenario}, seed {first}") } else { format!("{scenario}, seeds {first}–{last}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_by_seed_whoever_was_faster() {
        let seeds = Seeds { range: 3..40, jobs: 3 };
        assert_eq!(seeds.each(|seed| seed * seed), (3..40).map(|s| s * s).collect::<Vec<u64>>());
        assert_eq!(seeds.of("drive"), "drive, seeds 3–39");
    }
}
