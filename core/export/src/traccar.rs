//! Bodies for Traccar's OsmAnd port, JSON as Traccar Client 9 sends it (server 6.7 or newer): one POST a line. The server
//! reads every number of `coords` without asking whether it is there; below 0 means unknown to it, but for the altitude.

use std::io::{self, Write};

use serde_json::json;

use crate::time::Utc;
use crate::{Sender, Trip};

/// Speed, heading and accuracy that are not known.
const UNKNOWN: f64 = -1.0;
/// Traccar's own threshold: below half a knot a device does not move.
const MOVING_MPS: f64 = 0.26;

pub fn write(sender: Sender<'_>, trips: &[Trip], out: &mut dyn Write) -> io::Result<()> {
    for trip in trips {
        for (point, course) in trip.with_course() {
            let body = json!({
                "device_id": sender.device_id,
                "location": {
                    "timestamp": Utc(trip.must_have_wall_ms(point.t)?).to_string(),
                    "coords": {
                        "latitude": point.position.lat_deg,
                        "longitude": point.position.lon_deg,
                        "accuracy": UNKNOWN,
                        "speed": point.speed_mps.unwrap_or(UNKNOWN),
                        "heading": course.map_or(UNKNOWN, |deg| deg.round()),
                        "altitude": f64::from(point.alt_m.unwrap_or(0)),
                    },
                    "is_moving": point.speed_mps.is_none_or(|v| v > MOVING_MPS),
                    "extras": {"trip_id": trip.id},
                },
            });
            writeln!(out, "{body}")?;
        }
    }
    Ok(())
}
