//! Outages: where the engine thinks it is when the fixes come back, in metres and per metre driven without them.

use milepost_engine::geo::distance_m;
use milepost_sim::Stretch;

use crate::report::beside::{Beside, HOLD_S};

/// Looked at so long before the end of an outage.
const BEFORE_END_S: f64 = 0.01;

/// The outages of a drive.
#[derive(Default)]
pub struct Outages {
    waiting: Vec<Stretch>,
    /// Seconds, metres off at the end, metres driven.
    over: Vec<Over>,
}

/// An outage that is over.
#[derive(Clone, Copy, Debug)]
pub struct Over {
    /// How long it was.
    pub seconds: f64,
    /// How far off the engine was at its end; infinite without a position.
    pub off_m: f64,
    /// How far the vehicle went.
    pub driven_m: f64,
}

impl Outages {
    /// An outage is over.
    pub fn push(&mut self, outage: Stretch) {
        self.waiting.push(outage);
    }

    /// Time has come to `now_s`: looks at those that everything is known of.
    pub fn step(&mut self, now_s: f64, beside: &Beside) {
        if self.waiting.iter().any(|o| now_s >= o.span.end_s + HOLD_S) {
            self.look(beside, |o| now_s >= o.span.end_s + HOLD_S);
        }
    }

    /// Looks at what is left.
    pub fn finish(mut self, beside: &Beside) -> Vec<Over> {
        self.look(beside, |_| true);
        self.over
    }

    fn look(&mut self, beside: &Beside, ripe: impl Fn(&Stretch) -> bool) {
        let (ripe, waiting): (Vec<_>, Vec<_>) = self.waiting.drain(..).partition(|o| ripe(o));
        self.waiting = waiting;
        for Stretch { span, distance_m: driven_m } in ripe {
            let row = beside.row_at(span.end_s - BEFORE_END_S);
            let off = row.and_then(|row| Some(distance_m(row.position?, beside.truth_at(row.t.seconds())?.position)));
            self.over.push(Over { seconds: span.end_s - span.start_s, off_m: off.unwrap_or(f64::INFINITY), driven_m });
        }
    }
}
