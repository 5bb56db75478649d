//! How packed points and packed samples begin, and what can be wrong with them.

use crate::packing::{put, take};

/// Points or samples in one piece at most: more than a day at 1 Hz, or eleven minutes at 200. What claims more is damaged,
/// not long.
pub const MAX_ITEMS: usize = 131_072;

/// Why bytes are nothing that was packed here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlobError {
    /// The first byte is of a version that this code does not know.
    #[error("packed in an unknown version")]
    Version,
    /// It ends too early, goes on too long, or holds a number that cannot be.
    #[error("packed bytes are damaged")]
    Damaged,
}

/// A byte for the version, then how many items follow.
pub(crate) fn begin(version: u8, items: usize) -> Vec<u8> {
    let mut out = vec![version];
    put(&mut out, items as i64);
    out
}

/// The version, how many items follow, and the rest.
pub(crate) fn open(bytes: &[u8]) -> Result<(u8, usize, &[u8]), BlobError> {
    let (version, mut rest) = bytes.split_first().ok_or(BlobError::Damaged)?;
    let items = take(&mut rest).and_then(|n| usize::try_from(n).ok()).filter(|n| *n <= MAX_ITEMS);
    Ok((*version, items.ok_or(BlobError::Damaged)?, rest))
}
