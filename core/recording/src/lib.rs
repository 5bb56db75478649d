//! Recordings: packed frames, the native append-only format, and importers of other formats behind a feature.

pub mod frame;
#[cfg(feature = "import")]
pub mod import;
pub mod native;
