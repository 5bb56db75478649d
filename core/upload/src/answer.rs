//! Reads what a server says: its acknowledgements, its wishes, its Retry-After. Decides nothing; what cannot be read is
//! `None`.

use milepost_engine::Uuid;
use serde_json::{Map, Value};

/// The body of an answer, see docs/protocol.md. Unknown fields are of no concern.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    pub acked: Vec<Acked>,
    /// All records of this batch are kept, but those that are refused. By its id, so that an answer that was meant for
    /// another batch acknowledges nothing.
    pub acked_batch: Option<Uuid>,
    pub refused: Vec<Refused>,
    pub control: Control,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Acked {
    pub id: Uuid,
    pub rev: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub id: Uuid,
    pub rev: u32,
    pub reason: Option<String>,
}

/// What the server wants of the sender from now on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Control {
    /// Seconds between batches.
    pub min_interval_s: Option<u32>,
    /// Send nothing for so many seconds.
    pub pause_s: Option<u32>,
    /// The version of the dictionary that it can read.
    pub dictionary: Option<u32>,
}

/// More than the answer to the largest batch; what is longer is no answer.
const MAX_BYTES: usize = 1 << 20;
/// Some servers' JSON begins with it.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// A slip in one place costs what stands there and no acknowledgement beside it: the server has the records, and would be
/// sent them for ever.
pub(crate) fn parse(body: &[u8]) -> Option<Answer> {
    if body.len() > MAX_BYTES {
        return None;
    }
    let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
    let Value::Object(fields) = serde_json::from_slice(body).ok()? else { return None };
    let acked = list(&fields, "acked", |entry| key(entry).map(|(id, rev)| Acked { id, rev }))?;
    let refused = list(&fields, "refused", |entry| {
        let (id, rev) = key(entry)?;
        Some(Refused { id, rev, reason: entry.get("reason").and_then(Value::as_str).map(str::to_owned) })
    })?;
    let batch = fields.get("acked_batch").filter(|value| !value.is_null());
    let acked_batch = batch.and_then(id);
    if batch.is_some() && acked_batch.is_none() && acked.is_empty() && refused.is_empty() {
        return None;
    }
    let wish = |name: &str| fields.get("control")?.get(name).and_then(whole);
    let control =
        Control { min_interval_s: wish("min_interval_s"), pause_s: wish("pause_s"), dictionary: wish("dictionary") };
    Some(Answer { acked, acked_batch, refused, control })
}

/// What can be read of a list; none is empty. `None` if it is no list, or nothing in it can be read: that it names none
/// of the records is not what such a server says.
fn list<T>(fields: &Map<String, Value>, name: &str, read: impl Fn(&Value) -> Option<T>) -> Option<Vec<T>> {
    let entries = match fields.get(name) {
        None | Some(Value::Null) => return Some(Vec::new()),
        Some(value) => value.as_array()?,
    };
    let found: Vec<T> = entries.iter().filter_map(read).collect();
    (found.is_empty() == entries.is_empty()).then_some(found)
}

fn key(entry: &Value) -> Option<(Uuid, u32)> {
    Some((id(entry.get("id")?)?, entry.get("rev")?.as_u64()?.try_into().ok()?))
}

fn id(value: &Value) -> Option<Uuid> {
    value.as_str()?.parse().ok()
}

/// A number of seconds as any JSON has it, `60` or `60.0`; what is more than anybody waits is as much as can be said.
fn whole(value: &Value) -> Option<u32> {
    let number = value.as_f64().filter(|number| *number >= 0.0)?;
    Some(number.min(f64::from(u32::MAX)) as u32)
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

    #[test]
    fn a_slip_beside_them_costs_no_acknowledgement() {
        let id = Uuid::from_u128(5);
        for slip in [
            r#""control":{"pause_s":60.0}"#,
            r#""control":{"pause_s":99999999999}"#,
            r#""control":{"min_interval_s":-1,"pause_s":"soon","dictionary":"1"}"#,
            r#""control":null"#,
            r#""control":[]"#,
            r#""acked":null"#,
            r#""acked":[{"id":"no uuid","rev":1},{"id":"00000000-0000-0000-0000-000000000006","rev":1}]"#,
            r#""refused":[{"id":"00000000-0000-0000-0000-000000000007","rev":1,"reason":7}]"#,
            r#""x":1,"x":2"#,
        ] {
            let answer = parse(format!("\u{feff}{{{slip},\"acked_batch\":\"{id}\"}}").as_bytes()).unwrap();
            assert_eq!(answer.acked_batch, Some(id), "{slip}");
        }
        let wishes =
            parse(br#"{"control":{"pause_s":60.0,"min_interval_s":99999999999,"dictionary":1}}"#).unwrap().control;
        let all = Control { pause_s: Some(60), min_interval_s: Some(u32::MAX), dictionary: Some(1) };
        assert_eq!(wishes, all);
    }

    #[test]
    fn what_cannot_be_an_acknowledgement_is_no_answer_that_names_nothing() {
        for garbage in [
            r#"{"acked":"all"}"#,
            r#"{"acked":[1,2]}"#,
            r#"{"acked":[{"id":"no uuid","rev":1}]}"#,
            r#"{"refused":{}}"#,
            r#"{"acked_batch":"no uuid"}"#,
            r#"{"acked":[{"id":"00000000-0000-0000-0000-000000000006","rev":-1}]}"#,
            "[]",
            "null",
        ] {
            assert_eq!(parse(garbage.as_bytes()), None, "{garbage}");
        }
        assert_eq!(parse(b"{}"), Some(Answer::default()));
    }
}
