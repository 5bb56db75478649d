//! When there were fixes: what can be asked of an engine about the ends of a trip.

use super::Span;

/// Longer without a fix begins a new run.
const GAP_S: f64 = 30.0;

/// Runs of fixes without a gap of more than half a minute: few.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FixRuns {
    runs: Vec<Span>,
}

impl FixRuns {
    /// A fix, measured at `t_s`.
    pub fn fix(&mut self, t_s: f64) {
        match self.runs.last_mut() {
            Some(run) if t_s - run.end_s <= GAP_S => run.end_s = run.end_s.max(t_s),
            Some(_) | None => self.runs.push(Span { start_s: t_s, end_s: t_s }),
        }
    }

    /// First and last moment with fixes within a span, to half a minute.
    pub fn within(&self, span: Span) -> Option<(f64, f64)> {
        let inside = |r: &&Span| r.end_s >= span.start_s && r.start_s <= span.end_s;
        let first = self.runs.iter().find(inside)?.start_s.max(span.start_s);
        let last = self.runs.iter().rev().find(inside)?.end_s.min(span.end_s);
        Some((first, last))
    }
}
