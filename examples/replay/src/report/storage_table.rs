//! `milepost report storage`: what issue 9 asks for of codecs, commits, days offline and the wire. What the database
//! itself costs in time, `cargo test --release -p milepost-store --test cost -- --nocapture` says.

use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;

use flate2::read::GzDecoder;
use milepost::{Kernel, Options, Place};
use milepost_engine::contract::{Input, Output, Reason, TrackPoint};
use milepost_engine::geo::LatLon;
use milepost_engine::sample::{ImuSample, MonoTime};
use milepost_sim::Scenario;
use serde_json::Value;

use super::seeds::Seeds;
use super::storage::columns::{self, Packed};
use super::storage::days::{Days, offline, online};
use super::table::{Goal, Table};
use super::tally;
use crate::replay::Failure;

/// Of the codecs' drive.
const MINUTES: u32 = 60;
/// Samples that are packed: ten minutes.
const SAMPLES: usize = 60_000;
const KB: f64 = 1e3;

/// Measures and lists it.
pub fn table(seeds: &Seeds) -> Table {
    let mut table = Table::new("Storage");
    let seed = seeds.range.start;
    let done = codecs(&mut table, seed)
        .and_then(|drive| recorded(&mut table).map(|()| drive))
        .and_then(|drive| commits(&mut table, seed, drive))
        .and_then(|()| days(&mut table, seeds));
    if let Err(error) = done {
        log::error!("{error}");
        table.row("not all could be measured", tally::Value::default(), Goal::None, &error.to_string());
    }
    table
}

/// Returns the longest time between two commits of the drive, and its inputs.
fn codecs(table: &mut Table, seed: u64) -> Result<(f64, usize), Failure> {
    let inputs: Vec<Input> = Scenario::drive(seed).minutes(MINUTES).world().inputs().collect();
    let (points, longest_s) = smoothed(&inputs)?;
    let on = format!("drive ({MINUTES} min), seed {seed}");
    packed(table, "track, smoothed", &columns::track(&points), Goal::AtMost(3.2), &on);
    packed(table, "track, the receiver's fixes", &columns::track(&fixes(&inputs)), Goal::AtMost(3.2), &on);
    let samples: Vec<ImuSample> = inputs.iter().flat_map(imu).take(SAMPLES).copied().collect();
    let on = format!("the first ten minutes of drive, seed {seed}");
    packed(table, "IMU window", &columns::windows(&samples), Goal::AtMost(4.5), &on);
    Ok((longest_s, inputs.len()))
}

/// Days of e-mission's users that lie beside the workspace, where they do: the fixes as their phones gave them.
fn recorded(table: &mut Table) -> Result<(), Failure> {
    let data = std::env::var_os("MILEPOST_DATA").map_or_else(|| PathBuf::from("../shared/data"), PathBuf::from);
    let mut tracks = Packed::default();
    for path in files(&data.join("emission_days"), ".json.gz") {
        let entries: Value = serde_json::from_reader(GzDecoder::new(BufReader::new(File::open(&path)?)))?;
        // Ground truth lies there, too: it is no list of entries.
        let fixes = entries.as_array().into_iter().flatten().filter_map(emission_fix);
        let mut fixes: Vec<TrackPoint> = fixes.collect();
        fixes.sort_by_key(|p| p.t);
        tracks.add(columns::track(&fixes));
    }
    if tracks.items > 0 {
        packed(table, "track, the phone's fixes", &tracks, Goal::AtMost(6.7), "emission_days");
    }
    Ok(())
}

fn emission_fix(entry: &Value) -> Option<TrackPoint> {
    if entry.get("metadata")?.get("key")?.as_str()? != "background/location" {
        return None;
    }
    let number = |key: &str| entry.get("data")?.get(key)?.as_f64();
    Some(TrackPoint {
        t: MonoTime::from_seconds(number("ts")?),
        position: LatLon { lat_deg: number("latitude")?, lon_deg: number("longitude")? },
        speed_mps: number("sensed_speed").filter(|v| *v >= 0.0),
        heading_deg: number("heading").filter(|deg| *deg >= 0.0).map(whole_deg),
        alt_m: number("altitude").map(|m| m.round() as i16),
    })
}

fn commits(table: &mut Table, seed: u64, (longest_s, inputs): (f64, usize)) -> Result<(), Failure> {
    let value = tally::Value { value: Some(longest_s), n: inputs as f64, known: None };
    let on = format!("drive ({MINUTES} min), seed {seed}");
    table.row("driving without a commit, longest, s", value, Goal::AtMost(10.0), &on);

    let mut kernel = kernel(seed)?;
    for input in Scenario::desk(seed).minutes(2 * MINUTES).world().inputs() {
        kernel.handle(input, &mut |_| {})?;
    }
    let value = tally::Value { value: Some(kernel.commits() as f64 / 2.0), n: kernel.commits() as f64, known: None };
    table.row("idling, commits an hour", value, Goal::AtMost(50.0), &format!("desk (2 h), seed {seed}"));
    Ok(())
}

fn days(table: &mut Table, seeds: &Seeds) -> Result<(), Failure> {
    let days = seeds.range.end - seeds.range.start;
    let all = offline(seeds.range.start, days)?;
    let on = format!("{days} days of two ride-hailing shifts offline, seeds from {}", seeds.range.start);
    let value = |value: f64, n: f64| tally::Value { value: Some(value), n, known: None };
    table.row("offline: hours driven a day", value(all.driving_h / days as f64, days as f64), Goal::None, &on);
    table.row("offline: trips, events, scores lost", value(all.lost as f64, all.said as f64), Goal::AtMost(0.0), &on);
    table.row("offline: size of the files, MB", value(all.file_mb, days as f64), Goal::AtMost(50.0), &on);
    table.row("offline: growth on the day after the delivery, MB", value(all.grown_mb, 1.0), Goal::AtMost(1.0), &on);
    wire(table, "offline, then at once", &all, &on);

    let on = format!("{days} courier days online, seeds from {}, asked at every fix", seeds.range.start);
    wire(table, "online", &online(seeds.range.start, days)?, &on);
    Ok(())
}

fn wire(table: &mut Table, how: &str, days: &Days, on: &str) {
    let an_hour = |bytes: usize| tally::Value {
        value: (days.driving_h > 0.0).then(|| bytes as f64 / KB / days.driving_h),
        n: days.wire.batches as f64,
        known: None,
    };
    let wire = &days.wire;
    let figure = |what: &str| format!("{how}: KB on the wire per driving hour, {what}");
    table.row(&figure("without waveforms"), an_hour(wire.without_waveforms), Goal::AtMost(20.0), on);
    table.row(&figure("with waveforms"), an_hour(wire.bytes), Goal::AtMost(60.0), on);
    table.row(&figure("headers and answers alone"), an_hour(wire.headers), Goal::None, on);
}

fn packed(table: &mut Table, what: &str, packed: &Packed, goal: Goal, on: &str) {
    let unit = if what.starts_with("IMU") { "B a sample" } else { "B a point" };
    let value = |value| tally::Value { value, n: packed.items as f64, known: None };
    table.row(&format!("{what}, {unit}"), value(packed.per_item()), goal, on);
    table.row(&format!("{what}, of its columns' entropy"), value(packed.of_entropy()), Goal::AtMost(1.1), on);
}

/// The smoothed track, and the longest time between two commits.
fn smoothed(inputs: &[Input]) -> Result<(Vec<TrackPoint>, f64), Failure> {
    let mut kernel = kernel(1)?;
    let (mut points, mut longest_s) = (Vec::new(), 0.0f64);
    let mut before = None;
    let mut commits = 0;
    for input in inputs.iter().cloned().chain([Input::End]) {
        let fix = if let Input::Fix(fix) = &input { Some(fix.t) } else { None };
        kernel.handle(input, &mut |output| {
            if let Output::Track(chunk) = output {
                points.extend_from_slice(&chunk.points);
            }
        })?;
        let Some(t) = fix else { continue };
        // Before it drives, and after, there is next to nothing that a kill could cost.
        if kernel.plan().is_none_or(|plan| plan.reason != Reason::Driving) {
            before = None;
        } else if kernel.commits() > commits || before.is_none() {
            longest_s = before.map_or(0.0, |before| t.since(before)).max(longest_s);
            before = Some(t);
        }
        commits = kernel.commits();
    }
    Ok((points, longest_s))
}

fn kernel(seed: u64) -> Result<Kernel, Failure> {
    let mut options = Options::new(Place::Memory, "courier", "")?;
    options.seed = Some(seed);
    Ok(Kernel::open(&options)?)
}

fn fixes(inputs: &[Input]) -> Vec<TrackPoint> {
    let fixes = inputs.iter().filter_map(|input| if let Input::Fix(fix) = input { Some(fix) } else { None });
    let point = |fix: &milepost_engine::sample::Fix| TrackPoint {
        t: fix.t,
        position: LatLon { lat_deg: fix.lat_deg, lon_deg: fix.lon_deg },
        speed_mps: fix.speed_mps.map(f64::from),
        heading_deg: fix.bearing_deg.map(|deg| whole_deg(deg.into())),
        alt_m: fix.alt_m.map(|m| m.round() as i16),
    };
    fixes.map(point).collect()
}

fn whole_deg(deg: f64) -> u16 {
    deg.rem_euclid(360.0).round() as u16 % 360
}

fn imu(input: &Input) -> &[ImuSample] {
    match input {
        Input::Imu(batch) => batch,
        Input::Fix(_) | Input::Signal(..) | Input::Command(..) | Input::Clock(_) | Input::Tick(_) | Input::End => &[],
    }
}

fn files(folder: &std::path::Path, ending: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut found: Vec<PathBuf> = entries.filter(|path| path.to_string_lossy().ends_with(ending)).collect();
    found.sort();
    found
}
