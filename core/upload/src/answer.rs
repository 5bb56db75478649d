//! Reads what a server says: its acknowledgements, its wishes, its Retry-After. Decides nothing; what cannot be read is
//! `None`.

use milepost_engine::Uuid;
use serde::Deserialize;

/// The body of an answer, see docs/protocol.md. Unknown fields are of no concern.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Answer {
    #[serde(default)]
    pub acked: Vec<Acked>,
    /// All records of this batch are kept, but those that are refused. By its id, so that an answer that was meant for
    /// another batch acknowledges nothing.
    #[serde(default)]
    pub acked_batch: Option<Uuid>,
    #[serde(default)]
    pub refused: Vec<Refused>,
    #[serde(default)]
    pub control: Control,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Acked {
    pub id: Uuid,
    pub rev: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Refused {
    pub id: Uuid,
    pub rev: u32,
    #[serde(default)]
    pub reason: Option<String>,
}

/// What the server wants of the sender from now on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Control {
    /// Seconds between batches.
    #[serde(default)]
    pub min_interval_s: Option<u32>,
    /// Send nothing for so many seconds.
    #[serde(default)]
    pub pause_s: Option<u32>,
    /// The version of the dictionary that it can read.
    #[serde(default)]
    pub dictionary: Option<u32>,
}

/// More than the answer to the largest batch; what is longer is no answer.
const MAX_BYTES: usize = 1 << 20;

pub(crate) fn parse(body: &[u8]) -> Option<Answer> {
    if body.len() > MAX_BYTES {
        return None;
    }
    serde_json::from_slice(body).ok()
}

/// RFC 9110 §10.2.3: seconds, or a date. Milliseconds from now; a date that is over is 0.
pub(crate) fn retry_after_ms(value: &str, now_ms: i64) -> Option<i64> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        return Some(value.parse::<i64>().unwrap_or(i64::MAX / 1_000).saturating_mul(1_000));
    }
    Some(http_date_ms(value)?.saturating_sub(now_ms).max(0))
}

/// The preferred form of RFC 9110 §5.6.7, `Sun, 06 Nov 1994 08:49:37 GMT`; nobody sends the obsolete ones.
fn http_date_ms(text: &str) -> Option<i64> {
    let mut words = text.split_once(", ")?.1.split(' ');
    let day: i64 = words.next()?.parse().ok()?;
    let month = words.next()?;
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = months.iter().position(|name| *name == month)? as i64 + 1;
    let year: i64 = words.next()?.parse().ok().filter(|y| (1970..10_000).contains(y))?;
    let mut clock = words.next()?.split(':').map(|part| part.parse::<i64>().ok().filter(|n| (0..=60).contains(n)));
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    if words.next()? != "GMT" || !(1..=31).contains(&day) {
        return None;
    }
    // Days since the epoch, Howard Hinnant's days_from_civil for years after 0: March comes first.
    let y = if month <= 2 { year - 1 } else { year };
    let (era, m) = (y / 400, (month + 9) % 12);
    let year_of_era = y - era * 400;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + (153 * m + 2) / 5 + day - 1;
    let days = era * 146_097 + day_of_era - 719_468;
    Some((((days * 24 + hour) * 60 + minute) * 60 + second) * 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(retry_after_ms(" 120 ", 5), Some(120_000));
        assert_eq!(http_date_ms("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777_000));
        assert_eq!(http_date_ms("Thu, 29 Feb 2024 00:00:00 GMT"), Some(1_709_164_800_000));
        assert_eq!(retry_after_ms("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_770_000), Some(7_000));
        assert_eq!(retry_after_ms("Sun, 06 Nov 1994 08:49:37 GMT", 1_784_111_770_000), Some(0));
        for bad in ["", "soon", "-3", "1.5", "Sun, 06 Nov", "Sun, 99 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 8 GMT"] {
            assert_eq!(retry_after_ms(bad, 0), None, "{bad}");
        }
        assert!(retry_after_ms("99999999999999999999999", 0).is_some_and(|ms| ms > 0));
    }

    #[test]
    fn answers_tolerate_what_they_do_not_know() {
        let id = Uuid::from_u128(5);
        let text = format!(r#"{{"acked":[{{"id":"{id}","rev":2,"x":1}}],"new":[],"control":{{"pause_s":9}}}}"#);
        let answer = parse(text.as_bytes()).unwrap();
        assert_eq!(answer.acked, [Acked { id, rev: 2 }]);
        assert_eq!((answer.control.pause_s, answer.acked_batch), (Some(9), None));
        assert_eq!(parse(format!(r#"{{"acked_batch":"{id}"}}"#).as_bytes()).unwrap().acked_batch, Some(id));
        for cut in 0..text.len() {
            assert_eq!(parse(&text.as_bytes()[..cut]), None);
        }
        assert_eq!(parse(b"<html>Please log in</html>"), None);
    }
}
