//! Thresholds of `score`, each with its reason.

use serde::{Deserialize, Serialize};

/// Thresholds of `score`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScoreConfig {
    /// Less road than this says nothing about a driver.
    pub score_min_km: f64,
}

impl Default for ScoreConfig {
    fn default() -> Self {
        Self { score_min_km: 0.5 }
    }
}

impl ScoreConfig {
    /// The rules in force.
    pub fn ruleset(&self) -> &'static str {
        "milepost-safety@1"
    }
}
