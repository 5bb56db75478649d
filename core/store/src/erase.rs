//! Forgets for good: rows, the log, free pages, quarantined files. The ledger says that something was erased, not what.

use rusqlite::params;

use crate::class::Durability;
use crate::error::Result;
use crate::open::{Location, quarantined_files};
use crate::store::{Store, Tx};

/// Whose data goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Erase {
    /// Everything of one driver: records that name them, and all that belongs to their trips.
    Driver(String),
    /// Everything.
    Everything,
}

impl Store {
    /// Erases. When it returns, neither the database nor its log nor a quarantined file holds anything of it. The engine's
    /// snapshot goes too: the caller writes a new one.
    pub fn erase(&mut self, whose: &Erase) -> Result<()> {
        self.write(Durability::Power, |tx| {
            tx.sql().execute_batch("PRAGMA secure_delete = ON")?;
            tx.erase(whose)
        })?;
        let Location::File(path) = self.location().clone() else { return Ok(()) };
        // Nobody can say whose a broken file is.
        for file in quarantined_files(&path) {
            std::fs::remove_file(file)?;
        }
        self.compact()
    }
}

impl Tx<'_> {
    fn erase(&self, whose: &Erase) -> Result<()> {
        let sql = self.sql();
        sql.execute_batch(
            "CREATE TEMP TABLE IF NOT EXISTS gone_id (id BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
             CREATE TEMP TABLE IF NOT EXISTS gone_batch (id BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
             DELETE FROM gone_id; DELETE FROM gone_batch",
        )?;
        match whose {
            Erase::Everything => {
                sql.execute("INSERT INTO gone_id SELECT DISTINCT id FROM record", [])?;
                sql.execute("INSERT OR IGNORE INTO gone_id SELECT DISTINCT trip_id FROM track", [])?;
            }
            Erase::Driver(driver) => {
                sql.execute(
                    "INSERT INTO gone_id SELECT DISTINCT id FROM record WHERE driver_id = ?1",
                    params![driver],
                )?;
            }
        }
        sql.execute_batch(
            "INSERT OR IGNORE INTO gone_id SELECT id FROM record WHERE trip_id IN (SELECT id FROM gone_id);
             INSERT OR IGNORE INTO gone_batch SELECT batch_id FROM record
                WHERE batch_id IS NOT NULL AND id IN (SELECT id FROM gone_id);
             INSERT OR IGNORE INTO gone_batch SELECT batch_id FROM track
                WHERE batch_id IS NOT NULL AND trip_id IN (SELECT id FROM gone_id);
             DELETE FROM record WHERE id IN (SELECT id FROM gone_id);
             DELETE FROM track WHERE trip_id IN (SELECT id FROM gone_id);
             DELETE FROM trip WHERE id IN (SELECT id FROM gone_id);
             DELETE FROM trip_tag WHERE trip_id IN (SELECT id FROM gone_id);
             UPDATE record SET batch_id = NULL WHERE batch_id IN (SELECT id FROM gone_batch);
             UPDATE track SET batch_id = NULL WHERE batch_id IN (SELECT id FROM gone_batch);
             UPDATE dropped SET batch_id = NULL WHERE batch_id IN (SELECT id FROM gone_batch);
             DELETE FROM lease WHERE batch_id IN (SELECT id FROM gone_batch);
             DELETE FROM snapshot; DELETE FROM gone_id; DELETE FROM gone_batch",
        )?;
        self.enter_erasure()
    }
}
