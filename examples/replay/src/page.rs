//! `report.html`: one self-contained page with the tracks drawn, the trips and their events.

use std::fmt::Write;

use milepost_engine::contract::{StateRow, TrackPoint};
use milepost_engine::record::{Body, Record};

/// What the page shows.
#[derive(Default)]
pub struct Page {
    records: Vec<String>,
    tracks: Vec<Vec<(f64, f64)>>,
    states: u64,
}

/// The picture's width and height in pixels.
const SIZE: (f64, f64) = (900.0, 600.0);
const MARGIN: f64 = 20.0;
const COLOURS: [&str; 6] = ["#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf"];

impl Page {
    /// A record.
    pub fn record(&mut self, record: &Record) {
        match &record.body {
            Body::Trip(_) | Body::Stop(_) | Body::Event(_) | Body::Score(_) | Body::Gap(_) | Body::Health(_) => {
                let text = record.to_json();
                self.records.push(text);
            }
            Body::Summary(_) => {}
        }
    }

    /// A state.
    pub fn state(&mut self, _row: &StateRow) {
        self.states += 1;
    }

    /// The track of a trip that counts.
    pub fn track(&mut self, points: &[&TrackPoint]) {
        self.tracks.push(points.iter().map(|p| (p.position.lon_deg, p.position.lat_deg)).collect());
    }

    /// The page.
    pub fn html(&self) -> String {
        let mut html = String::from(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Milepost</title>\
             <meta name=\"viewport\" content=\"width=device-width\">\
             <style>body{font:14px system-ui;margin:1em;max-width:60em}svg{background:#f6f6f6;max-width:100%;height:auto}\
             pre{white-space:pre-wrap;overflow-wrap:anywhere}</style><h1>Milepost</h1>\n",
        );
        html.push_str(&self.svg());
        let _ = write!(html, "<p>{} trips, {} states</p>\n<pre>", self.tracks.len(), self.states);
        for record in &self.records {
            html.push_str(&record.replace('&', "&amp;").replace('<', "&lt;"));
            html.push('\n');
        }
        html.push_str("</pre></html>\n");
        html
    }

    fn svg(&self) -> String {
        let all = || self.tracks.iter().flatten();
        let range = |of: fn(&(f64, f64)) -> f64| {
            all().map(of).fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), x| (lo.min(x), hi.max(x)))
        };
        let ((west, east), (south, north)) = (range(|p| p.0), range(|p| p.1));
        let mut svg = format!("<svg viewBox=\"0 0 {} {}\" width=\"{}\" role=\"img\">", SIZE.0, SIZE.1, SIZE.0);
        if west <= east {
            let squeeze = libm::cos((south + north) / 2.0 * milepost_engine::geo::RAD_PER_DEG);
            let scale = ((SIZE.0 - 2.0 * MARGIN) / ((east - west) * squeeze).max(1e-6))
                .min((SIZE.1 - 2.0 * MARGIN) / (north - south).max(1e-6));
            for (track, colour) in self.tracks.iter().zip(COLOURS.iter().cycle()) {
                let _ = write!(svg, "<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"3\" points=\"");
                for (lon, lat) in track {
                    let x = MARGIN + (lon - west) * squeeze * scale;
                    let y = MARGIN + (north - lat) * scale;
                    let _ = write!(svg, "{x:.1},{y:.1} ");
                }
                svg.push_str("\"/>");
            }
        }
        svg.push_str("</svg>\n");
        svg
    }
}
