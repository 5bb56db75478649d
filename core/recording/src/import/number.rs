//! Decimals as text to numbers. Times come out exact to the nanosecond: `f64` seconds would be off by 100 ns today.

use milepost_engine::sample::MonoTime;

/// Powers of ten beyond this shift any mantissa out of range or to zero.
const MAX_SHIFT: i32 = 60;
/// More digits than this are below a nanosecond or beyond the range.
const MAX_DIGITS: u32 = 30;

/// Reads a decimal of seconds (`12`, `-0.5`, `1.558e9`), or of units of 10^`exponent` seconds, rounding half away from
/// zero to nanoseconds. `None` for what is no decimal or out of the range of an `i64` of nanoseconds.
pub(crate) fn time(text: &str, exponent: i32) -> Option<MonoTime> {
    let (negative, rest) = match text.as_bytes().split_first()? {
        (b'-', _) => (true, text.get(1..)?),
        (b'+', _) => (false, text.get(1..)?),
        _ => (false, text),
    };
    let (number, shift) = match rest.split_once(['e', 'E']) {
        Some((number, shift)) => (number, shift.parse::<i32>().ok()?),
        None => (rest, 0),
    };
    let mut mantissa: i128 = 0;
    let (mut digits, mut dropped, mut decimals, mut point) = (0u32, 0i32, 0i32, false);
    let mut any = false;
    for byte in number.bytes() {
        match byte {
            b'0'..=b'9' => {
                any = true;
                decimals += i32::from(point);
                if digits < MAX_DIGITS {
                    mantissa = mantissa * 10 + i128::from(byte - b'0');
                    digits += u32::from(mantissa != 0);
                } else {
                    dropped += 1;
                }
            }
            b'.' if !point => point = true,
            _ => return None,
        }
    }
    if !any {
        return None;
    }
    let scale = shift.saturating_add(exponent).saturating_add(9).saturating_add(dropped).saturating_sub(decimals);
    let ns = scaled(mantissa, scale)?;
    i64::try_from(if negative { -ns } else { ns }).ok().map(MonoTime)
}

/// mantissa · 10^scale, rounded half up; `None` on overflow.
fn scaled(mantissa: i128, scale: i32) -> Option<i128> {
    if mantissa == 0 {
        return Some(0);
    }
    if scale.abs() > MAX_SHIFT {
        return if scale < 0 { Some(0) } else { None };
    }
    let mut value = mantissa;
    for _ in 0..scale.max(0) {
        value = value.checked_mul(10)?;
    }
    for left in (0..(-scale).max(0)).rev() {
        // Only the last digit cut decides: rounding at each one would round twice.
        value = if left == 0 { (value + 5) / 10 } else { value / 10 };
    }
    Some(value)
}

/// A time as a decimal of seconds, exact and as short as it can be.
pub(crate) fn seconds_text(t: MonoTime) -> String {
    let sign = if t.0 < 0 { "-" } else { "" };
    let ns = t.0.unsigned_abs();
    let (whole, part) = (ns / 1_000_000_000, ns % 1_000_000_000);
    if part == 0 {
        return format!("{sign}{whole}");
    }
    let text = format!("{sign}{whole}.{part:09}");
    text.trim_end_matches('0').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ns(text: &str) -> Option<i64> {
        time(text, 0).map(|t| t.0)
    }

    #[test]
    fn decimals_are_exact() {
        assert_eq!(ns("1558000000.1234"), Some(1_558_000_000_123_400_000));
        assert_eq!(ns("1558000000.123456789"), Some(1_558_000_000_123_456_789));
        assert_eq!(ns("0.0000000015"), Some(2));
        assert_eq!(ns("0.00000000149999"), Some(1));
        assert_eq!(ns("-0.5"), Some(-500_000_000));
        assert_eq!(ns("+2."), Some(2_000_000_000));
        assert_eq!(ns(".25"), Some(250_000_000));
        assert_eq!(ns("1.558e9"), Some(1_558_000_000_000_000_000));
        assert_eq!(ns("15E-1"), Some(1_500_000_000));
        assert_eq!(ns("0.1000000000000000055511151231257827021181583404541015625"), Some(100_000_000));
        assert_eq!(ns("0e99999"), Some(0));
        assert_eq!(time("1698501144401773000", -9).map(|t| t.0), Some(1_698_501_144_401_773_000));
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "-",
            ".",
            "e5",
            "1,5",
            "NaN",
            "inf",
            "0x1",
            "1e",
            "1.2.3",
            " 1",
            "9300000000",
            "1e300",
            "1e2147483647",
            "é",
        ] {
            assert_eq!(ns(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn text_and_back(t: i64) {
            prop_assert_eq!(time(&seconds_text(MonoTime(t)), 0), Some(MonoTime(t)));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[-+0-9.eE]{0,60}") {
            let f: Option<f64> = text.parse().ok();
            if let (Some(t), Some(f)) = (time(&text, 0), f) {
                prop_assert!((t.seconds() - f).abs() <= 1e-9 + f.abs() * 1e-15);
            }
        }
    }
}
