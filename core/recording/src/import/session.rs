//! What a recording says about itself: `session.json` of the plain folder, and the same facts from other formats.

use std::io::Read;

use milepost_engine::sample::{Clock, MonoTime};
use serde::Deserialize;

use super::error::{ImportError, quoted};
use super::table::Source;

/// A session says less than 1 KB about itself; a megabyte leaves room for a clock that jumps every hour for a year.
const MAX_BYTES: u64 = 1 << 20;
/// No zone is further from UTC than this.
const MAX_OFFSET_MIN: f64 = 18.0 * 60.0;

/// What a recording says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Session {
    /// From which ids derive.
    pub seed: u64,
    /// `android` or `ios`, where it is known.
    pub platform: Option<String>,
    /// The phone, where it is known.
    pub device: Option<String>,
    /// Minutes east of UTC, where it is known.
    pub utc_offset_min: Option<i32>,
    /// Running number of the first record that the engine made of it; only native recordings know it.
    pub first_seq: Option<u64>,
}

/// All of it may be missing or null.
#[derive(Default, Deserialize)]
#[serde(default)]
struct File {
    seed: Option<u64>,
    platform: Option<String>,
    device: Option<String>,
    utc_offset_min: Option<f64>,
    clock: Option<Vec<Entry>>,
}

#[derive(Deserialize)]
struct Entry {
    t_s: f64,
    wall_ms: Option<f64>,
    #[serde(default)]
    boot_id: BootId,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum BootId {
    Text(String),
    Number(i64),
}

impl Default for BootId {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

/// Reads `session.json`: the session and its clock entries in order of time.
pub(crate) fn read(file: &str, source: Source) -> Result<(Session, Vec<Clock>), ImportError> {
    let mut text = Vec::new();
    source.take(MAX_BYTES + 1).read_to_end(&mut text).map_err(|e| ImportError::io(file, e))?;
    if text.len() as u64 > MAX_BYTES {
        return Err(ImportError::file(file, "is larger than 1 MB"));
    }
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
    let parsed: File = serde_json::from_slice(text).map_err(|e| ImportError::file(file, quoted_error(&e)))?;
    let utc_offset_min = match parsed.utc_offset_min {
        Some(offset) if offset.abs() > MAX_OFFSET_MIN || offset.fract() != 0.0 => {
            return Err(ImportError::file(file, format!("utc_offset_min {offset} is no offset in minutes")));
        }
        // Data frames write whole numbers as `-300.0`.
        offset => offset.map(|offset| offset as i32),
    };
    let mut clocks = Vec::new();
    for entry in parsed.clock.unwrap_or_default() {
        if entry.t_s.is_nan() || entry.t_s.abs() >= 9e9 {
            return Err(ImportError::file(file, format!("clock t_s {} is out of range", entry.t_s)));
        }
        let boot_id = match entry.boot_id {
            BootId::Text(text) => text,
            BootId::Number(number) => number.to_string(),
        };
        let wall_ms = entry.wall_ms.filter(|ms| ms.abs() < 9e12).map(|ms| ms.round() as i64);
        clocks.push(Clock { mono: MonoTime::from_seconds(entry.t_s), wall_ms, boot_id, utc_offset_min });
    }
    clocks.sort_by_key(|clock| clock.mono);
    let session = Session {
        seed: parsed.seed.unwrap_or_default(),
        platform: parsed.platform,
        device: parsed.device,
        utc_offset_min,
        first_seq: None,
    };
    Ok((session, clocks))
}

fn quoted_error(e: &serde_json::Error) -> String {
    let text = e.to_string();
    if text.chars().any(char::is_control) || text.len() > 200 { quoted(&text) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<(Session, Vec<Clock>), String> {
        read("session.json", Box::new(std::io::Cursor::new(text.as_bytes().to_vec()))).map_err(|e| e.to_string())
    }

    #[test]
    fn all_of_it_is_optional() {
        assert_eq!(parsed("{}").unwrap(), (Session::default(), Vec::new()));
        assert_eq!(
            parsed(r#"{"seed": null, "clock": null, "platform": null}"#).unwrap(),
            (Session::default(), Vec::new())
        );
        let text = r#"{"seed": 18446744073709551615, "platform": "ios", "utc_offset_min": -300.0, "more": [],
            "clock": [{"t_s": 5, "wall_ms": 1000, "boot_id": "b"}, {"t_s": 1.5, "boot_id": 7}]}"#;
        let (session, clocks) = parsed(text).unwrap();
        assert_eq!((session.seed, session.utc_offset_min), (u64::MAX, Some(-300)));
        assert_eq!(clocks.iter().map(|c| c.mono.0).collect::<Vec<_>>(), [1_500_000_000, 5_000_000_000]);
        assert_eq!(clocks.iter().map(|c| c.boot_id.as_str()).collect::<Vec<_>>(), ["7", "b"]);
        assert_eq!(clocks.iter().map(|c| c.wall_ms).collect::<Vec<_>>(), [None, Some(1000)]);
    }

    #[test]
    fn mistakes_are_one_line() {
        for text in [
            "",
            "[",
            "[]x",
            "7",
            r#"{"seed": -1}"#,
            r#"{"utc_offset_min": 9999}"#,
            r#"{"clock": [{"t_s": 1e300}]}"#,
            r#"{"platform": 3}"#,
        ] {
            let e = parsed(text).unwrap_err();
            assert!(e.starts_with("session.json: ") && !e.contains('\n'), "{e}");
        }
        assert!(parsed(&format!("{{\"x\": {}", "[".repeat(100_000))).is_err());
    }
}
