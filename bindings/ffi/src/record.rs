//! Records and blockers on their way out.

/// A record as it is stored: the queue's facts about it, and its canonical JSON.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct StoredRecord {
    /// Its place in the order produced; rises with every record, revisions included. What `ack` takes.
    pub seq: i64,
    /// UUIDv7, the same in every revision.
    pub id: String,
    /// From 1; the highest of an id wins.
    pub rev: i32,
    /// `milepost.trip/1` and so on.
    pub schema: String,
    /// One line of JSON, the same bytes as in `records.jsonl`.
    pub json: String,
}

impl From<milepost::StoredRecord> for StoredRecord {
    fn from(record: milepost::StoredRecord) -> Self {
        Self {
            seq: signed(record.seq),
            id: record.id,
            // No record has so many revisions.
            rev: i32::try_from(record.rev).unwrap_or(i32::MAX),
            schema: record.schema,
            json: record.json,
        }
    }
}

/// What keeps trips from being found or kept, and what the user can do about it; `docs/records.md` has both as sentences.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Blocker {
    /// Such as `permission_denied`.
    pub name: String,
    /// Such as `allow_location`.
    pub remedy: String,
}

impl From<milepost::engine::engine::Blocker> for Blocker {
    fn from(blocker: milepost::engine::engine::Blocker) -> Self {
        Self { name: blocker.name().to_owned(), remedy: blocker.remedy().to_owned() }
    }
}

/// A running number as Java has it; no device makes so many records.
pub(crate) fn signed(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}
