//! Privacy zones: circles, such as a home, in which no position leaves the engine. Trips, distances and scores stay as they
//! are; only where is not said.

use serde::{Deserialize, Serialize};

use crate::config::ConfigError;
use crate::geo::{LatLon, distance_m};

/// Zones at most: every track point is compared with each.
const MAX_ZONES: usize = 16;
/// Larger than a town is a mistake.
const MAX_RADIUS_M: f64 = 20_000.0;

/// Circles as `[lat, lon, radius_m]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Zones(Vec<[f64; 3]>);

impl Zones {
    /// Whether a position is nobody's business.
    pub fn hide(&self, place: LatLon) -> bool {
        self.0.iter().any(|[lat_deg, lon_deg, radius_m]| {
            distance_m(LatLon { lat_deg: *lat_deg, lon_deg: *lon_deg }, place) <= *radius_m
        })
    }

    /// The position, unless it lies in a zone.
    pub fn show(&self, place: Option<LatLon>) -> Option<LatLon> {
        place.filter(|place| !self.hide(*place))
    }

    /// What types alone cannot say.
    pub fn check(&self) -> Result<(), ConfigError> {
        let bad = |reason: &str| Err(ConfigError::Value { key: "privacy_zones".to_owned(), reason: reason.to_owned() });
        if self.0.len() > MAX_ZONES {
            return bad("has more than 16 zones");
        }
        for [lat, lon, radius_m] in &self.0 {
            if !(-90.0..=90.0).contains(lat) || !(-180.0..=180.0).contains(lon) {
                return bad("has a centre off the globe: a zone is [lat, lon, radius_m]");
            }
            if !(*radius_m > 0.0 && *radius_m <= MAX_RADIUS_M) {
                return bad("has a radius that is not between 0 and 20 km");
            }
        }
        Ok(())
    }
}
