//! Durations that read like a story: `3.min()` is 180 seconds.

/// Seconds by their everyday names.
pub trait Duration {
    /// Seconds.
    fn s(self) -> f64;
    /// Minutes, in seconds.
    fn min(self) -> f64;
    /// Hours, in seconds.
    fn h(self) -> f64;
}

impl Duration for u32 {
    fn s(self) -> f64 {
        f64::from(self)
    }
    fn min(self) -> f64 {
        f64::from(self) * 60.0
    }
    fn h(self) -> f64 {
        f64::from(self) * 3600.0
    }
}

impl Duration for f64 {
    fn s(self) -> f64 {
        self
    }
    fn min(self) -> f64 {
        self * 60.0
    }
    fn h(self) -> f64 {
        self * 3600.0
    }
}
