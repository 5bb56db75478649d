//! When a reported span is a true one: overlaps, and matchings by them. The judge's definitions, and the demo's.

use milepost_sim::Span;

use super::assign::assign;

/// Two spans are the same trip when they share this much of what they cover together.
pub const MIN_IOU: f64 = 0.5;

/// Seconds that both cover.
pub fn overlap_s(a: Span, b: Span) -> f64 {
    (a.end_s.min(b.end_s) - a.start_s.max(b.start_s)).max(0.0)
}

/// What both cover of what either covers.
pub fn iou(a: Span, b: Span) -> f64 {
    let both = overlap_s(a, b);
    let either = length_s(a) + length_s(b) - both;
    if either > 0.0 { both / either } else { 0.0 }
}

/// The longest overlap with one of many.
pub fn overlap_any_s(a: Span, many: impl IntoIterator<Item = Span>) -> f64 {
    many.into_iter().map(|b| overlap_s(a, b)).fold(0.0, f64::max)
}

/// Whether they are no further apart than this.
pub fn near(a: Span, b: Span, tolerance_s: f64) -> bool {
    a.end_s >= b.start_s - tolerance_s && a.start_s <= b.end_s + tolerance_s
}

/// How long it is.
pub fn length_s(span: Span) -> f64 {
    span.end_s - span.start_s
}

/// The greatest one-to-one matching of two lists by their worth, without the pairs that are worth nothing.
pub fn pairs(truth: usize, said: usize, worth: impl Fn(usize, usize) -> f64) -> Vec<(usize, usize)> {
    assign(truth, said, &worth).into_iter().filter(|(t, s)| worth(*t, *s) > 0.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start_s: f64, end_s: f64) -> Span {
        Span { start_s, end_s }
    }

    #[test]
    fn overlaps() {
        assert_eq!(overlap_s(span(0.0, 10.0), span(4.0, 20.0)), 6.0);
        assert_eq!(overlap_s(span(0.0, 1.0), span(2.0, 3.0)), 0.0);
        assert_eq!(iou(span(0.0, 10.0), span(5.0, 15.0)), 1.0 / 3.0);
        assert_eq!(iou(span(5.0, 5.0), span(5.0, 5.0)), 0.0);
        assert_eq!(overlap_any_s(span(0.0, 10.0), [span(9.0, 12.0), span(1.0, 4.0)]), 3.0);
        assert!(near(span(0.0, 1.0), span(2.5, 3.0), 1.5) && !near(span(0.0, 1.0), span(2.6, 3.0), 1.5));
    }

    #[test]
    fn a_pair_that_is_worth_nothing_is_none() {
        assert_eq!(pairs(2, 2, |t, s| if (t, s) == (1, 0) { 0.6 } else { 0.0 }), [(1, 0)]);
    }
}
