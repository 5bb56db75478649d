//! Fields of a record that was read back as JSON. What a record means is left to who asks for them.

use milepost_engine::sample::MonoTime;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Anything that can be read from JSON, if it is there and is that.
pub fn get<T: DeserializeOwned>(record: &Value, key: &str) -> Option<T> {
    serde_json::from_value(record.get(key)?.clone()).ok()
}

/// A number.
pub fn number(record: &Value, key: &str) -> Option<f64> {
    record.get(key)?.as_f64()
}

/// Seconds on the axis.
pub fn time(record: &Value, key: &str) -> Option<MonoTime> {
    number(record, key).map(MonoTime::from_seconds)
}

/// A text, empty if there is none.
pub fn text<'a>(record: &'a Value, key: &str) -> &'a str {
    record.get(key).and_then(Value::as_str).unwrap_or_default()
}
