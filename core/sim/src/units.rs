//! Durations that read like a story: `3.minutes()` is 180 seconds. There is no `3.min()`: numbers have a `min` already,
//! `Ord`'s, and the compiler would not know which is meant.

/// Seconds by their everyday names.
pub trait Duration {
    /// Seconds.
    fn seconds(self) -> f64;
    /// Minutes, in seconds.
    fn minutes(self) -> f64;
    /// Hours, in seconds.
    fn hours(self) -> f64;
}

impl Duration for u32 {
    fn seconds(self) -> f64 {
        f64::from(self)
    }
    fn minutes(self) -> f64 {
        f64::from(self) * 60.0
    }
    fn hours(self) -> f64 {
        f64::from(self) * 3600.0
    }
}
