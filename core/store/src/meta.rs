//! Small facts by name, and the one snapshot of the engine.

use rusqlite::{OptionalExtension, params};

use crate::error::Result;
use crate::store::{Db, Tx};

/// Highest sequence number ever given to a record.
pub(crate) const LAST_SEQ: &str = "last_seq";
/// Highest sequence number that the host has handled.
pub(crate) const HOST_SEQ: &str = "host_seq";
/// Seed of the ids that the store itself gives.
pub(crate) const SEED: &str = "seed";

/// The engine as it was when it had said everything up to `after_seq`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Of the snapshot's format.
    pub version: u32,
    /// Highest sequence number of the records that it covers.
    pub after_seq: u64,
    /// As the engine gave them.
    pub bytes: Vec<u8>,
}

impl Db<'_> {
    /// A small fact as text.
    pub fn meta(&self, key: &str) -> Result<Option<String>> {
        let mut statement = self.0.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
        Ok(statement.query_row([key], |row| row.get(0)).optional()?)
    }

    pub(crate) fn meta_u64(&self, key: &str) -> Result<u64> {
        let mut statement = self.0.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
        let value: Option<i64> = statement.query_row([key], |row| row.get(0)).optional()?;
        Ok(value.map_or(0, |v| v as u64))
    }

    /// The last snapshot.
    pub fn snapshot(&self) -> Result<Option<Snapshot>> {
        let mut statement = self.0.prepare_cached("SELECT version, after_seq, bytes FROM snapshot WHERE slot = 1")?;
        let found = statement.query_row([], |row| {
            Ok(Snapshot { version: row.get(0)?, after_seq: row.get::<_, i64>(1)? as u64, bytes: row.get(2)? })
        });
        Ok(found.optional()?)
    }
}

impl Tx<'_> {
    /// Remembers a small fact: `device_id`, the upload machine's state, what the host wants kept.
    pub fn set_meta(&self, key: &str, value: &str) -> Result<()> {
        let sql =
            "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        self.sql().prepare_cached(sql)?.execute(params![key, value])?;
        Ok(())
    }

    pub(crate) fn set_meta_u64(&self, key: &str, value: u64) -> Result<()> {
        let sql =
            "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        self.sql().prepare_cached(sql)?.execute(params![key, value as i64])?;
        Ok(())
    }

    /// Replaces the snapshot. Belongs into the transaction that appends the records it covers, so that a restored
    /// engine never says again, nor forgets to say, what is stored.
    pub fn set_snapshot(&self, snapshot: &Snapshot) -> Result<()> {
        let sql = "INSERT INTO snapshot (slot, version, after_seq, bytes) VALUES (1, ?1, ?2, ?3)
                   ON CONFLICT (slot) DO UPDATE SET version = excluded.version, after_seq = excluded.after_seq,
                   bytes = excluded.bytes";
        let values = params![snapshot.version, snapshot.after_seq as i64, snapshot.bytes];
        self.sql().prepare_cached(sql)?.execute(values)?;
        Ok(())
    }
}
