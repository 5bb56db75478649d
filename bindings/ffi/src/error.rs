//! The one error of the surface, and what a panic becomes.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Why a call failed, by what the host can do about it. Every `reason` is one line for a log, not for a driver.
// The field is not called `message`: Kotlin's exceptions have one already.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum MilepostError {
    /// The options or the configuration cannot be used: mend the app.
    #[error("invalid configuration: {reason}")]
    InvalidConfig {
        /// Which key, and what is wrong with it.
        reason: String,
    },
    /// Frames, a command or an argument that cannot be read: nothing of the call was taken. Mend the caller.
    #[error("invalid input: {reason}")]
    InvalidInput {
        /// Where, and what is wrong with it.
        reason: String,
    },
    /// The database or a file cannot be read or written: storage is full, or the files are gone.
    #[error("storage: {reason}")]
    Storage {
        /// What SQLite or the file system said.
        reason: String,
    },
    /// After `shutdown`: open a new one.
    #[error("closed")]
    Closed,
    /// Capture gave itself up after repeated failures, so as not to take the app down. Records can still be read.
    #[error("disabled: {reason}")]
    Disabled {
        /// The last failure.
        reason: String,
    },
    /// A mistake in Milepost itself: report it.
    #[error("internal: {reason}")]
    Internal {
        /// What is known of it.
        reason: String,
    },
}

impl From<milepost::MilepostError> for MilepostError {
    fn from(error: milepost::MilepostError) -> Self {
        match error {
            milepost::MilepostError::InvalidConfig { reason } => Self::InvalidConfig { reason },
            milepost::MilepostError::InvalidInput { reason } => Self::InvalidInput { reason },
            milepost::MilepostError::Storage { reason } => Self::Storage { reason },
            milepost::MilepostError::Closed => Self::Closed,
            milepost::MilepostError::Disabled { reason } => Self::Disabled { reason },
            milepost::MilepostError::Internal { reason } => Self::Internal { reason },
        }
    }
}

/// Runs one exported call: a panic in it arrives as [`MilepostError::Internal`], in both languages, typed.
///
/// Unwind safety is the sdk's: it recovers its locks from poisoning and restores its engine from a snapshot.
pub(crate) fn call<T>(work: impl FnOnce() -> Result<T, MilepostError>) -> Result<T, MilepostError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(MilepostError::Internal { reason: words(&*panic) }))
}

/// What a panic said.
fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let words = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    words.unwrap_or("a panic without words").to_owned()
}

/// A count or a sequence number as Rust has it.
pub(crate) fn unsigned<I, U: TryFrom<I>>(name: &str, value: I) -> Result<U, MilepostError>
where
    I: Copy + std::fmt::Display,
{
    U::try_from(value).map_err(|_| MilepostError::InvalidInput { reason: format!("{name} cannot be {value}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_panic_when_called_then_it_is_an_internal_error_with_its_words() {
        let fixed: Result<(), _> = call(|| panic!("out of road"));
        assert_eq!(fixed, Err(MilepostError::Internal { reason: "out of road".into() }));
        let n = 7;
        let formatted: Result<(), _> = call(|| panic!("out of road {n}"));
        assert_eq!(formatted, Err(MilepostError::Internal { reason: "out of road 7".into() }));
        let other: Result<(), _> = call(|| std::panic::panic_any(n));
        assert_eq!(other, Err(MilepostError::Internal { reason: "a panic without words".into() }));
    }

    #[test]
    fn a_number_out_of_range_is_refused_by_name() {
        assert_eq!(unsigned::<i32, u32>("max", 3), Ok(3));
        let refused = unsigned::<i32, u32>("max", -1);
        assert_eq!(refused, Err(MilepostError::InvalidInput { reason: "max cannot be -1".into() }));
    }
}
