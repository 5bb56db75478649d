//! `milepost export`: the finished trips of a replay's files, or of a phone's export, in the formats of others. Reads
//! them, thins the tracks if asked; the formats are `milepost-export`'s.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use milepost_engine::Uuid;
use milepost_engine::contract::TrackPoint;
use milepost_engine::geo::LatLon;
use milepost_engine::sample::MonoTime;
use milepost_engine::track::simplify::{for_drawing, time_true};
use milepost_export::{Format, Sender, Stop, Trip, write};
use serde_json::Value;

use crate::args::{Export, ExportTo};
use crate::fields::{number, text, time};
use crate::replay::Failure;
use crate::say::say;

/// Writes it.
pub fn run(args: &Export) -> Result<(), Failure> {
    let mut trips = read(&args.path)?;
    if let Some(id) = args.trip {
        trips.retain(|trip| trip.id == id);
    }
    let all: usize = trips.iter().map(|trip| trip.points.len()).sum();
    if let Some(tolerance_m) = args.tolerance_m {
        let thin = if args.to.is_for_drawing() { for_drawing } else { time_true };
        trips.iter_mut().for_each(|trip| trip.points = thin(&trip.points, tolerance_m));
    }
    let left: usize = trips.iter().map(|trip| trip.points.len()).sum();
    let failed = |e: std::io::Error| format!("{}: {e}", args.out.display());
    let mut out = BufWriter::new(File::create_new(&args.out).map_err(failed)?);
    write(args.to.format(), Sender { device_id: &args.device_id }, &trips, &mut out).map_err(failed)?;
    out.flush().map_err(failed)?;
    say!("{} trips, {left} of {all} points to {}", trips.len(), args.out.display())
}

impl ExportTo {
    fn format(self) -> Format {
        match self {
            Self::Gpx => Format::Gpx,
            Self::Geojson => Format::GeoJson,
            Self::Csv => Format::Csv,
            Self::Polyline => Format::Polyline { precision: 5 },
            Self::Polyline6 => Format::Polyline { precision: 6 },
            Self::Traccar => Format::Traccar,
            Self::Owntracks => Format::OwnTracks,
        }
    }

    /// Without times there is nothing to be true to but the line.
    fn is_for_drawing(self) -> bool {
        match self {
            Self::Polyline | Self::Polyline6 => true,
            Self::Gpx | Self::Geojson | Self::Csv | Self::Traccar | Self::Owntracks => false,
        }
    }
}

/// The finished trips in a replay's folder, or in a file of [`milepost::Milepost::export`], in order of time.
fn read(path: &Path) -> Result<Vec<Trip>, Failure> {
    let mut found = Found::default();
    if path.is_dir() {
        each_line(&path.join("records.jsonl"), |line| found.record(&serde_json::from_str(line).ok()?))?;
        let mut rows = 0;
        each_line(&path.join("track.csv"), |line| {
            rows += 1;
            if rows == 1 { Some(()) } else { found.row(line) }
        })?;
    } else {
        each_line(path, |line| found.record(&serde_json::from_str(line).ok()?))?;
    }
    Ok(found.trips())
}

fn each_line(path: &Path, mut take: impl FnMut(&str) -> Option<()>) -> Result<(), Failure> {
    let failed = |e: std::io::Error| format!("{}: {e}", path.display());
    for (n, line) in BufReader::new(File::open(path).map_err(failed)?).lines().enumerate() {
        take(&line.map_err(failed)?)
            .ok_or_else(|| format!("{}, line {}: not what it should be", path.display(), n + 1))?;
    }
    Ok(())
}

/// The highest revision of what has been read.
#[derive(Default)]
struct Found {
    trips: BTreeMap<Uuid, Value>,
    stops: BTreeMap<Uuid, Value>,
    points: BTreeMap<Uuid, Vec<TrackPoint>>,
}

impl Found {
    /// `None` when it is no record.
    fn record(&mut self, value: &Value) -> Option<()> {
        let schema = value.get("schema")?.as_str()?;
        let kept = match schema.split('/').next()? {
            "milepost.trip" => &mut self.trips,
            "milepost.stop" => &mut self.stops,
            "milepost.export_track" => {
                let points = value.get("points")?.as_array()?.iter().map(point).collect::<Option<Vec<_>>>()?;
                self.points.insert(id(value, "trip_id")?, points);
                return Some(());
            }
            _ => return Some(()),
        };
        let rev = |value: &Value| value.get("rev").and_then(Value::as_u64);
        let old = kept.entry(id(value, "id")?).or_insert_with(|| value.clone());
        if rev(old) <= rev(value) {
            *old = value.clone();
        }
        Some(())
    }

    /// A row of `track.csv`: `t_s,lat,lon,speed_mps,trip_id`. It has neither heading nor height.
    fn row(&mut self, line: &str) -> Option<()> {
        let mut cells = line.trim_end().split(',');
        let t = MonoTime::from_seconds(cells.next()?.parse().ok()?);
        let position = LatLon { lat_deg: cells.next()?.parse().ok()?, lon_deg: cells.next()?.parse().ok()? };
        let speed = cells.next()?;
        let speed_mps = if speed.is_empty() { None } else { Some(speed.parse().ok()?) };
        let trip_id = cells.next()?.parse().ok()?;
        self.points.entry(trip_id).or_default().push(TrackPoint {
            t,
            position,
            speed_mps,
            heading_deg: None,
            alt_m: None,
        });
        Some(())
    }

    fn trips(mut self) -> Vec<Trip> {
        let mut trips: Vec<Trip> = Vec::new();
        for (id, value) in &self.trips {
            if text(value, "status") != "ended" {
                continue;
            }
            let zero_ms = |value: &Value| {
                let t_ms = number(value, "t_s")? * 1e3;
                Some(value.get("occurred_at")?.as_i64()?.saturating_sub(t_ms.round() as i64))
            };
            let of_trip = |stop: &&Value| self::id(stop, "trip_id") == Some(*id);
            let mut stops: Vec<Stop> = self.stops.values().filter(of_trip).filter_map(stop).collect();
            stops.sort_by_key(|stop| stop.start);
            trips.push(Trip {
                id: *id,
                mode: value.get("mode").and_then(Value::as_str).unwrap_or("unknown").to_owned(),
                epoch_ms: zero_ms(value),
                points: self.points.remove(id).unwrap_or_default(),
                stops,
            });
        }
        trips.sort_by_key(|trip| trip.points.first().map(|p| p.t));
        trips
    }
}

fn stop(value: &Value) -> Option<Stop> {
    Some(Stop {
        id: id(value, "id")?,
        start: time(value, "start_t_s")?,
        end: time(value, "end_t_s")?,
        class: value.get("class")?.as_str()?.to_owned(),
        position: value.get("position").and_then(|at| place(at.get(0)?, at.get(1)?)),
    })
}

/// `[t_s, lon, lat, speed_mps, heading_deg, alt_m]`; the last two are not in exports of older versions.
fn point(value: &Value) -> Option<TrackPoint> {
    let [t, lon, lat, speed, more @ ..] = value.as_array()?.as_slice() else { return None };
    let whole = |n: usize| more.get(n).and_then(Value::as_i64);
    Some(TrackPoint {
        t: MonoTime::from_seconds(t.as_f64()?),
        position: place(lon, lat)?,
        speed_mps: speed.as_f64(),
        heading_deg: whole(0).and_then(|deg| u16::try_from(deg).ok()),
        alt_m: whole(1).and_then(|m| i16::try_from(m).ok()),
    })
}

fn place(lon: &Value, lat: &Value) -> Option<LatLon> {
    Some(LatLon { lat_deg: lat.as_f64()?, lon_deg: lon.as_f64()? })
}

fn id(value: &Value, key: &str) -> Option<Uuid> {
    text(value, key).parse().ok()
}
