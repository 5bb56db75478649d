//! Keeps the store within its quota: deletes the least valuable first and writes down what the server will never see.

use milepost_engine::id::{IdKind, uuid7};
use rusqlite::params;

use crate::class::Class;
use crate::error::Result;
use crate::meta::{HOST_SEQ, SEED};
use crate::record::{ACKNOWLEDGED, SUPERSEDED, signed};
use crate::store::{Db, Tx};

/// How much the store may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Bytes of the main file in use. The log adds up to 4 MiB.
    pub max_bytes: u64,
    /// Rows of `record`.
    pub max_records: u64,
    /// How long what the server has and the host has handled is kept; what is unsent never ages.
    pub max_age: Retention,
}

/// Milliseconds that a class of data is kept after it was delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Trips, stops, scores and everything that is not below.
    pub records_ms: i64,
    /// Driving events, with their evidence.
    pub events_ms: i64,
    /// Tracks, live positions and raw windows: where someone was at each moment.
    pub positions_ms: i64,
    /// Proofs of delivery.
    pub proofs_ms: i64,
}

const DAY_MS: i64 = 24 * 3_600_000;

impl Default for Retention {
    /// 90 days for all.
    fn default() -> Self {
        let ms = 90 * DAY_MS;
        Self { records_ms: ms, events_ms: ms, positions_ms: ms, proofs_ms: ms }
    }
}

impl Retention {
    fn of(&self, class: Class) -> i64 {
        match class {
            Class::Trip | Class::Score | Class::Other => self.records_ms,
            Class::Event => self.events_ms,
            Class::Position | Class::Track | Class::Window => self.positions_ms,
            Class::Proof => self.proofs_ms,
        }
    }
}

impl Default for Quota {
    /// 40 MiB (with the log and slack under 50 MB: years of trips, months of tracks), 200 000 records, 90 days.
    fn default() -> Self {
        Self { max_bytes: 40 << 20, max_records: 200_000, max_age: Retention::default() }
    }
}

/// What an eviction did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evicted {
    /// Rows that the server has, or never needed.
    pub delivered: u64,
    /// Rows that the server will never see; they are in the ledger.
    pub lost: u64,
}

impl Evicted {
    /// False when there was nothing left to delete.
    fn add(&mut self, piece: Self) -> bool {
        self.delivered += piece.delivered;
        self.lost += piece.lost;
        piece != Self::default()
    }
}

/// Rows deleted between two looks at the quota.
const PIECE: i64 = 64;

impl Db<'_> {
    /// Bytes of the main file in use, free pages not counted.
    pub fn used_bytes(&self) -> Result<u64> {
        let pragma = |name: &str| -> Result<u64> {
            Ok(self.0.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0))? as u64)
        };
        Ok((pragma("page_count")?.saturating_sub(pragma("freelist_count")?)) * pragma("page_size")?)
    }

    pub(crate) fn has_books(&self) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM meta WHERE key = ?1)";
        Ok(self.0.query_row(sql, [SEED], |row| row.get(0))?)
    }

    fn is_over(&self, quota: &Quota) -> Result<bool> {
        if self.used_bytes()? > quota.max_bytes {
            return Ok(true);
        }
        let records = self.0.query_row("SELECT count(*) FROM record", [], |row| row.get::<_, i64>(0))? as u64;
        Ok(records > quota.max_records)
    }
}

impl Tx<'_> {
    /// Deletes until the quota holds: what is old and delivered, superseded revisions, then class by class what is
    /// delivered, then class by class what is not, which goes into the ledger. Leased things and open trips stay.
    pub fn evict(&self, quota: &Quota, now_ms: i64) -> Result<Evicted> {
        let mut evicted = Evicted::default();
        let handled = format!("batch_id IS NULL AND seq <= {}", signed(self.meta_u64(HOST_SEQ)?));
        for class in Class::EVICTION {
            let oldest = now_ms.saturating_sub(quota.max_age.of(class));
            let aged = format!(
                "{handled} AND class = {} AND state IN ({ACKNOWLEDGED}, {SUPERSEDED}) AND occurred_at < {oldest}",
                class.number()
            );
            let tracks = format!(
                "state = {ACKNOWLEDGED} AND (trip_id IN (SELECT id FROM trip WHERE ifnull(end_ms, start_ms) < {oldest})
                 OR trip_id NOT IN (SELECT id FROM trip))"
            );
            while evicted.add(self.delete(class, &aged, &tracks)?) {}
        }
        let superseded = format!("{handled} AND state = {SUPERSEDED}");
        while self.is_over(quota)? && evicted.add(self.delete_records(&superseded)?) {}
        for class in Class::EVICTION {
            let delivered = format!("{handled} AND class = {} AND state = {ACKNOWLEDGED}", class.number());
            while self.is_over(quota)? && evicted.add(self.delete(class, &delivered, "state = 1")?) {}
        }
        for class in Class::EVICTION {
            let any = format!("batch_id IS NULL AND class = {}", class.number());
            while self.is_over(quota)? && evicted.add(self.delete(class, &any, "1")?) {}
        }
        Ok(evicted)
    }

    fn delete(&self, class: Class, records: &str, tracks: &str) -> Result<Evicted> {
        if class == Class::Track { self.delete_tracks(tracks) } else { self.delete_records(records) }
    }

    /// The oldest piece of what matches.
    fn delete_records(&self, condition: &str) -> Result<Evicted> {
        let sql = format!(
            "DELETE FROM record WHERE seq IN (SELECT seq FROM record WHERE {condition}
             AND NOT EXISTS (SELECT 1 FROM trip WHERE trip.seq = record.seq AND trip.status = 'open')
             ORDER BY seq LIMIT {PIECE}) RETURNING schema, state, seq"
        );
        let mut statement = self.sql().prepare_cached(&sql)?;
        let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get(2)?)))?;
        let rows = rows.collect::<rusqlite::Result<Vec<(String, i64, i64)>>>()?;
        let mut lost = 0;
        for (schema, state, seq) in &rows {
            if *state != ACKNOWLEDGED && *state != SUPERSEDED {
                self.enter(schema, "quota", Some(1), Some(*seq))?;
                lost += 1;
            }
        }
        // The projections follow: a trip without records is no trip.
        self.sql().execute("DELETE FROM trip WHERE seq NOT IN (SELECT seq FROM record)", [])?;
        self.sql().execute("DELETE FROM trip_tag WHERE trip_id NOT IN (SELECT id FROM trip)", [])?;
        Ok(Evicted { delivered: rows.len() as u64 - lost, lost })
    }

    fn delete_tracks(&self, condition: &str) -> Result<Evicted> {
        let sql = format!(
            "DELETE FROM track WHERE chunk IN (SELECT chunk FROM track WHERE {condition} AND batch_id IS NULL AND sealed = 1
             AND trip_id NOT IN (SELECT id FROM trip WHERE status = 'open') ORDER BY chunk LIMIT {PIECE}) RETURNING state"
        );
        let mut statement = self.sql().prepare_cached(&sql)?;
        let states = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<i64>>>()?;
        let lost = states.iter().filter(|state| **state != ACKNOWLEDGED).count() as u64;
        if lost > 0 {
            self.enter("milepost.track/1", "quota", Some(lost as i64), None)?;
        }
        Ok(Evicted { delivered: states.len() as u64 - lost, lost })
    }

    /// A corrupt file is a loss of unknown size.
    pub(crate) fn enter_loss(&self) -> Result<()> {
        self.enter("*", "corrupt", None, None)
    }

    /// A chunk of a track that cannot be read.
    pub(crate) fn enter_damaged_track(&self) -> Result<()> {
        self.enter("milepost.track/1", "corrupt", Some(1), None)
    }

    /// Something was erased: what, and how much, is nobody's business any more.
    pub(crate) fn enter_erasure(&self) -> Result<()> {
        self.enter("*", "erased", None, None)
    }

    /// Adds to the ledger: to the entry of its kind that nobody has been told of, or to a new one.
    fn enter(&self, what: &str, cause: &str, rows: Option<i64>, seq: Option<i64>) -> Result<()> {
        let sql = "UPDATE dropped SET rows = rows + ?3, first_seq = min(ifnull(first_seq, ?4), ?4),
                   last_seq = max(ifnull(last_seq, ?4), ?4)
                   WHERE what = ?1 AND cause = ?2 AND state = 0 AND batch_id IS NULL";
        if self.sql().prepare_cached(sql)?.execute(params![what, cause, rows, seq])? > 0 {
            return Ok(());
        }
        let number = self.meta_u64("dropped")? + 1;
        self.set_meta_u64("dropped", number)?;
        let id = uuid7(self.meta_u64(SEED)?, IdKind::Dropped, number, 0);
        let sql = "INSERT INTO dropped (id, what, cause, rows, first_seq, last_seq, class)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6)";
        let class = Class::Other.number();
        self.sql().prepare_cached(sql)?.execute(params![id.as_bytes(), what, cause, rows, seq, class])?;
        Ok(())
    }

    pub(crate) fn open_books(&self, seed: u64) -> Result<()> {
        if self.has_books()? { Ok(()) } else { self.set_meta_u64(SEED, seed) }
    }
}
