//! Goldens: what is kept of a replay's files so that any change of a number shows, and how two of them differ, in words.

mod differ;
mod digest;

pub use differ::differences;
pub use digest::{Digest, digest};
