//! Gets a connection to a sound file of the newest schema, or says why not. Quarantine lives here.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::error::{Result, StoreError};
use crate::migrate::{migrate, version};
use crate::place::teach;
use crate::salvage::salvage;

/// Where the store is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// In this file; `-wal` and `-shm` stand beside it.
    File(PathBuf),
    /// In memory, for tests and replays. The name tells several apart; an empty one is given a number.
    Memory(String),
}

impl Location {
    /// A new one in memory.
    pub fn memory() -> Self {
        Self::Memory(String::new())
    }

    pub(crate) fn named(self) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        match self {
            Self::Memory(name) if name.is_empty() => {
                Self::Memory(format!("milepost-{}", NEXT.fetch_add(1, Ordering::Relaxed)))
            }
            Self::Memory(_) | Self::File(_) => self,
        }
    }
}

/// How the store works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Seed of the ids that the store gives itself, used when the file is new. Any number that differs per device.
    pub seed: u64,
    /// How long to wait for a lock. The writer has no rival but another process, such as an app's extension.
    pub busy_timeout_ms: u32,
    /// Files up to this size are checked page by page at every opening, larger ones only after an unclean end:
    /// reading 8 MiB costs some milliseconds, reading 50 would be felt.
    pub always_check_bytes: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { seed: 0, busy_timeout_ms: 5_000, always_check_bytes: 8 << 20 }
    }
}

/// What a corrupt file cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// Where the corrupt file was put aside.
    pub quarantined: PathBuf,
    /// What was wrong with it.
    pub why: String,
    /// Records that could still be read and are in the new file.
    pub salvaged: u64,
}

/// Log growth after which SQLite moves it into the main file, in pages of 4 KiB: 4 MiB, its own default.
const CHECKPOINT_PAGES: u32 = 1_000;
/// The log is cut back to this when it has been moved: it would keep its largest size for ever.
const LOG_BYTES: u32 = 4 << 20;
/// Quarantined files kept; older ones go, or a broken disk would fill itself with them.
const QUARANTINED: usize = 2;

pub(crate) fn writer(location: &Location, options: &Options) -> Result<(Connection, Option<Loss>)> {
    match try_writer(location, options) {
        Ok(connection) => Ok((connection, None)),
        Err(StoreError::Corrupt(why)) => {
            let Location::File(path) = location else { return Err(StoreError::Corrupt(why)) };
            let quarantined = quarantine(path)?;
            log::error!("the store was corrupt and is put aside: {why}");
            let mut connection = try_writer(location, options)?;
            let salvaged = salvage(&quarantined, &mut connection)?;
            Ok((connection, Some(Loss { quarantined, why, salvaged })))
        }
        Err(error) => Err(error),
    }
}

pub(crate) fn reader(location: &Location, options: &Options) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let connection = connect(location, flags)?;
    connection.busy_timeout(Duration::from_millis(options.busy_timeout_ms.into()))?;
    Ok(connection)
}

/// What `quick_check` says, empty when all is well.
pub(crate) fn complaints(db: &Connection) -> Result<Vec<String>> {
    let mut statement = db.prepare("PRAGMA quick_check(10)")?;
    let lines = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(lines.into_iter().filter(|line| line != "ok").collect())
}

fn try_writer(location: &Location, options: &Options) -> Result<Connection> {
    let suspect = match location {
        Location::File(path) => {
            private(path)?;
            size(path) <= options.always_check_bytes || size(&beside(path, "-wal")) > 0
        }
        Location::Memory(_) => false,
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    let mut db = connect(location, flags)?;
    db.busy_timeout(Duration::from_millis(options.busy_timeout_ms.into()))?;
    if version(&db)? == 0 {
        // Only a file without tables takes this: pages given back after eviction, a piece at a time.
        db.execute_batch("PRAGMA auto_vacuum = INCREMENTAL")?;
    }
    // The answer is the mode in force: a database in memory has no log.
    db.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    db.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    db.pragma_update(None, "journal_size_limit", LOG_BYTES)?;
    db.pragma_update(None, "trusted_schema", false)?;
    // On iOS and macOS alone: without it a "sync" stays in the drive's own cache.
    db.pragma_update(None, "checkpoint_fullfsync", true)?;
    migrate(&mut db)?;
    if suspect {
        let complaints = complaints(&db)?;
        if !complaints.is_empty() {
            return Err(StoreError::Corrupt(complaints.join("; ")));
        }
    }
    Ok(db)
}

fn connect(location: &Location, flags: OpenFlags) -> Result<Connection> {
    let db = match location {
        Location::File(path) => Connection::open_with_flags(path, flags & !OpenFlags::SQLITE_OPEN_URI)?,
        // This file system of SQLite's own shares a database between the connections of one process.
        Location::Memory(name) => Connection::open_with_flags(format!("file:/{name}?vfs=memdb"), flags)?,
    };
    teach(&db)?;
    Ok(db)
}

/// Creates the file readable by the app alone: it holds where people were.
pub(crate) fn private(path: &Path) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) => match error.kind() {
            std::io::ErrorKind::AlreadyExists => Ok(()),
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
                Err(StoreError::ReadOnly(error.to_string()))
            }
            std::io::ErrorKind::StorageFull => Err(StoreError::Full),
            _ => Err(error.into()),
        },
    }
}

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |m| m.len())
}

pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// All files that [`quarantine`] has put aside.
pub(crate) fn quarantined_files(path: &Path) -> Vec<PathBuf> {
    let all = (1..=QUARANTINED).flat_map(|n| {
        let one = beside(path, &format!(".corrupt-{n}"));
        ["", "-wal", "-shm"].map(|suffix| beside(&one, suffix))
    });
    all.filter(|file| file.exists()).collect()
}

/// Renames the file and its log to `.corrupt-1`; what was quarantined before moves up, and the oldest goes.
fn quarantine(path: &Path) -> Result<PathBuf> {
    let numbered = |n: usize| beside(path, &format!(".corrupt-{n}"));
    for n in (1..=QUARANTINED).rev() {
        let from = if n == 1 { path.to_owned() } else { numbered(n - 1) };
        for suffix in ["", "-wal", "-shm"] {
            let (from, to) = (beside(&from, suffix), beside(&numbered(n), suffix));
            if from.exists() {
                std::fs::rename(from, to)?;
            } else if to.exists() {
                std::fs::remove_file(to)?;
            }
        }
    }
    Ok(numbered(1))
}
