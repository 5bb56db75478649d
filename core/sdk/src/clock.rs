//! The wall clock: the only place that asks the machine for it.

/// Epoch milliseconds.
#[expect(clippy::disallowed_methods, reason = "this is the place")]
pub fn now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
}

/// A number that nobody can guess, for ids: the seed of the standard library's hash tables is random by the process.
pub fn random_seed() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    std::hash::RandomState::new().build_hasher().finish()
}
