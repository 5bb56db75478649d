//! Writes trips and their tracks in the formats of others. Pure: text out of values, no files, no store, no decisions.
//!
//! Where trips come from (a database, the files of a replay) is the caller's. `docs/export.md` says what each format
//! holds and what it cannot hold.

mod csv;
mod geojson;
mod gpx;
mod owntracks;
mod polyline;
mod time;
mod traccar;

use std::io::{self, Write};

use milepost_engine::Uuid;
use milepost_engine::contract::TrackPoint;
use milepost_engine::geo::{LatLon, bearing_deg, distance_m};
use milepost_engine::sample::MonoTime;

pub use polyline::encode as encode_polyline;

/// A finished trip.
#[derive(Clone, Debug, PartialEq)]
pub struct Trip {
    /// Of the trip's record.
    pub id: Uuid,
    /// The mode of its longest leg, as in the record.
    pub mode: String,
    /// Epoch milliseconds at zero of the trip's axis; `None` where the wall clock was not known.
    pub epoch_ms: Option<i64>,
    /// The track in order of time.
    pub points: Vec<TrackPoint>,
    /// Where it stood, in order of time.
    pub stops: Vec<Stop>,
}

/// A stop inside a trip.
#[derive(Clone, Debug, PartialEq)]
pub struct Stop {
    /// Of the stop's record.
    pub id: Uuid,
    /// From.
    pub start: MonoTime,
    /// To.
    pub end: MonoTime,
    /// `light`, `jam`, `delivery`, `break`, `unknown`.
    pub class: String,
    /// Where, if that is known.
    pub position: Option<LatLon>,
}

/// What can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One GPX 1.1 document: a track for each trip, a waypoint for each stop.
    Gpx,
    /// One FeatureCollection (RFC 7946): a LineString with a time for each point, a Point for each stop.
    GeoJson,
    /// A row for each point.
    Csv,
    /// A JSON object a line for each trip, with Google's encoded polyline and its precision.
    Polyline {
        /// Decimal places: 5 is what most read, 6 is what OSRM and Valhalla call polyline6.
        precision: u8,
    },
    /// A body for Traccar's OsmAnd port (JSON, since 6.7) a line, for each point.
    Traccar,
    /// A body for an OwnTracks recorder a line: a location for each point, transitions for each stop.
    OwnTracks,
}

/// Who sends, where a format has room for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sender<'a> {
    /// Traccar's unique identifier of a device; OwnTracks shows its last two letters.
    pub device_id: &'a str,
}

/// Writes trips. Fails where the format must have wall time and a trip has none, and where `out` fails.
pub fn write(format: Format, sender: Sender<'_>, trips: &[Trip], out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Gpx => gpx::write(trips, out),
        Format::GeoJson => geojson::write(trips, out),
        Format::Csv => csv::write(trips, out),
        Format::Polyline { precision } => polyline::write(precision, trips, out),
        Format::Traccar => traccar::write(sender, trips, out),
        Format::OwnTracks => owntracks::write(sender, trips, out),
    }
}

/// Nearer than this two points have no direction: the track is good to a metre or two.
const MIN_STEP_M: f64 = 2.0;

impl Trip {
    /// Epoch milliseconds of a moment, where known.
    pub fn wall_ms(&self, t: MonoTime) -> Option<i64> {
        Some(self.epoch_ms?.saturating_add(t.0.div_euclid(1_000_000)))
    }

    fn must_have_wall_ms(&self, t: MonoTime) -> io::Result<i64> {
        let unknown = || io::Error::other(format!("trip {}: without a wall clock this format has no times", self.id));
        self.wall_ms(t).ok_or_else(unknown)
    }

    /// The points, each with its heading; where it has none, the course from it to the first that is a step away, or the
    /// last known.
    fn with_course(&self) -> impl Iterator<Item = (&TrackPoint, Option<f64>)> {
        let mut course = None;
        self.points.iter().enumerate().map(move |(n, point)| {
            // A vehicle that stands has many points in one place: looking far ahead would only find another course.
            let ahead = self.points.iter().skip(n + 1).take(5);
            let mut step = ahead.filter(|later| distance_m(point.position, later.position) >= MIN_STEP_M);
            let onwards = || step.next().map(|later| bearing_deg(point.position, later.position));
            course = point.heading_deg.map(f64::from).or_else(onwards).or(course);
            (point, course)
        })
    }
}
