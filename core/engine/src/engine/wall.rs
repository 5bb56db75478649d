//! The wall clock as the host told it: from the input's axis to epoch milliseconds and local time. Only carried, never
//! used to order anything.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::sample::{Clock, MonoTime};

/// Clock statements kept: enough for every jump within the time that a record is back-dated.
const MAX_STATEMENTS: usize = 16;
/// A wall clock that moves by less than this against the phone's own only drifts.
const JUMP_MS: i64 = 1_000;

/// A boot that lies further from the expected one is another: no phone boots and drives in less.
const ANOTHER_BOOT_MS: u64 = 60_000;

/// What a statement of the clock meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The first, or nothing new.
    None,
    /// The wall clock jumped.
    Jump,
    /// The phone was restarted.
    Reboot,
}

/// The statements that are still needed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct WallClock {
    statements: VecDeque<Clock>,
    /// Epoch milliseconds at zero of the axis as another session had it, until the first statement.
    expected_ms: Option<i64>,
}

impl WallClock {
    /// Where nothing was said yet: the axis is expected to begin at this time.
    pub fn expect(&mut self, boot_ms: Option<i64>) {
        self.expected_ms = boot_ms;
    }

    /// Whether the statement comes from another boot than the last one, or than the one that was expected.
    pub fn is_reboot(&self, clock: &Clock) -> bool {
        match (self.statements.back(), self.expected_ms, clock.wall_ms) {
            (Some(last), _, _) => last.boot_id != clock.boot_id,
            (None, Some(expected), Some(wall)) => {
                let boot_ms = wall.saturating_sub(clock.mono.0.div_euclid(1_000_000));
                boot_ms.abs_diff(expected) > ANOTHER_BOOT_MS
            }
            (None, _, _) => false,
        }
    }

    /// Takes a statement, not earlier than the last.
    pub fn set(&mut self, clock: Clock) -> Change {
        self.expected_ms = None;
        let change = match self.statements.back() {
            None => Change::None,
            Some(last) if last.boot_id != clock.boot_id => Change::Reboot,
            Some(_) => match (self.at(clock.mono), clock.wall_ms) {
                (Some(was), Some(is)) if was.abs_diff(is) > JUMP_MS as u64 => Change::Jump,
                (Some(_) | None, Some(_) | None) => Change::None,
            },
        };
        if change == Change::Reboot {
            self.statements.clear();
        }
        if self.statements.len() == MAX_STATEMENTS {
            self.statements.pop_front();
        }
        self.statements.push_back(clock);
        change
    }

    /// Epoch milliseconds at `t`, by the last statement before it (or the first of all).
    pub fn at(&self, t: MonoTime) -> Option<i64> {
        let clock = self.statement(t)?;
        // Milliseconds of both ends: on an epoch axis the result is then exactly t.
        let since_ms = t.0.div_euclid(1_000_000).saturating_sub(clock.mono.0.div_euclid(1_000_000));
        Some(clock.wall_ms?.saturating_add(since_ms))
    }

    /// Minutes east of UTC at `t`.
    pub fn utc_offset_min(&self, t: MonoTime) -> Option<i32> {
        self.statement(t)?.utc_offset_min
    }

    fn statement(&self, t: MonoTime) -> Option<&Clock> {
        self.statements.iter().rev().find(|c| c.mono <= t).or_else(|| self.statements.front())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(mono_s: f64, wall_ms: i64, boot_id: &str) -> Clock {
        Clock {
            mono: MonoTime::from_seconds(mono_s),
            wall_ms: Some(wall_ms),
            boot_id: boot_id.into(),
            utc_offset_min: None,
        }
    }

    #[test]
    fn another_boot_than_the_expected_one_is_a_reboot() {
        let mut wall = WallClock::default();
        wall.expect(Some(1_000_000));
        assert!(!wall.is_reboot(&clock(50.0, 1_050_400, "a")));
        assert!(wall.is_reboot(&clock(50.0, 2_000_000, "b")));
        wall.set(clock(50.0, 1_050_400, "a"));
        assert!(!wall.is_reboot(&clock(60.0, 9_000_000, "a")), "only the clock was set");
    }

    #[test]
    fn each_time_goes_by_the_statement_before_it() {
        let mut wall = WallClock::default();
        assert_eq!(wall.set(clock(10.0, 1_000_000, "a")), Change::None);
        assert_eq!(wall.set(clock(20.0, 1_010_400, "a")), Change::None);
        assert_eq!(wall.set(clock(30.0, 9_000_000, "a")), Change::Jump);
        assert_eq!(wall.at(MonoTime::from_seconds(5.0)), Some(995_000));
        assert_eq!(wall.at(MonoTime::from_seconds(29.0)), Some(1_019_400));
        assert_eq!(wall.at(MonoTime::from_seconds(31.0)), Some(9_001_000));
        assert_eq!(wall.set(clock(1.0, 9_100_000, "b")), Change::Reboot);
        assert_eq!(wall.at(MonoTime::from_seconds(31.0)), Some(9_130_000));
    }
}
