//! A trip's score per category and overall, explained, from its events and its exposure. Pure arithmetic over what
//! `behaviour` found; rule sets are versioned data.

mod config;

pub use config::ScoreConfig;

use crate::behaviour::EventFacts;
use crate::record::{Categories, Score};
use crate::trip::TripFacts;

/// What could be seen during a trip, and so what can be rated.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Sensed {
    /// Metres with a known vehicle frame: braking, acceleration and cornering were visible.
    pub frame_m: f64,
    /// Metres with fixes that carry a speed: braking and acceleration were visible to GNSS.
    pub speed_m: f64,
    /// Metres with a known speed limit.
    pub limit_m: f64,
    /// Metres on which handling the phone would have been noticed.
    pub phone_m: f64,
}

/// The score of a finished trip.
pub fn score(config: &ScoreConfig, trip: &TripFacts, _events: &[EventFacts], _sensed: &Sensed) -> (Score, Categories) {
    let none = Score {
        value: None,
        reason: Some("not_rated"),
        confidence: None,
        exposure_km: crate::num::round(trip.distance_m / 1e3, 3),
        ruleset: config.ruleset(),
    };
    let categories = Categories {
        braking: none.clone(),
        acceleration: none.clone(),
        cornering: none.clone(),
        speeding: none.clone(),
        phone: none.clone(),
    };
    (none, categories)
}
