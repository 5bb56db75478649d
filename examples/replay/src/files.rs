//! The files of a replay. They appear under their names only when all of them are complete.

use std::fs::File;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use milepost_engine::Uuid;
use milepost_engine::contract::{Output, TrackPoint, track_span};
use milepost_engine::record::{Body, Position, Record, Seconds, TripStatus};
use milepost_engine::sample::MonoTime;
use serde_json::json;

use crate::page::{self, Page};
use crate::replay::Failure;
use crate::spool::Spool;
use crate::tables;

/// A file that is being written.
const PART: &str = ".part";

/// What a replay leaves.
const NAMES: [&str; 6] = ["records.jsonl", "states.csv", "plan.csv", "track.csv", "track.geojson", "report.html"];

/// The files of a replay.
pub struct Files {
    out: PathBuf,
    records: Part,
    states: Part,
    plan: Part,
    /// Points of the trips, and the ends of those that count.
    tracks: Spool,
    trips: Vec<Trip>,
    page: Page,
    line: String,
}

/// A trip that counts.
struct Trip {
    id: Uuid,
    start: MonoTime,
    end: MonoTime,
}

impl Files {
    /// Removes what an earlier run left, if anything.
    pub fn clear(out: &Path) -> Result<(), Failure> {
        for name in NAMES {
            match std::fs::remove_file(out.join(name)) {
                Err(e) if !matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                    return Err(format!("{}: {e}", out.join(name).display()).into());
                }
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }

    /// Makes the folder and begins the files; what an earlier run left is removed.
    pub fn create(out: &Path) -> Result<Self, Failure> {
        std::fs::create_dir_all(out).map_err(|e| format!("{}: {e}", out.display()))?;
        Self::clear(out)?;
        Ok(Self {
            out: out.to_owned(),
            records: Part::create(out, "records.jsonl", "")?,
            states: Part::create(out, "states.csv", tables::STATES)?,
            plan: Part::create(out, "plan.csv", tables::PLAN)?,
            tracks: Spool::create(out)?,
            trips: Vec::new(),
            page: Page::default(),
            line: String::new(),
        })
    }

    /// A record's line, as it is stored.
    pub fn record(&mut self, json: &str) -> Result<(), Failure> {
        self.records.write(json)?;
        self.records.write("\n")
    }

    /// Anything that the engine said.
    pub fn output(&mut self, output: &Output) -> Result<(), Failure> {
        self.line.clear();
        match output {
            Output::Record(record) => {
                self.remember(record);
                self.page.record(record);
            }
            Output::State(row) => {
                tables::state(&mut self.line, row);
                self.states.write(&self.line)?;
                self.page.state(row);
            }
            Output::Plan(plan) => {
                tables::plan(&mut self.line, plan);
                self.plan.write(&self.line)?;
            }
            Output::Track(chunk) => self.tracks.append(chunk)?,
        }
        Ok(())
    }

    /// Writes what needs all of it, and gives every file its name.
    pub fn finish(mut self) -> Result<(), Failure> {
        let mut track = Part::create(&self.out, "track.csv", tables::TRACK)?;
        let mut geojson = Part::create(&self.out, "track.geojson", "{\"features\":[")?;
        let all = self.tracks.len();
        for (number, trip) in self.trips.iter().enumerate() {
            let mut points = self.tracks.read(trip.id)?;
            let span = track_span(trip.start, Some(trip.end));
            points.retain(|p| span.contains(&p.t));
            for point in &points {
                self.line.clear();
                tables::track(&mut self.line, point, &trip.id.to_string());
                track.write(&self.line)?;
            }
            geojson.write(if number == 0 { "" } else { "," })?;
            geojson.write(&feature(trip, &points))?;
            page::thin(&mut points, all);
            self.page.track(trip.id, &points);
        }
        geojson.write("],\"type\":\"FeatureCollection\"}")?;
        let mut html = Part::create(&self.out, "report.html", "")?;
        html.write(&self.page.html()?)?;
        for part in [self.records, self.states, self.plan, track, geojson, html] {
            part.finish()?;
        }
        Ok(())
    }

    fn remember(&mut self, record: &Record) {
        let Body::Trip(trip) = &record.body else { return };
        self.trips.retain(|t| t.id != record.id);
        match trip.status {
            TripStatus::Open => {}
            TripStatus::Ended => {
                let end = trip.end_t_s.map_or(record.t, |s| s.time());
                self.trips.push(Trip { id: record.id, start: trip.start_t_s.time(), end });
            }
            TripStatus::Discarded => self.tracks.forget(record.id),
        }
    }
}

/// A trip's line for `track.geojson`.
fn feature(trip: &Trip, points: &[TrackPoint]) -> String {
    json!({
        "type": "Feature",
        "properties": {
            "trip_id": trip.id,
            "times_s": points.iter().map(|p| Seconds::from(p.t)).collect::<Vec<_>>(),
        },
        "geometry": {
            "type": "LineString",
            "coordinates": points.iter().map(|p| Position::from(p.position)).collect::<Vec<_>>(),
        },
    })
    .to_string()
}

/// A file under a name that says that it is not complete.
struct Part {
    path: PathBuf,
    name: PathBuf,
    to: BufWriter<File>,
}

impl Part {
    fn create(out: &Path, name: &str, head: &str) -> Result<Self, Failure> {
        let path = out.join(format!("{name}{PART}"));
        let file = File::create(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let mut part = Self { path, name: out.join(name), to: BufWriter::new(file) };
        part.write(head)?;
        Ok(part)
    }

    fn write(&mut self, text: &str) -> Result<(), Failure> {
        self.to.write_all(text.as_bytes()).map_err(|e| format!("{}: {e}", self.path.display()).into())
    }

    fn finish(mut self) -> Result<(), Failure> {
        self.to.flush().map_err(|e| format!("{}: {e}", self.path.display()))?;
        drop(self.to);
        std::fs::rename(&self.path, &self.name).map_err(|e| format!("{}: {e}", self.name.display()).into())
    }
}
