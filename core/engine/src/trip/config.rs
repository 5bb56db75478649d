//! Thresholds of `trip`, each with its reason.

use serde::{Deserialize, Serialize};

use crate::config::Preset;

/// Thresholds of `trip`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TripConfig {
    /// A trip ends this long after its last ride. Walking to a door never shortens it for couriers.
    pub stop_timeout_s: f64,
}

impl Default for TripConfig {
    fn default() -> Self {
        Self { stop_timeout_s: 300.0 }
    }
}

impl TripConfig {
    /// What differs by preset.
    pub fn preset(preset: Preset) -> Self {
        match preset {
            Preset::Courier | Preset::RideHailing => Self::default(),
            Preset::PrivateCar => Self { stop_timeout_s: 240.0 },
        }
    }
}
