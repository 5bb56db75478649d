//! SensorLog and its kin on iPhones: one CSV with a row per IMU sample, the last fix and the last activity repeated in
//! every row. Forces are in g with the iOS sign; a time stamp without a zone is taken as UTC unless the caller knows the
//! offset. The compass (`TrueHeading`) is no course and is left out.

use chrono::{DateTime, NaiveDateTime};
use milepost_engine::num::G_MPS2;
use milepost_engine::parse::Named;
use milepost_engine::sample::{Activity, Fix, ImuSample, MonoTime, NS_PER_S, Signal};

use super::error::{ImportError, quoted};
use super::merge::{Parts, Stream};
use super::order::Rows;
use super::place::Place;
use super::session::Session;
use super::table::Table;

/// How the time of a row may be called.
const TIME: [&str; 2] = ["Timestamp", "loggingTime(txt)"];
const FORCE: [[&str; 2]; 3] = [
    ["accelX(g)", "accelerometerAccelerationX(G)"],
    ["accelY(g)", "accelerometerAccelerationY(G)"],
    ["accelZ(g)", "accelerometerAccelerationZ(G)"],
];
const RATE: [[&str; 3]; 3] = [
    ["gyroX(rad/s)", "gyroRotationX(rad/s)", "motionRotationRateX(rad/s)"],
    ["gyroY(rad/s)", "gyroRotationY(rad/s)", "motionRotationRateY(rad/s)"],
    ["gyroZ(rad/s)", "gyroRotationZ(rad/s)", "motionRotationRateZ(rad/s)"],
];
const LAT: [&str; 2] = ["Lat", "locationLatitude(WGS84)"];
const LON: [&str; 2] = ["Long", "locationLongitude(WGS84)"];
const SPEED: [&str; 2] = ["Speed(m/s)", "locationSpeed(m/s)"];
const ALTITUDE: [&str; 2] = ["Alt(m)", "locationAltitude(m)"];
const ACCURACY: [&str; 2] = ["HorizontalAccuracy(m)", "locationHorizontalAccuracy(m)"];
const COURSE: [&str; 1] = ["locationCourse(°)"];
/// The fix's own time, where the logger gives it.
const FIX_TIME: [&str; 1] = ["locationTimestamp_since1970(s)"];
const ACTIVITY: [&str; 2] = ["ActivityType", "activity(txt)"];
const CONFIDENCE: [&str; 2] = ["ActivityConfidence", "activityActivityConfidence(Z)"];

/// Formats of time stamps without a zone.
const LOCAL_TIMES: [&str; 3] = ["%d-%b-%Y %H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f"];

/// Whether a header is of this kind.
pub(crate) fn is_header(header: &str) -> bool {
    FORCE.first().is_some_and(|names| names.iter().any(|name| header.contains(name)))
}

/// Checks all rows of a file and makes it ready to be read.
pub(crate) fn open(place: &Place, file: &str, utc_offset_min: Option<i32>) -> Result<Parts, ImportError> {
    let session = Session { platform: Some("ios".to_owned()), utc_offset_min, ..Session::default() };
    let table = || Table::sniff(file, place.open(file)?);
    let columns = Columns::of(&table()?, utc_offset_min)?;
    let imu = Some(Stream::open(file, || Ok(imu(table()?, columns)))?);
    let mut parts = Parts { session, imu, ..Parts::default() };
    if columns.activity.is_some() {
        parts.named = Some(Stream::open(file, || Ok(activities(table()?, columns)))?);
    }
    if columns.lat.is_some() && columns.lon.is_some() {
        parts.take_fixes(file, || Ok(fixes(table()?, columns)))?;
    }
    Ok(parts)
}

/// Where things are in a row.
#[derive(Clone, Copy)]
struct Columns {
    utc_offset_min: i32,
    time: usize,
    force: [usize; 3],
    rate: [Option<usize>; 3],
    lat: Option<usize>,
    lon: Option<usize>,
    speed: Option<usize>,
    altitude: Option<usize>,
    accuracy: Option<usize>,
    course: Option<usize>,
    fix_time: Option<usize>,
    activity: Option<usize>,
    confidence: Option<usize>,
}

impl Columns {
    fn of(table: &Table, utc_offset_min: Option<i32>) -> Result<Self, ImportError> {
        let [x, y, z] = FORCE;
        Ok(Self {
            utc_offset_min: utc_offset_min.unwrap_or(0),
            time: table.need(&TIME)?,
            force: [table.need(&x)?, table.need(&y)?, table.need(&z)?],
            rate: RATE.map(|names| table.column(&names)),
            lat: table.column(&LAT),
            lon: table.column(&LON),
            speed: table.column(&SPEED),
            altitude: table.column(&ALTITUDE),
            accuracy: table.column(&ACCURACY),
            course: table.column(&COURSE),
            fix_time: table.column(&FIX_TIME),
            activity: table.column(&ACTIVITY),
            confidence: table.column(&CONFIDENCE),
        })
    }

    fn time(&self, row: &Table) -> Result<MonoTime, ImportError> {
        let cell = row.cell(self.time)?;
        time(cell, self.utc_offset_min).ok_or_else(|| row.cell_error(self.time, format!("{} is no time", quoted(cell))))
    }
}

/// Epoch time of a stamp with a zone, or of a local one.
fn time(text: &str, utc_offset_min: i32) -> Option<MonoTime> {
    let zoned =
        DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f %z"));
    if let Ok(zoned) = zoned {
        return zoned.timestamp_nanos_opt().map(MonoTime);
    }
    let local = LOCAL_TIMES.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())?;
    let ns = local.and_utc().timestamp_nanos_opt()?;
    ns.checked_sub(i64::from(utc_offset_min) * 60 * NS_PER_S).map(MonoTime)
}

fn imu(table: Table, columns: Columns) -> Rows<ImuSample> {
    table.rows(move |row| {
        let t = columns.time(row)?;
        let force = |axis: usize| row.needed::<f64>(axis).map(|g| (-G_MPS2 * g) as f32);
        let [x, y, z] = columns.force;
        let force_mps2 = [force(x)?, force(y)?, force(z)?];
        let [gx, gy, gz] = columns.rate;
        let rate_rad_s = match (optional(row, gx)?, optional(row, gy)?, optional(row, gz)?) {
            (Some(gx), Some(gy), Some(gz)) => Some([gx, gy, gz]),
            _ => None,
        };
        Ok(ImuSample { t, force_mps2, rate_rad_s })
    })
}

/// The first row of each fix.
fn fixes(table: Table, columns: Columns) -> Rows<Fix> {
    let rows = table.rows(move |row| {
        let t = columns.time(row)?;
        let t = match columns.fix_time {
            Some(column) if !is_empty(row.cell(column)?) => row.time(column, 0)?,
            _ => t,
        };
        let (lat, lon) = (optional(row, columns.lat)?, optional(row, columns.lon)?);
        let (Some(lat_deg), Some(lon_deg)) = (lat, lon) else { return Ok(None) };
        let not_negative = |v: &f32| *v >= 0.0;
        Ok(Some(Fix {
            t,
            lat_deg,
            lon_deg,
            alt_m: optional(row, columns.altitude)?,
            speed_mps: optional(row, columns.speed)?.filter(not_negative),
            bearing_deg: optional(row, columns.course)?.filter(not_negative),
            hacc_m: optional(row, columns.accuracy)?,
            arrived: None,
            wall_ms: None,
            mock: false,
        }))
    });
    let own_time = columns.fix_time.is_some();
    let key = move |fix: &Fix| {
        let speed = fix.speed_mps.map(f32::to_bits);
        (fix.lat_deg.to_bits(), fix.lon_deg.to_bits(), speed, own_time.then_some(fix.t))
    };
    Box::new(firsts(rows, key))
}

/// The first row of each activity.
fn activities(table: Table, columns: Columns) -> Rows<(MonoTime, Named)> {
    let rows = table.rows(move |row| {
        let t = columns.time(row)?;
        let name = columns.activity.map_or(Ok(""), |column| row.cell(column))?;
        if is_empty(name) {
            return Ok(None);
        }
        let activity = activity(name);
        let confidence = columns.confidence.map_or(Ok(""), |column| row.cell(column))?;
        Ok(Some((t, Named::Signal(Signal::Activity(activity, ios_confidence(confidence))))))
    });
    Box::new(firsts(rows, |(_, named)| format!("{named:?}")))
}

/// What is there, each only where it differs from the one before.
fn firsts<T: 'static, K: PartialEq + Send + 'static>(
    rows: Rows<Option<T>>,
    key: impl Fn(&T) -> K + Send + 'static,
) -> impl Iterator<Item = Result<T, ImportError>> + Send {
    let mut last = None;
    rows.filter_map(move |row| {
        let row = match row {
            Ok(row) => row?,
            Err(e) => return Some(Err(e)),
        };
        let this = Some(key(&row));
        if this == last {
            return None;
        }
        last = this;
        Some(Ok(row))
    })
}

/// Core Motion's word for an activity; several at once count as the one that moves most.
pub(crate) fn activity(name: &str) -> Activity {
    let name = name.to_ascii_lowercase();
    let words = [
        ("automotive", Activity::Automotive),
        ("cycling", Activity::Cycling),
        ("running", Activity::Running),
        ("walking", Activity::Walking),
        ("stationary", Activity::Still),
    ];
    words.into_iter().find(|(word, _)| name.contains(word)).map_or(Activity::Unknown, |(_, activity)| activity)
}

/// Core Motion's confidence, as a word or as its number, spread over 0–1.
pub(crate) fn ios_confidence(text: &str) -> Option<f32> {
    match text.to_ascii_lowercase().as_str() {
        "low" | "0" => Some(0.33),
        "medium" | "1" => Some(0.67),
        "high" | "2" => Some(1.0),
        _ => None,
    }
}

fn is_empty(cell: &str) -> bool {
    cell.is_empty() || cell == "null"
}

fn optional<T: std::str::FromStr>(row: &Table, column: Option<usize>) -> Result<Option<T>, ImportError> {
    match column {
        Some(column) if !is_empty(row.cell(column)?) => row.number(column),
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_with_and_without_a_zone() {
        let seconds = |text, offset| time(text, offset).map(|t| t.0 as f64 / 1e9);
        assert_eq!(seconds("24-May-2019 18:11:23.018", -300), Some(1_558_739_483.018));
        assert_eq!(seconds("24-May-2019 18:11:23.018", 0), Some(1_558_721_483.018));
        assert_eq!(seconds("2019-05-24T18:11:23.5-05:00", 60), Some(1_558_739_483.5));
        assert_eq!(seconds("2019-05-24 18:11:23.5 -0500", 60), Some(1_558_739_483.5));
        assert_eq!(seconds("2019-05-24 18:11:23", 0), Some(1_558_721_483.0));
        assert_eq!(seconds("24-May-9999 18:11:23.018", 0), None);
        assert_eq!(seconds("yesterday", 0), None);
    }

    #[test]
    fn a_car_at_a_light_is_automotive() {
        assert_eq!(activity("stationary+automotive"), Activity::Automotive);
        assert_eq!(activity("Stationary"), Activity::Still);
        assert_eq!(activity("?"), Activity::Unknown);
    }
}
