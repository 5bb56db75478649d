//! GPX 1.1: a track for each trip, a waypoint for each stop. Speed and heading are in Garmin's extension, because GPX has
//! none.

use std::io::{self, Write};

use crate::Trip;
use crate::time::Utc;

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="Milepost" xmlns="http://www.topografix.com/GPX/1/1" xmlns:gpxtpx="http://www.garmin.com/xmlschemas/TrackPointExtension/v2">
"#;

pub fn write(trips: &[Trip], out: &mut dyn Write) -> io::Result<()> {
    out.write_all(HEAD.as_bytes())?;
    // The schema has all waypoints before the first track.
    for trip in trips {
        for stop in &trip.stops {
            let Some(position) = stop.position else { continue };
            write!(out, r#"<wpt lat="{:.7}" lon="{:.7}">"#, position.lat_deg, position.lon_deg)?;
            if let Some(ms) = trip.wall_ms(stop.start) {
                write!(out, "<time>{}</time>", Utc(ms))?;
            }
            writeln!(out, "<name>{}</name><type>stop</type></wpt>", escaped(&stop.class))?;
        }
    }
    for trip in trips {
        writeln!(out, "<trk><name>{}</name><type>{}</type><trkseg>", trip.id, escaped(&trip.mode))?;
        for point in &trip.points {
            write!(out, r#"<trkpt lat="{:.7}" lon="{:.7}">"#, point.position.lat_deg, point.position.lon_deg)?;
            // The schema has the height before the time.
            if let Some(alt_m) = point.alt_m {
                write!(out, "<ele>{alt_m}</ele>")?;
            }
            if let Some(ms) = trip.wall_ms(point.t) {
                write!(out, "<time>{}</time>", Utc(ms))?;
            }
            let speed = point.speed_mps.map(|v| format!("<gpxtpx:speed>{v:.2}</gpxtpx:speed>")).unwrap_or_default();
            let course =
                point.heading_deg.map(|deg| format!("<gpxtpx:course>{deg}</gpxtpx:course>")).unwrap_or_default();
            if !(speed.is_empty() && course.is_empty()) {
                let both = format!("<gpxtpx:TrackPointExtension>{speed}{course}</gpxtpx:TrackPointExtension>");
                write!(out, "<extensions>{both}</extensions>")?;
            }
            writeln!(out, "</trkpt>")?;
        }
        writeln!(out, "</trkseg></trk>")?;
    }
    writeln!(out, "</gpx>")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
