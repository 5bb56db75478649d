//! Thresholds of `behaviour`, each with its reason, and the presets of other SDKs.

use serde::{Deserialize, Serialize};

use crate::config::Preset;

/// Thresholds of `behaviour`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BehaviourConfig {
    /// Events below this speed are manoeuvres in a yard, not driving (15 km/h).
    pub event_min_speed_mps: f64,
}

impl Default for BehaviourConfig {
    fn default() -> Self {
        Self { event_min_speed_mps: 15.0 / 3.6 }
    }
}

impl BehaviourConfig {
    /// What differs by preset of the trip: nothing so far.
    pub fn preset(_preset: Preset) -> Self {
        Self::default()
    }
}
