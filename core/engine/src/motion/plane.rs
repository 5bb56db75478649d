//! A flat map around the vehicle, so that filters work in metres. Both ways use the same scale, so going there and back
//! loses nothing; only distances are off, by parts in a thousand at the edge, where the map is moved.

use serde::{Deserialize, Serialize};

use crate::geo::{LatLon, metres_per_degree};
use crate::num::wrap_180;

/// Farther than this from its origin the map is moved.
const EDGE_M: f64 = 20_000.0;

/// The map.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plane {
    origin: LatLon,
    north_m: f64,
    east_m: f64,
}

impl Plane {
    /// A map around a point.
    pub fn at(origin: LatLon) -> Self {
        let (north_m, east_m) = metres_per_degree(origin.lat_deg);
        // At the poles a degree of longitude has no length; a metre keeps the division harmless.
        Self { origin, north_m, east_m: east_m.max(1.0) }
    }

    /// `(east, north)` in metres.
    pub fn to_metres(self, p: LatLon) -> (f64, f64) {
        (wrap_180(p.lon_deg - self.origin.lon_deg) * self.east_m, (p.lat_deg - self.origin.lat_deg) * self.north_m)
    }

    /// Back to degrees.
    pub fn to_degrees(self, east: f64, north: f64) -> LatLon {
        let lat_deg = (self.origin.lat_deg + north / self.north_m).clamp(-90.0, 90.0);
        let lon = self.origin.lon_deg + east / self.east_m;
        LatLon { lat_deg, lon_deg: if (-180.0..=180.0).contains(&lon) { lon } else { wrap_180(lon) } }
    }

    /// Whether the map should be moved.
    pub fn at_edge(self, east: f64, north: f64) -> bool {
        !(east.abs() < EDGE_M && north.abs() < EDGE_M)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back_is_the_same_point() {
        let plane = Plane::at(LatLon { lat_deg: -33.0, lon_deg: 179.99 });
        let p = LatLon { lat_deg: -33.05, lon_deg: -179.98 };
        let (e, n) = plane.to_metres(p);
        let q = plane.to_degrees(e, n);
        assert!((q.lat_deg - p.lat_deg).abs() < 1e-12 && (q.lon_deg - p.lon_deg).abs() < 1e-9);
        assert!(e > 2000.0 && e < 3500.0);
    }
}
