//! CSV (RFC 4180) with a header: a row for each point. Nothing in it needs quotes.

use std::io::{self, Write};

use milepost_engine::record::Seconds;
use serde_json::json;

use crate::Trip;
use crate::time::Utc;

pub fn write(trips: &[Trip], out: &mut dyn Write) -> io::Result<()> {
    write!(out, "trip_id,time,t_s,lat,lon,speed_mps\r\n")?;
    for trip in trips {
        for point in &trip.points {
            let time = trip.wall_ms(point.t).map(|ms| Utc(ms).to_string()).unwrap_or_default();
            let speed = point.speed_mps.map(|v| format!("{v:.2}")).unwrap_or_default();
            let (t_s, at) = (json!(Seconds::from(point.t)), point.position);
            write!(out, "{},{time},{t_s},{:.7},{:.7},{speed}\r\n", trip.id, at.lat_deg, at.lon_deg)?;
        }
    }
    Ok(())
}
