//! Keeps a short log of the core's own troubles in a file of its own, which may be lost at any time: neither a flood of
//! them nor damage to them can touch a record. What is a trouble, and in which words, is the caller's.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, params};

use crate::error::{Result, StoreError};
use crate::migrate::version;
use crate::open::{Location, beside, complaints, private};

/// Of the file. Another is begun anew.
const VERSION: i64 = 1;
/// Entries kept: what went wrong in the last days, also where something goes wrong each minute.
pub const MAX_DIAGNOSTICS: usize = 1_000;
/// A longer line says no more.
const MAX_DETAIL_BYTES: usize = 400;
/// Pages of 4 KiB that the file may have, 1 MiB: twice what the longest lines can take.
const MAX_PAGES: u32 = 256;

/// Something that went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Epoch milliseconds of the last time.
    pub at_ms: i64,
    /// Which kind of trouble.
    pub kind: String,
    /// In one line, for whoever mends it.
    pub detail: String,
    /// How often in a row.
    pub times: u64,
}

/// The log. Nothing that it does can fail but [`Diagnostics::erase`]: what cannot be kept is let go. Opened when first
/// used, so that a start without troubles costs nothing.
#[derive(Debug)]
pub struct Diagnostics {
    location: Location,
    connection: Option<Connection>,
    suspended: bool,
}

impl Diagnostics {
    /// A log in this place; not in the file of the store.
    pub fn new(location: Location) -> Self {
        Self { location, connection: None, suspended: false }
    }

    /// Notes a trouble. The same as the last one is counted there.
    pub fn note(&mut self, at_ms: i64, kind: &str, detail: &str) {
        let detail = one_line(detail);
        self.attempt(|db| note(db, at_ms, kind, &detail));
    }

    /// The newest first.
    pub fn newest(&mut self, max: usize) -> Vec<Diagnostic> {
        match &self.location {
            // Asking makes no file.
            Location::File(path) if self.connection.is_none() && !path.exists() => Vec::new(),
            Location::File(_) | Location::Memory(_) => self.attempt(|db| newest(db, max)).unwrap_or_default(),
        }
    }

    /// Forgets all of it, whoever drove: nobody can say whose a line is.
    pub fn erase(&mut self) -> Result<()> {
        self.connection = None;
        let Location::File(path) = &self.location else { return Ok(()) };
        files(path).iter().filter(|file| file.exists()).try_for_each(|file| Ok(std::fs::remove_file(file)?))
    }

    /// Lets go of the file, as [`crate::Store::suspend`] does; what goes wrong meanwhile is not kept.
    pub fn suspend(&mut self) {
        self.suspended = true;
        if matches!(self.location, Location::File(_)) {
            self.connection = None;
        }
    }

    /// Takes it back.
    pub fn resume(&mut self) {
        self.suspended = false;
    }

    /// Twice at most: a file that is damaged, full or of another version is begun anew.
    fn attempt<T>(&mut self, work: impl Fn(&Connection) -> Result<T>) -> Option<T> {
        if self.suspended {
            return None;
        }
        let why = match self.once(&work) {
            Ok(done) => return Some(done),
            Err(why) => why,
        };
        self.connection = None;
        if !is_mended_by_a_new_file(&why) || self.erase().is_err() {
            log::warn!("no diagnostics are kept: {why}");
            return None;
        }
        log::warn!("the diagnostics are begun anew: {why}");
        self.once(&work).ok()
    }

    fn once<T>(&mut self, work: impl Fn(&Connection) -> Result<T>) -> Result<T> {
        if self.connection.is_none() {
            self.connection = Some(open(&self.location)?);
        }
        work(self.connection.as_ref().ok_or(StoreError::Suspended)?)
    }
}

fn open(location: &Location) -> Result<Connection> {
    let db = match location {
        Location::File(path) => {
            private(path)?;
            Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?
        }
        Location::Memory(_) => Connection::open_in_memory()?,
    };
    // Nobody else has the file, and nobody waits for it.
    db.busy_timeout(std::time::Duration::ZERO)?;
    // One file without a log beside it; a killed process leaves it whole.
    db.query_row("PRAGMA journal_mode = TRUNCATE", [], |_| Ok(()))?;
    // A loss of power may damage it: it is disposable, and never makes the disk wait.
    db.pragma_update(None, "synchronous", "OFF")?;
    db.pragma_update(None, "trusted_schema", false)?;
    db.query_row(&format!("PRAGMA max_page_count = {MAX_PAGES}"), [], |_| Ok(()))?;
    match version(&db)? {
        0 => {
            db.execute_batch(include_str!("../schema/diagnostics.sql"))?;
            db.pragma_update(None, "user_version", VERSION)?;
        }
        VERSION => {
            let complaints = complaints(&db)?;
            if !complaints.is_empty() {
                return Err(StoreError::Corrupt(complaints.join("; ")));
            }
        }
        other => return Err(StoreError::Corrupt(format!("version {other}"))),
    }
    Ok(db)
}

fn note(db: &Connection, at_ms: i64, kind: &str, detail: &str) -> Result<()> {
    let again = "UPDATE entry SET times = times + 1, at_ms = ?1
                 WHERE number = (SELECT max(number) FROM entry) AND kind = ?2 AND detail = ?3";
    if db.prepare_cached(again)?.execute(params![at_ms, kind, detail])? > 0 {
        return Ok(());
    }
    let new = "INSERT INTO entry (at_ms, kind, detail, times) VALUES (?1, ?2, ?3, 1)";
    db.prepare_cached(new)?.execute(params![at_ms, kind, detail])?;
    let oldest = db.last_insert_rowid() - MAX_DIAGNOSTICS as i64;
    db.prepare_cached("DELETE FROM entry WHERE number <= ?1")?.execute([oldest])?;
    Ok(())
}

fn newest(db: &Connection, max: usize) -> Result<Vec<Diagnostic>> {
    let sql = "SELECT at_ms, kind, detail, times FROM entry ORDER BY number DESC LIMIT ?1";
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map([max as i64], |row| {
        let times = row.get::<_, i64>(3)? as u64;
        Ok(Diagnostic { at_ms: row.get(0)?, kind: row.get(1)?, detail: row.get(2)?, times })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn is_mended_by_a_new_file(why: &StoreError) -> bool {
    match why {
        StoreError::Busy | StoreError::ReadOnly(_) | StoreError::Suspended | StoreError::Io(_) => false,
        // Of the disk or of the file: either way there is room afterwards.
        StoreError::Full | StoreError::Corrupt(_) | StoreError::Database(_) => true,
        StoreError::TooNew { .. }
        | StoreError::SeqNotRising { .. }
        | StoreError::Rewritten { .. }
        | StoreError::Track(_) => false,
    }
}

/// The file, and what SQLite may have left beside it.
fn files(path: &Path) -> [PathBuf; 4] {
    ["", "-journal", "-wal", "-shm"].map(|suffix| beside(path, suffix))
}

fn one_line(text: &str) -> String {
    let cut = text.get(..text.floor_char_boundary(MAX_DETAIL_BYTES)).unwrap_or_default();
    cut.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
