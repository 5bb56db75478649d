//! Thresholds of `intake`, each with its reason.

use serde::{Deserialize, Serialize};

/// Thresholds of `intake`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IntakeConfig {
    /// How long an input is held for streams that have not passed it yet. Android batches sensors for up to this long.
    pub max_lateness_s: f64,
    /// A fix this old on arrival comes from a cache. Not less than an hour and a bit: phones whose clock and receiver
    /// disagree about summer time stamp every fix an hour early.
    pub max_fix_age_s: f64,
    /// Faster than this between two fixes, beyond their accuracies, is a teleport (the fastest train runs 97 m/s).
    pub teleport_mps: f64,
    /// Take fixes of mock providers: for tests of a host app.
    pub accept_mock: bool,
}

impl Default for IntakeConfig {
    fn default() -> Self {
        Self { max_lateness_s: 10.0, max_fix_age_s: 7200.0, teleport_mps: 120.0, accept_mock: false }
    }
}
