//! CSV (RFC 4180) with a header: a row for each point. Nothing in it needs quotes.

use std::io::{self, Write};

use milepost_engine::record::Seconds;
use serde_json::json;

use crate::Trip;
use crate::time::Utc;

pub fn write(trips: &[Trip], out: &mut dyn Write) -> io::Result<()> {
    write!(out, "trip_id,time,t_s,lat,lon,speed_mps,heading_deg,alt_m\r\n")?;
    for trip in trips {
        for point in &trip.points {
            let time = trip.wall_ms(point.t).map(|ms| Utc(ms).to_string()).unwrap_or_default();
            let speed = point.speed_mps.map(|v| format!("{v:.2}")).unwrap_or_default();
            let heading = point.heading_deg.map(|deg| deg.to_string()).unwrap_or_default();
            let alt = point.alt_m.map(|m| m.to_string()).unwrap_or_default();
            let (t_s, at) = (json!(Seconds::from(point.t)), point.position);
            let (lat, lon) = (at.lat_deg, at.lon_deg);
            write!(out, "{},{time},{t_s},{lat:.7},{lon:.7},{speed},{heading},{alt}\r\n", trip.id)?;
        }
    }
    Ok(())
}
