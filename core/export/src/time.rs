//! RFC 3339 in UTC from epoch milliseconds, as every format here wants it.

use std::fmt;

use chrono::{DateTime, SecondsFormat};

/// Shows as `2023-11-14T22:13:20.500Z`; beyond the 262 000 years that can be shown, as their end.
pub struct Utc(pub i64);

impl fmt::Display for Utc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = if self.0 < 0 { DateTime::<chrono::Utc>::MIN_UTC } else { DateTime::<chrono::Utc>::MAX_UTC };
        let time = DateTime::from_timestamp_millis(self.0).unwrap_or(end);
        f.write_str(&time.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

#[cfg(test)]
mod tests {
    use super::Utc;

    #[test]
    fn moments_that_others_have_worked_out() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_700_000_000_500, "2023-11-14T22:13:20.500Z"),
            (1_709_164_800_000, "2024-02-29T00:00:00.000Z"),
            (784_111_777_000, "1994-11-06T08:49:37.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (4_102_444_799_999, "2099-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(Utc(ms).to_string(), text);
        }
    }
}
