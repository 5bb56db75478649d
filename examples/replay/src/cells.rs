//! Numbers as CSV cells: fixed decimals, no trailing zeros, no −0, nothing for what is unknown.

use std::fmt::Write;

use milepost_engine::sample::MonoTime;

/// Appends a time in seconds, to a tenth of a millisecond and exact, from whole nanoseconds.
pub fn time(line: &mut String, t: MonoTime) {
    let ticks = t.0.div_euclid(100_000);
    let (sign, ticks) = if ticks < 0 { ("-", ticks.unsigned_abs()) } else { ("", ticks.unsigned_abs()) };
    let (whole, part) = (ticks / 10_000, ticks % 10_000);
    let from = line.len();
    // Writing to a String cannot fail.
    let _ = write!(line, "{sign}{whole}.{part:04}");
    trim(line, from);
}

/// Appends a comma and the number.
pub fn number(line: &mut String, x: Option<f64>, decimals: usize) {
    line.push(',');
    let Some(x) = x.filter(|x| x.is_finite()) else { return };
    let from = line.len();
    let _ = write!(line, "{x:.decimals$}");
    trim(line, from);
    if line.get(from..) == Some("-0") {
        line.truncate(from);
        line.push('0');
    }
}

/// Appends a comma and the word; words of ours hold neither commas nor quotes.
pub fn word(line: &mut String, word: &str) {
    line.push(',');
    line.push_str(word);
}

fn trim(line: &mut String, from: usize) {
    if line.get(from..).is_some_and(|cell| cell.contains('.')) {
        let kept = line.trim_end_matches('0').trim_end_matches('.').len();
        line.truncate(kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_short_and_have_no_minus_zero() {
        let cell = |x: f64, d| {
            let mut s = String::new();
            number(&mut s, Some(x), d);
            s
        };
        assert_eq!(cell(1.5, 3), ",1.5");
        assert_eq!(cell(100.0, 2), ",100");
        assert_eq!(cell(-0.0001, 2), ",0");
        assert_eq!(cell(f64::NAN, 2), ",");
        let at = |ns| {
            let mut s = String::new();
            time(&mut s, MonoTime(ns));
            s
        };
        assert_eq!(at(1_558_000_000_123_400_000), "1558000000.1234");
        assert_eq!(at(-1), "-0.0001");
        assert_eq!(at(0), "0");
    }
}
