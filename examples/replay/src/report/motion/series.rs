//! An error over time, one value a moment, whose use is decided when the drive is over: what the receiver did not see is
//! known only then. Some hundred kilobytes an hour.

use milepost_sim::Truth;

use crate::report::tally::Squares;

/// Moments a second.
pub const MOMENT_HZ: f64 = 5.0;
/// So long after an outage a figure does not count yet.
const OUTAGE_AFTER_S: f64 = 10.0;

/// Errors at moments.
#[derive(Default)]
pub struct Series(Vec<(f64, f64, bool)>);

impl Series {
    /// The error at a moment, and whether the engine had a value.
    pub fn push(&mut self, t_s: f64, error: f64, known: bool) {
        self.0.push((t_s, error, known));
    }

    /// All that counts.
    pub fn squares(&self, counts: impl Fn(f64) -> bool) -> Squares {
        let mut squares = Squares::default();
        for (_, error, known) in self.0.iter().filter(|(t, ..)| counts(*t)) {
            squares.add(*error, 1.0 / MOMENT_HZ, *known);
        }
        squares
    }
}

/// Whether a moment lies in an outage or shortly after one.
pub fn in_outage(truth: &Truth, t_s: f64) -> bool {
    truth.outages.iter().any(|o| t_s >= o.span.start_s && t_s <= o.span.end_s + OUTAGE_AFTER_S)
}
