//! The `record` table: append, drain, host cursor. Every revision is a row; the newest supersedes unsent older ones.

use milepost_engine::Uuid;
use milepost_engine::record::{Body, Record};
use rusqlite::{OptionalExtension, Row, params};

use crate::class::Class;
use crate::error::{Result, StoreError};
use crate::meta::{HOST_SEQ, LAST_SEQ};
use crate::store::{Db, Tx};

/// States of a row that is delivered; in every store's file, never renumbered.
pub(crate) const UNSENT: i64 = 0;
pub(crate) const ACKNOWLEDGED: i64 = 1;
pub(crate) const SUPERSEDED: i64 = 2;
pub(crate) const PARKED: i64 = 3;

/// A record to be stored. `NewRecord::from(&record)` is the way to make one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRecord {
    /// Rises with every record of a device, revisions included.
    pub seq: u64,
    /// The same through all revisions.
    pub id: Uuid,
    /// 1 at first.
    pub rev: u32,
    /// Such as `milepost.trip/1`.
    pub schema: String,
    /// The trip that it belongs to; a trip's own id.
    pub trip_id: Option<Uuid>,
    /// When it became true, in nanoseconds on the phone's own axis.
    pub t_ns: i64,
    /// The same in epoch milliseconds.
    pub occurred_at_ms: Option<i64>,
    /// Who drives.
    pub driver_id: Option<String>,
    /// What is driven.
    pub vehicle_id: Option<String>,
    /// The whole record as canonical JSON.
    pub json: String,
}

impl From<&Record> for NewRecord {
    fn from(record: &Record) -> Self {
        let own = matches!(record.body, Body::Trip(_)).then_some(record.id);
        Self {
            seq: record.seq,
            id: record.id,
            rev: record.rev,
            schema: record.body.schema().to_owned(),
            trip_id: record.body.trip_id().or(own),
            t_ns: record.t.0,
            occurred_at_ms: record.occurred_at_ms,
            driver_id: record.driver_id.clone(),
            vehicle_id: record.vehicle_id.clone(),
            json: record.to_json(),
        }
    }
}

/// A record as it was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its place in the order of everything.
    pub seq: u64,
    /// The same through all revisions.
    pub id: Uuid,
    /// The highest wins.
    pub rev: u32,
    /// Such as `milepost.trip/1`.
    pub schema: String,
    /// The whole record as canonical JSON, byte for byte as appended.
    pub json: String,
}

pub(crate) const STORED: &str = "seq, id, rev, schema, body";

pub(crate) fn stored(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok(Stored {
        seq: row.get::<_, i64>(0)? as u64,
        id: Uuid::from_bytes(row.get(1)?),
        rev: row.get(2)?,
        schema: row.get(3)?,
        json: row.get(4)?,
    })
}

impl Db<'_> {
    /// Records after a sequence number, in order, `max` at most. What the host has not acknowledged comes again.
    pub fn drain(&self, after_seq: u64, max: usize) -> Result<Vec<Stored>> {
        let sql = format!("SELECT {STORED} FROM record WHERE seq > ?1 ORDER BY seq LIMIT ?2");
        let mut statement = self.0.prepare_cached(&sql)?;
        let rows = statement.query_map(params![signed(after_seq), max as i64], stored)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The highest sequence number ever given, evicted records included. A new engine goes on after it.
    pub fn last_seq(&self) -> Result<u64> {
        self.meta_u64(LAST_SEQ)
    }

    /// The highest sequence number that the host has handled.
    pub fn host_seq(&self) -> Result<u64> {
        self.meta_u64(HOST_SEQ)
    }

    /// The highest revision of a record.
    pub fn record(&self, id: Uuid) -> Result<Option<Stored>> {
        let sql = format!("SELECT {STORED} FROM record WHERE id = ?1 ORDER BY rev DESC LIMIT 1");
        let mut statement = self.0.prepare_cached(&sql)?;
        Ok(statement.query_row([id.as_bytes()], stored).optional()?)
    }
}

impl Tx<'_> {
    /// Stores records in the order of their sequence numbers and brings the projections up to date. An (id, rev) that is
    /// there already is left out, so the same call may be made again after a crash. Returns how many were new.
    ///
    /// Fails with [`StoreError::SeqNotRising`] or [`StoreError::Rewritten`] where the engine contradicts what it said
    /// before.
    pub fn append(&self, records: &[NewRecord]) -> Result<usize> {
        let first_last = self.last_seq()?;
        let (mut last, mut new) = (first_last, 0);
        for record in records {
            if self.is_known(record)? {
                continue;
            }
            if record.seq <= last {
                return Err(StoreError::SeqNotRising { seq: record.seq, last });
            }
            self.insert(record)?;
            self.project(record)?;
            (last, new) = (record.seq, new + 1);
        }
        if last > first_last {
            self.set_meta_u64(LAST_SEQ, last)?;
        }
        Ok(new)
    }

    /// The host has handled every record up to here. Never goes back, nor beyond what was given.
    pub fn ack_host(&self, seq: u64) -> Result<()> {
        let seq = seq.min(self.last_seq()?);
        if seq > self.host_seq()? {
            self.set_meta_u64(HOST_SEQ, seq)?;
        }
        Ok(())
    }

    fn is_known(&self, record: &NewRecord) -> Result<bool> {
        let mut statement = self.sql().prepare_cached("SELECT body FROM record WHERE id = ?1 AND rev = ?2")?;
        let values = params![record.id.as_bytes(), record.rev];
        let body: Option<String> = statement.query_row(values, |row| row.get(0)).optional()?;
        match body {
            None => Ok(false),
            Some(body) if body == record.json => Ok(true),
            Some(_) => Err(StoreError::Rewritten { id: record.id, rev: record.rev }),
        }
    }

    fn insert(&self, record: &NewRecord) -> Result<()> {
        let sql = "INSERT INTO record
            (seq, id, rev, schema, trip_id, t_ns, occurred_at, driver_id, vehicle_id, body, class)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
        let class = Class::of_schema(&record.schema);
        self.sql().prepare_cached(sql)?.execute(params![
            signed(record.seq),
            record.id.as_bytes(),
            record.rev,
            record.schema,
            record.trip_id.as_ref().map(Uuid::as_bytes),
            record.t_ns,
            record.occurred_at_ms,
            record.driver_id,
            record.vehicle_id,
            record.json,
            class.number(),
        ])?;
        // What is on its way stays leased until its answer is there.
        let sql = "UPDATE record SET state = ?3 WHERE id = ?1 AND rev < ?2 AND state = ?4 AND batch_id IS NULL";
        let values = params![record.id.as_bytes(), record.rev, SUPERSEDED, UNSENT];
        self.sql().prepare_cached(sql)?.execute(values)?;
        Ok(())
    }
}

/// SQLite's integers are signed; a sequence number never gets that far.
pub(crate) fn signed(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
