//! The JSON of what is delivered but is no record of the engine: chunks of tracks, and the ledger. docs/protocol.md
//! describes both.

use milepost_engine::{Uuid, base64};
use rusqlite::Row;
use serde_json::{Value, json};

use crate::track::is_old;

/// `milepost.track/1`, of a row `id, rev, class, trip_id, number, first_ns, last_ns, points, body`.
pub(crate) fn track(row: &Row<'_>) -> rusqlite::Result<String> {
    let body: Vec<u8> = row.get(8)?;
    let value = json!({
        "schema": "milepost.track/1",
        "id": uuid(row, 0)?,
        "rev": row.get::<_, u32>(1)?,
        "trip_id": uuid(row, 3)?,
        "chunk": row.get::<_, i64>(4)?,
        "first_t_s": seconds(row.get(5)?),
        "last_t_s": seconds(row.get(6)?),
        "points": row.get::<_, i64>(7)?,
        "encoding": encoding(&body),
        "data": base64::text(&body),
    });
    Ok(value.to_string())
}

/// As docs/protocol.md has them: which version of a track, and what is around it.
fn encoding(body: &[u8]) -> &'static str {
    match body.first() {
        _ if is_old(body) => "milepost-track-1+zstd+base64",
        Some(2) => "milepost-track-2+base64",
        _ => "milepost-track-4+base64",
    }
}

/// `milepost.dropped/1`, of a row `id, rev, class, what, cause, rows, first_seq, last_seq`.
pub(crate) fn dropped(row: &Row<'_>) -> rusqlite::Result<String> {
    let value = json!({
        "schema": "milepost.dropped/1",
        "id": uuid(row, 0)?,
        "rev": row.get::<_, u32>(1)?,
        "what": row.get::<_, String>(3)?,
        "cause": row.get::<_, String>(4)?,
        "count": row.get::<_, Option<i64>>(5)?,
        "first_seq": row.get::<_, Option<i64>>(6)?,
        "last_seq": row.get::<_, Option<i64>>(7)?,
    });
    Ok(value.to_string())
}

fn uuid(row: &Row<'_>, column: usize) -> rusqlite::Result<String> {
    Ok(Uuid::from_bytes(row.get(column)?).to_string())
}

fn seconds(ns: i64) -> Value {
    json!(ns.div_euclid(1_000_000) as f64 / 1e3)
}
