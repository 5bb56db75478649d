//! Thresholds of `intake`, each with its reason.

use serde::{Deserialize, Serialize};

use crate::config::ConfigError;

/// Thresholds of `intake`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IntakeConfig {
    /// How long an input is held for streams that have not passed it yet. Android batches sensors for up to this long.
    pub max_lateness_s: f64,
}

impl Default for IntakeConfig {
    fn default() -> Self {
        Self { max_lateness_s: 10.0 }
    }
}

impl IntakeConfig {
    /// What a range of numbers alone cannot say.
    pub fn check(&self) -> Result<(), ConfigError> {
        if self.max_lateness_s > 600.0 {
            let reason = "is over ten minutes: nobody would wait for an event so long".to_owned();
            return Err(ConfigError::Value { key: "max_lateness_s".into(), reason });
        }
        Ok(())
    }
}
