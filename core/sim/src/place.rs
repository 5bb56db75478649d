//! The plane on the globe: metres east and north of an origin as latitude and longitude, true to some 10⁻⁵ within 20 km.

use milepost_engine::geo::{LatLon, metres_per_degree};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    at: LatLon,
    deg_per_north_m: f64,
    /// Degrees of longitude per metre: here, and how it grows and bends to the north.
    deg_per_east_m: [f64; 3],
}

/// Where the bends of longitude are measured, metres to each side.
const SPAN_M: f64 = 10_000.0;

impl Origin {
    pub fn new(at: LatLon) -> Self {
        let (north, _) = metres_per_degree(at.lat_deg);
        let east = |n: f64| 1.0 / metres_per_degree(at.lat_deg + n / north).1;
        let (low, mid, high) = (east(-SPAN_M), east(0.0), east(SPAN_M));
        let bend = [mid, (high - low) / (2.0 * SPAN_M), (high - 2.0 * mid + low) / (2.0 * SPAN_M * SPAN_M)];
        Self { at, deg_per_north_m: 1.0 / north, deg_per_east_m: bend }
    }

    pub fn at(&self, east_m: f64, north_m: f64) -> LatLon {
        let [a, b, c] = self.deg_per_east_m;
        LatLon {
            lat_deg: self.at.lat_deg + north_m * self.deg_per_north_m,
            lon_deg: self.at.lon_deg + east_m * (a + north_m * (b + north_m * c)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use milepost_engine::geo::distance_m;

    #[test]
    fn metres_on_the_plane_are_metres_on_the_globe() {
        let origin = Origin::new(LatLon { lat_deg: 52.0, lon_deg: 13.0 });
        for (e, n) in [(0.0, 0.0), (12_000.0, 9_000.0), (-9_000.0, 12_000.0), (3_000.0, -14_000.0)] {
            for (de, dn) in [(100.0, 0.0), (0.0, 100.0)] {
                let d = distance_m(origin.at(e, n), origin.at(e + de, n + dn));
                assert!((d - 100.0).abs() < 0.05, "{e} {n}: {d}");
            }
        }
    }
}
