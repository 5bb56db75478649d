//! Thresholds of `score`, each with its reason.

use serde::{Deserialize, Serialize};

use super::rules::{DAMOOV_PHONE_1, MILEPOST_ECO_1, MILEPOST_SAFETY_1, RuleSet};

/// Which rules are in force.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ScoreRuleset {
    /// How safely it was driven.
    #[default]
    #[serde(rename = "milepost-safety@1")]
    MilepostSafety1,
    /// How smoothly it was driven.
    #[serde(rename = "milepost-eco@1")]
    MilepostEco1,
    /// Phone handling alone, by Damoov's published penalty points.
    #[serde(rename = "damoov-phone@1")]
    DamoovPhone1,
}

/// Thresholds of `score`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScoreConfig {
    /// The rules in force.
    pub score_ruleset: ScoreRuleset,
    /// Less road than this says nothing about a driver.
    pub score_min_km: f64,
    /// A category needs to have been visible on this part of the road.
    pub score_min_seen: f64,
    /// A driver's rolling score forgets half of what was driven after this distance.
    pub score_half_life_km: f64,
}

impl Default for ScoreConfig {
    fn default() -> Self {
        Self {
            score_ruleset: ScoreRuleset::MilepostSafety1,
            score_min_km: 0.5,
            score_min_seen: 0.5,
            score_half_life_km: 500.0,
        }
    }
}

impl ScoreConfig {
    /// The rules in force.
    pub fn ruleset(&self) -> &'static RuleSet {
        match self.score_ruleset {
            ScoreRuleset::MilepostSafety1 => &MILEPOST_SAFETY_1,
            ScoreRuleset::MilepostEco1 => &MILEPOST_ECO_1,
            ScoreRuleset::DamoovPhone1 => &DAMOOV_PHONE_1,
        }
    }
}
