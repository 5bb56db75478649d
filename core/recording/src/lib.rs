//! Recordings: packed frames, the native append-only format, and importers of other formats behind a feature.
