//! `report.html`: one self-contained page for people, of everything that a replay found. Collects what it shows while
//! the replay goes on, within a budget; how it looks is in `examples/replay/page`, plain HTML, CSS and JavaScript.

mod budget;
mod html;
mod pack;
mod records;
mod rules;
mod series;
mod track;

use milepost_engine::Uuid;
use milepost_engine::contract::{StateRow, TrackPoint};
use milepost_engine::record::Record;
use serde_json::value::RawValue;

pub use track::thin;

use records::Records;
use series::Series;

/// What the page shows.
#[derive(Default)]
pub struct Page {
    records: Records,
    series: Series,
    tracks: Vec<track::Packed>,
}

/// The page's data, as `examples/replay/page/model.js` reads it.
#[derive(serde::Serialize)]
struct Data {
    version: &'static str,
    records: Vec<Box<RawValue>>,
    records_left_out: u64,
    waveforms_left_out: u64,
    series: series::Packed,
    tracks: Vec<track::Packed>,
    rule_sets: serde_json::Value,
}

impl Page {
    /// A record.
    pub fn record(&mut self, record: &Record) {
        self.records.push(record);
    }

    /// A state.
    pub fn state(&mut self, row: &StateRow) {
        self.series.push(&row.state);
    }

    /// The track of a trip that counts, thinned to what the page can hold.
    pub fn track(&mut self, trip_id: Uuid, points: &[TrackPoint]) {
        self.tracks.push(track::Packed::of(trip_id, points));
    }

    /// The page.
    pub fn html(self) -> Result<String, serde_json::Error> {
        let (records_left_out, waveforms_left_out) = self.records.left_out();
        let data = Data {
            version: env!("CARGO_PKG_VERSION"),
            records: self.records.into_json()?,
            records_left_out,
            waveforms_left_out,
            series: self.series.pack(),
            tracks: self.tracks,
            rule_sets: rules::as_json(),
        };
        Ok(html::page(&serde_json::to_string(&data)?))
    }
}

#[cfg(test)]
mod tests {
    use milepost_engine::geo::LatLon;
    use milepost_engine::motion::State;
    use milepost_engine::record::Mode;
    use milepost_engine::sample::MonoTime;
    use milepost_engine::trip::TripState;

    use super::*;

    #[test]
    fn the_largest_page_is_within_its_budget_though_every_character_is_escaped() {
        let mut page = Page::default();
        for number in 0..6_000 {
            let mut record = records::tests::record(number, 1, records::tests::event(150));
            record.driver_id = Some("<".repeat(1_000));
            page.record(&record);
        }
        for i in 0..200_000 {
            let wild = if i % 3 == 0 { 1e9 } else { -1e9 };
            let state = State { t: MonoTime(i * 40_000_000), speed_mps: Some(wild), ..State::default() };
            let (mode, trip_state) = (Mode::Unknown, TripState::Idle);
            page.state(&StateRow { state, mode, mode_5s: mode, mode_30s: mode, trip_state });
        }
        let point = |i: i64| TrackPoint {
            t: MonoTime(i * i * 1_000_000),
            position: LatLon { lat_deg: (i * 77 % 180 - 90) as f64, lon_deg: (i * 131 % 360 - 180) as f64 },
            speed_mps: Some((i * 31 % 7) as f64 * 1e3),
            heading_deg: None,
            alt_m: None,
        };
        let mut points: Vec<_> = (0..300_000).map(point).collect();
        thin(&mut points, 300_000);
        page.track(Uuid::nil(), &points);
        let bytes = page.html().unwrap().len();
        assert!(bytes <= budget::PAGE_BYTES && bytes > budget::PAGE_BYTES / 4, "{bytes}");
    }

    #[test]
    fn a_page_of_nothing_is_a_page_and_loads_nothing() {
        let html = Page::default().html().unwrap();
        assert!(html.starts_with("<!doctype html>") && html.ends_with("</html>\n"));
        assert!(html.len() < budget::FIXED_BYTES, "{} bytes before any data", html.len());
        for loads in ["src=\"http", "href=\"http", "url(http", "@import", "fetch(", "XMLHttpRequest"] {
            assert!(!html.contains(loads), "{loads}");
        }
    }
}
