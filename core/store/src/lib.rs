//! Remembers: records, outbox, tracks and snapshots in SQLite. The only crate that knows SQLite.
