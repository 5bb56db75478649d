//! Where a trip is looked for: around a point. Distances are the engine's own, in SQL too.

use milepost_engine::geo::{LatLon, distance_m};
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, Result};

/// A circle on the map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Near {
    /// Its centre.
    pub centre: LatLon,
    /// Metres from it, the rim included.
    pub radius_m: f64,
}

/// Teaches a connection `distance_m(lat, lon, lat, lon)`: metres, null where a place is.
pub(crate) fn teach(db: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    db.create_scalar_function("distance_m", 4, flags, |call| {
        let degrees = |n| call.get::<Option<f64>>(n);
        let place = |lat, lon| -> Result<Option<LatLon>> {
            Ok(degrees(lat)?.zip(degrees(lon)?).map(|(lat_deg, lon_deg)| LatLon { lat_deg, lon_deg }))
        };
        Ok(place(0, 1)?.zip(place(2, 3)?).map(|(a, b)| distance_m(a, b)))
    })
}
