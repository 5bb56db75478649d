//! GeoJSON (RFC 7946): a LineString for each trip, with the time of each of its points in `coordTimes` (the name that
//! togeojson gave it and that map libraries look for), and a Point for each stop.

use std::io::{self, Write};

use milepost_engine::geo::LatLon;
use milepost_engine::record::{Position, Seconds};
use serde_json::{Value, json};

use crate::time::Utc;
use crate::{Stop, Trip};

pub fn write(trips: &[Trip], out: &mut dyn Write) -> io::Result<()> {
    let features = trips.iter().flat_map(|trip| {
        std::iter::once(line(trip)).chain(trip.stops.iter().filter_map(|stop| point(trip, stop, stop.position?)))
    });
    write!(out, r#"{{"type":"FeatureCollection","features":["#)?;
    for (n, feature) in features.enumerate() {
        write!(out, "{}{feature}", if n == 0 { "\n" } else { ",\n" })?;
    }
    writeln!(out, "\n]}}")
}

fn line(trip: &Trip) -> Value {
    let coordinates: Vec<Position> = trip.points.iter().map(|p| Position::from(p.position)).collect();
    // A LineString has two positions at least; a feature may have no geometry.
    let geometry = (coordinates.len() > 1).then(|| json!({"type": "LineString", "coordinates": coordinates}));
    let times: Option<Vec<String>> = trip.points.iter().map(|p| Some(Utc(trip.wall_ms(p.t)?).to_string())).collect();
    json!({
        "type": "Feature",
        "id": trip.id,
        "properties": {
            "kind": "trip",
            "mode": trip.mode,
            "coordTimes": times,
            "times_s": trip.points.iter().map(|p| Seconds::from(p.t)).collect::<Vec<_>>(),
            "speeds_mps": trip.points.iter().map(|p| p.speed_mps).collect::<Vec<_>>(),
            "headings_deg": trip.points.iter().map(|p| p.heading_deg).collect::<Vec<_>>(),
            "alts_m": trip.points.iter().map(|p| p.alt_m).collect::<Vec<_>>(),
        },
        "geometry": geometry,
    })
}

fn point(trip: &Trip, stop: &Stop, position: LatLon) -> Option<Value> {
    Some(json!({
        "type": "Feature",
        "id": stop.id,
        "properties": {
            "kind": "stop",
            "trip_id": trip.id,
            "class": stop.class,
            "start": trip.wall_ms(stop.start).map(|ms| Utc(ms).to_string()),
            "end": trip.wall_ms(stop.end).map(|ms| Utc(ms).to_string()),
        },
        "geometry": {"type": "Point", "coordinates": Position::from(position)},
    }))
}
