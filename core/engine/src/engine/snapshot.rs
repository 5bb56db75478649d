//! The engine as bytes and back: restoring is a no-op. Where the bytes cannot be read any more, because the app was
//! updated in mid-trip, `adopt` takes up the open trip from its last record; here those are closed that nobody takes up.

use serde_json::{Value, json};

use super::Engine;
use crate::record::{Position, Seconds};
use crate::sample::MonoTime;
use crate::trip::EndReason;
use crate::{geo::LatLon, num::round};

/// Rises with every change of anything in the engine that is serialised.
pub const SNAPSHOT_VERSION: u32 = 19;

/// Why bytes are no snapshot.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// Written by another version: close the open trip with [`close_lost`].
    #[error("the snapshot is of version {found}, this is version {known}")]
    Version {
        /// Its version.
        found: u32,
        /// This one's.
        known: u32,
    },
    /// Cut or damaged.
    #[error("the snapshot is damaged: {0}")]
    Damaged(String),
}

impl Engine {
    /// Everything it knows. Poll all outputs first: they are not part of it.
    pub fn snapshot(&self) -> Result<Vec<u8>, SnapshotError> {
        let body = postcard::to_allocvec(self).map_err(|e| SnapshotError::Damaged(e.to_string()))?;
        Ok(SNAPSHOT_VERSION.to_le_bytes().into_iter().chain(body).collect())
    }

    /// The engine that wrote the snapshot.
    pub fn restore(snapshot: &[u8]) -> Result<Self, SnapshotError> {
        let Some((version, body)) = snapshot.split_first_chunk::<4>() else {
            return Err(SnapshotError::Damaged("it is too short".into()));
        };
        let found = u32::from_le_bytes(*version);
        if found != SNAPSHOT_VERSION {
            return Err(SnapshotError::Version { found, known: SNAPSHOT_VERSION });
        }
        postcard::from_bytes(body).map_err(|e| SnapshotError::Damaged(e.to_string()))
    }
}

/// The last record of a trip that nobody can continue, revised to ended at its last moving point; `None` if the text
/// is no open trip. `seq` is the running number of the new revision.
pub fn close_lost(trip: &str, last: Option<(MonoTime, LatLon)>, seq: u64) -> Option<String> {
    let mut record: Value = serde_json::from_str(trip).ok()?;
    if record.get("status")? != "open" {
        return None;
    }
    let rev = record.get("rev")?.as_u64()?;
    let start_t_s = record.get("start_t_s")?.as_f64()?;
    let start = record.get("start")?.clone();
    let (end, end_position) = match last {
        Some((t, place)) => (json!(Seconds::from(t)), json!(Position::from(place))),
        None => (json!(start_t_s), start),
    };
    let duration_s = end.as_f64().map(|end| round((end - start_t_s).max(0.0), 3));
    for (key, value) in [
        ("rev", json!(rev + 1)),
        ("seq", json!(seq)),
        ("status", json!("ended")),
        ("end_reason", json!(EndReason::StateLost.name())),
        ("end_t_s", end),
        ("end", end_position),
        ("duration_s", json!(duration_s)),
    ] {
        *record.get_mut(key)? = value;
    }
    Some(record.to_string())
}
