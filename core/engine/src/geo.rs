//! WGS84 on a small scale: metres per degree, distances, bearings. Good to a few parts in 10⁴ up to some hundred
//! kilometres, which is far below what a fix knows. Formulae: meridian and prime-vertical radii (Snyder 1987, p. 24–25).

use serde::{Deserialize, Serialize};

use crate::num::wrap_360;

const A_M: f64 = 6_378_137.0;
const E2: f64 = 6.694_379_990_14e-3;
/// Radians in a degree.
pub const RAD_PER_DEG: f64 = core::f64::consts::PI / 180.0;

/// A point in degrees.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LatLon {
    /// Degrees north.
    pub lat_deg: f64,
    /// Degrees east.
    pub lon_deg: f64,
}

/// Metres of one degree of latitude and of longitude here: `(north_m, east_m)`.
pub fn metres_per_degree(lat_deg: f64) -> (f64, f64) {
    let (sin, cos) = libm::sincos(lat_deg * RAD_PER_DEG);
    let w2 = 1.0 - E2 * sin * sin;
    let w = w2.sqrt();
    (RAD_PER_DEG * A_M * (1.0 - E2) / (w2 * w), RAD_PER_DEG * A_M / w * cos)
}

/// `(east_m, north_m)` of `to` as seen from `from`, across the antimeridian too.
pub fn offset_m(from: LatLon, to: LatLon) -> (f64, f64) {
    let (north, east) = metres_per_degree(0.5 * (from.lat_deg + to.lat_deg));
    let d_lon = crate::num::wrap_180(to.lon_deg - from.lon_deg);
    (d_lon * east, (to.lat_deg - from.lat_deg) * north)
}

/// The point this far east and north of `from`.
pub fn shifted(from: LatLon, east_m: f64, north_m: f64) -> LatLon {
    let (north, _) = metres_per_degree(from.lat_deg);
    let lat_deg = from.lat_deg + north_m / north;
    let (_, east) = metres_per_degree(0.5 * (from.lat_deg + lat_deg));
    let lon_deg = if east.abs() > 1.0 { from.lon_deg + east_m / east } else { from.lon_deg };
    LatLon { lat_deg: lat_deg.clamp(-90.0, 90.0), lon_deg: wrap_lon(lon_deg) }
}

/// Metres between two points.
pub fn distance_m(a: LatLon, b: LatLon) -> f64 {
    let (e, n) = offset_m(a, b);
    (e * e + n * n).sqrt()
}

/// Course from one point to another, degrees clockwise from true north, 0 ≤ b < 360.
pub fn bearing_deg(from: LatLon, to: LatLon) -> f64 {
    let (e, n) = offset_m(from, to);
    wrap_360(libm::atan2(e, n) / RAD_PER_DEG)
}

fn wrap_lon(lon_deg: f64) -> f64 {
    if (-180.0..=180.0).contains(&lon_deg) { lon_deg } else { crate::num::wrap_180(lon_deg) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let a = LatLon { lat_deg: 52.5, lon_deg: 13.4 };
        let b = shifted(a, 300.0, -400.0);
        assert!((distance_m(a, b) - 500.0).abs() < 0.01);
        assert!((bearing_deg(a, b) - 143.130).abs() < 0.01);
        let date_line = (LatLon { lat_deg: 0.0, lon_deg: 179.9999 }, LatLon { lat_deg: 0.0, lon_deg: -179.9999 });
        assert!(distance_m(date_line.0, date_line.1) < 30.0);
    }
}
