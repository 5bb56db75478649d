//! A trip that goes on although the engine that opened it is lost: the app was updated or configured anew in mid-trip. It
//! reads the trip's last record and hands it to the modules; whether the trip goes on is theirs to decide.

use serde_json::Value;
use uuid::Uuid;

use super::Engine;
use crate::contract::TrackPoint;
use crate::sample::MonoTime;
use crate::trip::TripNames;

/// What a record of an open trip says that still holds.
struct Lost {
    id: Uuid,
    rev: u32,
    start: MonoTime,
    names: TripNames,
    driver_id: Option<String>,
    vehicle_id: Option<String>,
    /// Epoch milliseconds at zero of the axis.
    boot_ms: Option<i64>,
}

impl Engine {
    /// Takes up the open trip of a session whose state was lost, from its last record and its track, before any input:
    /// the next revision is of the same trip. Returns false, and changes nothing, where the text is no open trip.
    pub fn adopt(&mut self, trip: &str, track: &[TrackPoint]) -> bool {
        let Some(lost) = serde_json::from_str(trip).ok().as_ref().and_then(read).filter(|_| !self.config.manual) else {
            return false;
        };
        self.ledger.adopt(lost.id, lost.rev);
        (self.ledger.driver_id, self.ledger.vehicle_id) = (lost.driver_id, lost.vehicle_id);
        self.ledger.wall.expect(lost.boot_ms);
        let facts = self.trips.adopt(lost.start, lost.names, track);
        self.log.open(&facts);
        self.tell_trips();
        self.after_step();
        true
    }
}

fn read(record: &Value) -> Option<Lost> {
    let text = |key: &str| record.get(key).and_then(Value::as_str);
    let seconds = |key: &str| record.get(key).and_then(Value::as_f64);
    if text("status") != Some("open") {
        return None;
    }
    let mut names = TripNames::default();
    let tags = record.get("tags").and_then(Value::as_array).into_iter().flatten();
    tags.filter_map(Value::as_str).for_each(|tag| names.tag(tag));
    names.call(text("external_id").unwrap_or_default());
    let told_ms = record.get("occurred_at").and_then(Value::as_i64).zip(seconds("t_s"));
    Some(Lost {
        id: Uuid::parse_str(text("id")?).ok()?,
        rev: record.get("rev").and_then(Value::as_u64).and_then(|rev| u32::try_from(rev).ok())?,
        start: MonoTime::from_seconds(seconds("start_t_s")?),
        names,
        driver_id: text("driver_id").map(str::to_owned),
        vehicle_id: text("vehicle_id").map(str::to_owned),
        boot_ms: told_ms.map(|(wall_ms, t_s)| wall_ms.saturating_sub((t_s * 1e3) as i64)),
    })
}
