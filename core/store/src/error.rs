//! What can go wrong, in the terms in which a caller can act. Decides nothing about what to do.

use rusqlite::ErrorCode;

/// Why the store could not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A page makes no sense. [`crate::Store::reopen`] puts the file aside and saves what can be read.
    #[error("the store is corrupt: {0}")]
    Corrupt(String),
    /// No room on the disk. Nothing of the transaction was kept.
    #[error("the disk is full")]
    Full,
    /// The file or its directory cannot be written.
    #[error("the store cannot be written: {0}")]
    ReadOnly(String),
    /// Another connection held the lock for longer than [`crate::Options::busy_timeout_ms`].
    #[error("the store is locked by another connection")]
    Busy,
    /// Written by newer code; left as it is.
    #[error("the store has schema {found}, this code knows {known}")]
    TooNew {
        /// In the file.
        found: i64,
        /// The newest known.
        known: i64,
    },
    /// Between `suspend` and `resume`.
    #[error("the store is suspended")]
    Suspended,
    /// A new record has a sequence number that is not above all before: the engine was started without
    /// [`crate::Db::last_seq`].
    #[error("sequence number {seq} comes after {last}")]
    SeqNotRising {
        /// Of the record.
        seq: u64,
        /// The highest ever given.
        last: u64,
    },
    /// The same (id, rev) says something else than before.
    #[error("record {id} revision {rev} was stored before with another content")]
    Rewritten {
        /// Of the record.
        id: milepost_engine::Uuid,
        /// Of the record.
        rev: u32,
    },
    /// The track's bytes make no sense.
    #[error(transparent)]
    Track(#[from] milepost_engine::blob::BlobError),
    /// The file system said no.
    #[error("file system: {0}")]
    Io(#[from] std::io::Error),
    /// Anything else that SQLite says.
    #[error("database: {0}")]
    Database(String),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let text = error.to_string();
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Corrupt(text),
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => Self::ReadOnly(text),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            _ => Self::Database(text),
        }
    }
}

/// What the store's functions return.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;
