//! Google's encoded polyline: a JSON object a line for each trip, because the text alone does not say its precision.

use std::io::{self, Write};

use milepost_engine::geo::LatLon;
use serde_json::json;

use crate::Trip;

/// Decimal places beyond which a degree no longer fits (and nothing is measured).
const MAX_PRECISION: u8 = 7;

pub fn write(precision: u8, trips: &[Trip], out: &mut dyn Write) -> io::Result<()> {
    let precision = precision.min(MAX_PRECISION);
    for trip in trips {
        let text = encode(trip.points.iter().map(|p| p.position), precision);
        let line = json!({
            "trip_id": trip.id,
            "precision": precision,
            "points": trip.points.len(),
            "polyline": text,
        });
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// The text: differences of latitude and longitude at so many decimal places (7 at most), five bits a letter.
pub fn encode(positions: impl IntoIterator<Item = LatLon>, precision: u8) -> String {
    let per_degree = 10i64.saturating_pow(precision.min(MAX_PRECISION).into()) as f64;
    let mut text = String::new();
    let mut before = (0i64, 0i64);
    for at in positions {
        let now = ((at.lat_deg * per_degree).round() as i64, (at.lon_deg * per_degree).round() as i64);
        put(&mut text, now.0 - before.0);
        put(&mut text, now.1 - before.1);
        before = now;
    }
    text
}

fn put(text: &mut String, difference: i64) {
    // The sign goes into the lowest bit; the first letters have the lowest bits, and 0x20 says that more come.
    let mut rest = (difference << 1) ^ (difference >> 63);
    while rest >= 0x20 {
        text.push(char::from((rest & 0x1f | 0x20) as u8 + 63));
        rest >>= 5;
    }
    text.push(char::from(rest as u8 + 63));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_its_inventor() {
        let path = [(38.5, -120.2), (40.7, -120.95), (43.252, -126.453)];
        let path = path.map(|(lat_deg, lon_deg)| LatLon { lat_deg, lon_deg });
        assert_eq!(encode(path, 5), "_p~iF~ps|U_ulLnnqC_mqNvxq`@");
    }
}
