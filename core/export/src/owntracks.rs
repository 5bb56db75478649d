//! Bodies for an OwnTracks recorder (HTTP mode, or MQTT below `owntracks/USER/DEVICE`): one message a line. A trip is
//! locations; each stop that has a place is entered and left.

use std::io::{self, Write};

use milepost_engine::contract::TrackPoint;
use milepost_engine::sample::MonoTime;
use serde_json::{Value, json};

use crate::{Sender, Stop, Trip};

/// Kilometres an hour, as OwnTracks has them, in a metre a second.
const KMH: f64 = 3.6;
/// Metres; a stop's place is the mean of many fixes.
const STOP_ACCURACY_M: u32 = 10;

pub fn write(sender: Sender<'_>, trips: &[Trip], out: &mut dyn Write) -> io::Result<()> {
    let tid = tracker_id(sender.device_id);
    for trip in trips {
        let mut messages: Vec<(MonoTime, Value)> = Vec::new();
        for (point, course) in trip.with_course() {
            messages.push((point.t, location(trip, point, course, &tid)?));
        }
        for stop in &trip.stops {
            for (t, event) in [(stop.start, "enter"), (stop.end, "leave")] {
                messages.extend(transition(trip, stop, t, event, &tid)?.map(|message| (t, message)));
            }
        }
        // A recorder shows the last message that it got as the latest.
        messages.sort_by_key(|(t, _)| *t);
        for (_, message) in messages {
            writeln!(out, "{message}")?;
        }
    }
    Ok(())
}

fn location(trip: &Trip, point: &TrackPoint, course_deg: Option<f64>, tid: &str) -> io::Result<Value> {
    let mut message = json!({
        "_type": "location",
        "lat": point.position.lat_deg,
        "lon": point.position.lon_deg,
        "tst": trip.must_have_wall_ms(point.t)?.div_euclid(1_000),
        "tid": tid,
        "m": 2,
    });
    // What is not known is left out, as the apps do it; all are whole numbers.
    if let Value::Object(fields) = &mut message {
        fields.extend(point.speed_mps.map(|v| ("vel".to_owned(), json!((v * KMH).round() as i64))));
        fields.extend(course_deg.map(|deg| ("cog".to_owned(), json!(deg.round() as i64 % 360))));
        fields.extend(point.alt_m.map(|m| ("alt".to_owned(), json!(m))));
    }
    Ok(message)
}

fn transition(trip: &Trip, stop: &Stop, t: MonoTime, event: &str, tid: &str) -> io::Result<Option<Value>> {
    let Some(at) = stop.position else { return Ok(None) };
    Ok(Some(json!({
        "_type": "transition",
        "event": event,
        "lat": at.lat_deg,
        "lon": at.lon_deg,
        "acc": STOP_ACCURACY_M,
        "tst": trip.must_have_wall_ms(t)?.div_euclid(1_000),
        "wtst": trip.must_have_wall_ms(stop.start)?.div_euclid(1_000),
        "rid": stop.id,
        "desc": stop.class,
        "tid": tid,
        "t": "c",
    })))
}

/// Two letters on the map: the last of the device's id.
fn tracker_id(device_id: &str) -> String {
    let skip = device_id.chars().count().saturating_sub(2);
    device_id.chars().skip(skip).collect()
}
