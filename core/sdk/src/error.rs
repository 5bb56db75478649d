//! The errors a host sees: few, and each one that it can act on. The crates below have richer ones; they end up in
//! `reason`, without positions or names of persons.

/// What went wrong, by what can be done about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MilepostError {
    /// The configuration or an option is wrong: a mistake in the host's code.
    #[error("invalid configuration: {reason}")]
    InvalidConfig {
        /// Which, and why.
        reason: String,
    },
    /// What was pushed is not what it should be; nothing of it was taken.
    #[error("invalid input: {reason}")]
    InvalidInput {
        /// Where, and why.
        reason: String,
    },
    /// The database cannot be read or written: full disk, wrong permissions, suspended.
    #[error("storage: {reason}")]
    Storage {
        /// What the storage said.
        reason: String,
    },
    /// It was shut down.
    #[error("closed")]
    Closed,
    /// Capture was switched off after too many faults in a row.
    #[error("disabled: {reason}")]
    Disabled {
        /// The last fault.
        reason: String,
    },
    /// A fault of Milepost itself; it goes on from its last snapshot.
    #[error("internal: {reason}")]
    Internal {
        /// What happened.
        reason: String,
    },
}

impl From<milepost_store::StoreError> for MilepostError {
    fn from(e: milepost_store::StoreError) -> Self {
        Self::Storage { reason: e.to_string() }
    }
}

impl From<milepost_engine::config::ConfigError> for MilepostError {
    fn from(e: milepost_engine::config::ConfigError) -> Self {
        Self::InvalidConfig { reason: e.to_string() }
    }
}
