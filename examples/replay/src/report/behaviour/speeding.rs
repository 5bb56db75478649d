//! Speeding: seconds that are wrong, of the seconds that are clearly speeding. Wrong are those clearly over the limit
//! that no event covers, and those that an event covers without any excess.

use milepost_sim::{Span, TrueState};

use crate::report::beside::TRUTH_HZ;
use crate::report::tally::Share;

/// Clearly over: by this part of the limit, for so long.
const CLEAR: f64 = 1.10;
const CLEAR_S: usize = 5;
/// Excesses may be merged across so much.
const MERGE_S: usize = 10;
/// Ends of an event may be off by this.
const SLACK_S: f64 = 1.0;

/// Watches speed and limit.
#[derive(Default)]
pub struct Speeding {
    start_s: f64,
    step: usize,
    clear: Runs,
    within: Runs,
    any_limit: bool,
}

/// Runs of steps in which something holds, those that are long enough.
#[derive(Default)]
struct Runs {
    since: Option<usize>,
    long: Vec<(usize, usize)>,
}

impl Runs {
    fn step(&mut self, step: usize, holds: bool, at_least: usize) {
        match (holds, self.since) {
            (true, None) => self.since = Some(step),
            (false, Some(since)) => {
                if step - since >= at_least {
                    self.long.push((since, step));
                }
                self.since = None;
            }
            (true, Some(_)) | (false, None) => {}
        }
    }
}

impl Speeding {
    /// What is true, each step after the one before.
    pub fn truth(&mut self, now: &TrueState) {
        if self.step == 0 {
            self.start_s = now.t.seconds();
        }
        let limit = now.limit_mps.unwrap_or(f64::INFINITY);
        self.any_limit |= now.limit_mps.is_some();
        self.clear.step(self.step, now.speed_mps > CLEAR * limit, CLEAR_S * TRUTH_HZ);
        self.within.step(self.step, now.speed_mps <= limit, MERGE_S * TRUTH_HZ);
        self.step += 1;
    }

    /// The share for the events that were said; nothing without any limit.
    pub fn finish(mut self, said: &[Span]) -> Share {
        self.clear.step(self.step, false, CLEAR_S * TRUTH_HZ);
        self.within.step(self.step, false, MERGE_S * TRUTH_HZ);
        if !self.any_limit {
            return Share::default();
        }
        let at_s = |step: usize| self.start_s + step as f64 / TRUTH_HZ as f64;
        let covered = |step: usize, slack_s: f64| {
            said.iter().any(|e| at_s(step) >= e.start_s - slack_s && at_s(step) <= e.end_s + slack_s)
        };
        let steps = |runs: &Runs| runs.long.iter().flat_map(|(from, to)| *from..*to).collect::<Vec<_>>();
        let clear = steps(&self.clear);
        let missed = clear.iter().filter(|step| !covered(**step, SLACK_S)).count();
        let false_ = steps(&self.within).into_iter().filter(|step| covered(*step, -SLACK_S)).count();
        let seconds = |steps: usize| steps as f64 / TRUTH_HZ as f64;
        Share { part: seconds(missed + false_), whole: seconds(clear.len()) }
    }
}

#[cfg(test)]
mod tests {
    use milepost_engine::sample::MonoTime;

    use super::*;

    #[test]
    fn missed_and_false_seconds_add_up() {
        let mut speeding = Speeding::default();
        for i in 0..10_000 {
            let t_s = f64::from(i) / 100.0;
            let over = (20.0..40.0).contains(&t_s);
            speeding.truth(&TrueState {
                t: MonoTime::from_seconds(t_s),
                speed_mps: if over { 15.0 } else { 10.0 },
                limit_mps: Some(12.0),
                ..TrueState::default()
            });
        }
        // 9 s of the 20 are missed beyond the slack of one; 4 s inside the other event are no speeding.
        let said = [Span { start_s: 20.0, end_s: 30.0 }, Span { start_s: 60.0, end_s: 66.0 }];
        let share = speeding.finish(&said);
        assert_eq!(share.whole, 20.0);
        assert!((share.part - 13.0).abs() < 0.05, "{share:?}");
    }
}
