//! The few kilobytes that are committed of a simulated drive and its replay: the records without their waveforms, a row
//! of the states now and then, a line for each track, and a hash over every byte of every file.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;

/// Files that are hashed: all that is made of numbers. The page is for eyes and changes with its looks.
const HASHED: [&str; 11] = [
    "world/input/session.json",
    "world/input/imu.csv",
    "world/input/gnss.csv",
    "world/input/signals.csv",
    "world/truth.csv",
    "world/truth.json",
    "replay/records.jsonl",
    "replay/states.csv",
    "replay/track.csv",
    "replay/track.geojson",
    "replay/plan.csv",
];

/// Fields of records that say again what another says, or `docs/records.md`: only hashed.
const LEFT_OUT: [&str; 4] = ["config", "trip_id", "occurred_at", "utc_offset_min"];

/// Name and text of each golden file of one scenario.
pub type Digest = BTreeMap<&'static str, String>;

/// What is kept of a folder with a `world` and its `replay`; a row of the states every so many seconds.
pub fn digest(folder: &Path, states_every_s: f64) -> Digest {
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    BTreeMap::from([
        ("records.jsonl", records(&read("replay/records.jsonl"))),
        ("states.csv", states(&read("replay/states.csv"), states_every_s)),
        ("tracks.csv", tracks(&read("replay/track.csv"))),
        ("hashes.txt", hashes(folder)),
    ])
}

/// The last revision of every record, in the order in which they were first told. Waveforms are only counted, and nulls
/// are left out.
fn records(text: &str) -> String {
    let mut last: Vec<Value> = Vec::new();
    for line in text.lines() {
        let mut record: Value = serde_json::from_str(line).unwrap();
        if let Some(fields) = record.as_object_mut() {
            fields.retain(|name, _| !LEFT_OUT.contains(&name.as_str()));
            if let Some(evidence) = fields.get_mut("evidence").and_then(Value::as_object_mut) {
                for waveform in evidence.values_mut().filter(|v| v.is_array()) {
                    *waveform = waveform.as_array().map_or(0, Vec::len).into();
                }
            }
        }
        without_nulls(&mut record);
        match last.iter_mut().find(|r| r["id"] == record["id"] && r["schema"] == record["schema"]) {
            Some(known) => *known = record,
            None => last.push(record),
        }
    }
    last.iter().map(|record| format!("{record}\n")).collect()
}

fn without_nulls(value: &mut Value) {
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|_, field| !field.is_null());
        fields.values_mut().for_each(without_nulls);
    }
}

/// The header, and the first row of every stretch of so many seconds.
fn states(text: &str, every_s: f64) -> String {
    let mut rows = text.lines();
    let mut kept = format!("{}\n", rows.next().unwrap());
    let mut next_s = f64::MIN;
    for row in rows {
        let t_s: f64 = row.split(',').next().unwrap().parse().unwrap();
        if t_s >= next_s {
            writeln!(kept, "{row}").unwrap();
            next_s = if next_s == f64::MIN { t_s } else { next_s } + every_s;
        }
    }
    kept
}

/// A line for each trip's track: where and when it begins and ends, and sums over all of it.
fn tracks(text: &str) -> String {
    let mut trips: Vec<(&str, Vec<[f64; 4]>)> = Vec::new();
    for row in text.lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        let [t, lat, lon, speed, trip] = cells[..] else { continue };
        let point = [t, lat, lon, speed].map(|cell| cell.parse().unwrap_or(0.0));
        match trips.last_mut().filter(|(id, _)| *id == trip) {
            Some((_, points)) => points.push(point),
            None => trips.push((trip, vec![point])),
        }
    }
    let mut kept =
        "trip_id,points,first_t_s,last_t_s,first_lat,first_lon,last_lat,last_lon,mean_speed_mps,max_speed_mps\n"
            .to_owned();
    for (trip, points) in trips {
        let ([first_t, first_lat, first_lon, _], [last_t, last_lat, last_lon, _]) =
            (points.first().unwrap(), points.last().unwrap());
        let speeds = points.iter().map(|[_, _, _, speed]| *speed);
        let mean = speeds.clone().sum::<f64>() / points.len() as f64;
        let most = speeds.fold(0.0, f64::max);
        let points = points.len();
        writeln!(
            kept,
            "{trip},{points},{first_t},{last_t},{first_lat},{first_lon},{last_lat},{last_lon},{mean:.4},{most}"
        )
        .unwrap();
    }
    kept
}

/// Size and FNV-1a of every file.
fn hashes(folder: &Path) -> String {
    let mut kept = String::new();
    for name in HASHED {
        let bytes = fs::read(folder.join(name)).unwrap();
        let hash = bytes
            .iter()
            .fold(0xCBF2_9CE4_8422_2325, |hash: u64, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3));
        writeln!(kept, "{name} bytes {} hash {hash:016x}", bytes.len()).unwrap();
    }
    kept
}
