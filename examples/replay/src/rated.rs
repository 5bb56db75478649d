//! Trips with all that their scores rest on, read back from records: of a replay's files, of a phone's export, or of an
//! engine that runs here. Positions and waveforms are left where they are.

use std::collections::BTreeMap;

use milepost_engine::behaviour::EventFacts;
use milepost_engine::record::{EventStatus, Mode};
use milepost_engine::score::Sensed;
use milepost_engine::trip::{EndReason, TripFacts, TripStatusFacts};
use serde_json::Value;

use crate::fields::{get, number, text, time};

/// A finished trip.
pub struct Rated {
    /// Its id, as records have it.
    pub id: String,
    /// What a score needs of it.
    pub trip: TripFacts,
    /// What happened on it.
    pub events: Vec<EventFacts>,
    /// How much of it could be seen.
    pub sensed: Sensed,
}

/// The rated trips among the records, which come in order; the last revision of each counts.
pub fn read(records: impl Iterator<Item = Value>) -> Vec<Rated> {
    let mut last: BTreeMap<String, Value> = BTreeMap::new();
    let mut ids = Vec::new();
    for record in records {
        let id = text(&record, "id").to_owned();
        if last.insert(id.clone(), record).is_none() {
            ids.push(id);
        }
    }
    let all = || ids.iter().filter_map(|id| last.get(id));
    let of = |schema: &'static str| all().filter(move |r| text(r, "schema") == schema);
    let trips = of("milepost.trip/1").filter(|r| text(r, "status") == "ended");
    trips
        .filter_map(|trip| {
            let id = text(trip, "id");
            let mine = |r: &&Value| text(r, "trip_id") == id;
            let score = of("milepost.score/1").find(mine)?;
            let events = of("milepost.event/1").filter(mine).filter_map(event).collect();
            Some(Rated { id: id.to_owned(), trip: facts(trip)?, events, sensed: sensed(score) })
        })
        .collect()
}

fn facts(record: &Value) -> Option<TripFacts> {
    Some(TripFacts {
        number: 0,
        status: TripStatusFacts::Ended(EndReason::InputEnded),
        start: time(record, "start_t_s")?,
        end: time(record, "end_t_s"),
        start_inferred: false,
        missed_start_m: None,
        mode: get(record, "mode").unwrap_or(Mode::Unknown),
        distance_m: number(record, "distance_m")?,
        max_speed_mps: None,
        start_position: None,
        end_position: None,
        legs: Vec::new(),
        tags: Vec::new(),
        external_id: None,
    })
}

fn event(record: &Value) -> Option<EventFacts> {
    let (start, end) = (time(record, "start_t_s")?, time(record, "end_t_s")?);
    Some(EventFacts {
        peak_mps2: number(record, "peak_mps2"),
        speed_in_mps: number(record, "speed_in_mps"),
        severity: get(record, "severity"),
        status: get(record, "status").unwrap_or(EventStatus::Unconfirmed),
        over_mps: number(record, "over_mps"),
        distance_m: number(record, "distance_m"),
        band_s: get(record, "band_s"),
        over_band_m: get(record, "over_band_m"),
        ..EventFacts::bare(get(record, "type")?, start, time(record, "peak_t_s")?, end)
    })
}

/// Exposure says on how much of the road each category could be seen.
fn sensed(score: &Value) -> Sensed {
    let metres = |category: &str| {
        let km = score.get("categories").and_then(|c| c.get(category)).and_then(|c| number(c, "exposure_km"));
        1e3 * km.unwrap_or(0.0)
    };
    Sensed {
        frame_m: metres("cornering"),
        speed_m: metres("braking"),
        limit_m: metres("speeding"),
        phone_m: metres("phone"),
    }
}
