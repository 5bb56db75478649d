//! phyphox exports: a CSV, or a folder or zip of them, each with `Time (s)` and the sensors' columns, in any of its four
//! dialects. The app brings iPhones to Android's sign itself. Times count from the start without the pauses;
//! `meta/time.csv` says when that was.

use milepost_engine::sample::{Fix, MonoTime};

use super::error::ImportError;
use super::join::{self, Sensor, Three};
use super::merge::{Parts, Stream};
use super::order::Rows;
use super::place::Place;
use super::session::Session;
use super::table::Table;

const TIMES: &str = "meta/time.csv";
const DEVICE: &str = "meta/device.csv";
/// The column that every table of the app has.
pub(crate) const TIME: &str = "Time (s)";

const FORCE: &str = "Acceleration";
const LINEAR: &str = "Linear Acceleration";
const GRAVITY: &str = "Gravity";
const RATE: &str = "Gyroscope";
const LAT: [&str; 2] = ["Latitude (°)", "Latitude (deg)"];
const LON: [&str; 2] = ["Longitude (°)", "Longitude (deg)"];

/// Whether a table is of this app.
pub(crate) fn is_table(place: &Place, file: &str) -> bool {
    place.open(file).and_then(|source| Table::sniff(file, source)).is_ok_and(|table| table.column(&[TIME]).is_some())
}

/// Checks all rows and makes them ready to be read.
pub(crate) fn open(place: &Place) -> Result<Parts, ImportError> {
    let axis = Axis::read(place)?;
    let mut parts = Parts { session: session(place, &axis)?, ..Parts::default() };
    let files: Vec<String> = place.tables().filter(|file| is_table(place, file)).map(str::to_owned).collect();
    let find = |column: &str| files.iter().find(|file| has_axes(place, file, column));
    let sensor = |file, name: &'static str| {
        let axis = &axis;
        Sensor::open(file, move || three(place, file, name, axis.clone()))
    };
    let rates = find(RATE).map(|file| sensor(file, RATE)).transpose()?;
    let (force, gravity) = match (find(FORCE), find(LINEAR), find(GRAVITY)) {
        (Some(file), ..) => (Some((file, sensor(file, FORCE)?)), None),
        (None, Some(file), Some(gravity)) => (Some((file, sensor(file, LINEAR)?)), Some(sensor(gravity, GRAVITY)?)),
        (None, Some(file), None) => {
            parts.notes.push(format!("{file} has gravity removed: it is not used"));
            (None, None)
        }
        (None, None, _) => (None, None),
    };
    if let Some((file, force)) = force {
        parts.imu = Some(Stream::open(file, || join::samples(&force, gravity.as_ref(), rates.as_ref()))?);
    }
    let has_fixes =
        |file: &&String| place.open(file).and_then(|s| Table::sniff(file, s)).is_ok_and(|t| t.column(&LAT).is_some());
    if let Some(file) = files.iter().find(has_fixes) {
        parts.take_fixes(file, || fixes(place, file, axis.clone()))?;
    }
    if parts.imu.is_none() && parts.fixes.is_none() {
        return Err(ImportError::file(
            place.name(),
            "holds no table with acceleration with gravity, and none with positions",
        ));
    }
    Ok(parts)
}

/// From the app's own time to epoch time: a piece from each start on.
#[derive(Clone, Default)]
struct Axis {
    /// Own time and epoch time of each start, in order.
    starts: Vec<(MonoTime, MonoTime)>,
    utc_offset_min: Option<i32>,
}

impl Axis {
    fn read(place: &Place) -> Result<Self, ImportError> {
        let mut axis = Self::default();
        if !place.has(TIMES) {
            return Ok(axis);
        }
        let mut table = Table::sniff(TIMES, place.open(TIMES)?)?;
        let (event, own, system) =
            (table.need(&["event"])?, table.need(&["experiment time"])?, table.need(&["system time"])?);
        let text = table.column(&["system time text"]);
        while table.next_row()? {
            if table.cell(event)?.eq_ignore_ascii_case("START") {
                axis.starts.push((table.time(own, 0)?, table.time(system, 0)?));
            }
            if let Some(text) = text {
                axis.utc_offset_min = axis.utc_offset_min.or(utc_offset(table.cell(text)?));
            }
        }
        axis.starts.sort();
        Ok(axis)
    }

    fn epoch(&self, t: MonoTime) -> MonoTime {
        let start = self.starts.iter().rev().find(|(own, _)| *own <= t).or(self.starts.first());
        match start {
            Some((own, system)) => MonoTime(t.0.saturating_sub(own.0).saturating_add(system.0)),
            None => t,
        }
    }
}

/// `… UTC+02:00` in minutes.
fn utc_offset(text: &str) -> Option<i32> {
    let (_, zone) = text.rsplit_once("UTC")?;
    let (sign, zone) = match zone.strip_prefix('-') {
        Some(zone) => (-1, zone),
        None => (1, zone.strip_prefix('+')?),
    };
    let (hours, minutes) = zone.split_once(':')?;
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    ((0..=18).contains(&hours) && (0..60).contains(&minutes)).then_some(sign * (hours * 60 + minutes))
}

fn session(place: &Place, axis: &Axis) -> Result<Session, ImportError> {
    let mut session = Session { utc_offset_min: axis.utc_offset_min, ..Session::default() };
    if !place.has(DEVICE) {
        return Ok(session);
    }
    let mut table = Table::sniff(DEVICE, place.open(DEVICE)?)?;
    let (property, value) = (table.need(&["property"])?, table.need(&["value"])?);
    while table.next_row()? {
        let value = table.cell(value)?;
        match table.cell(property)? {
            "deviceModel" => session.device = Some(value.to_owned()),
            "deviceBrand" if value.eq_ignore_ascii_case("apple") => session.platform = Some("ios".to_owned()),
            "deviceBrand" => session.platform = Some("android".to_owned()),
            _ => {}
        }
    }
    Ok(session)
}

fn axes(table: &Table, sensor: &str) -> Option<[usize; 3]> {
    // The unit is written `m/s^2` or `m/s²`.
    let axis = |axis: &str| {
        let start = format!("{sensor} {axis} ").to_ascii_lowercase();
        table.header().iter().position(|name| name.to_ascii_lowercase().starts_with(&start))
    };
    Some([axis("x")?, axis("y")?, axis("z")?])
}

fn has_axes(place: &Place, file: &str, sensor: &str) -> bool {
    place.open(file).and_then(|source| Table::sniff(file, source)).is_ok_and(|table| axes(&table, sensor).is_some())
}

fn three(place: &Place, file: &str, sensor: &str, axis: Axis) -> Result<Rows<Three>, ImportError> {
    let table = Table::sniff(file, place.open(file)?)?;
    let time = table.need(&[TIME])?;
    let Some([x, y, z]) = axes(&table, sensor) else {
        return Err(ImportError::row(file, 1, format!("the header has no columns {sensor} x, y, z")));
    };
    Ok(table.rows(move |row| {
        let value = |column| row.number(column).map(|v| v.unwrap_or(f64::NAN));
        Ok(Three { t: axis.epoch(row.time(time, 0)?), xyz: [value(x)?, value(y)?, value(z)?] })
    }))
}

fn fixes(place: &Place, file: &str, axis: Axis) -> Result<Rows<Fix>, ImportError> {
    let table = Table::sniff(file, place.open(file)?)?;
    let (time, lat, lon) = (table.need(&[TIME])?, table.need(&LAT)?, table.need(&LON)?);
    let alt = table.column(&["Height (m)", "Altitude (m)"]);
    let speed = table.column(&["Velocity (m/s)", "Speed (m/s)"]);
    let bearing = table.column(&["Direction (°)", "Direction (deg)"]);
    let hacc = table.column(&["Horizontal Accuracy (m)"]);
    Ok(table.rows(move |row| {
        // The app writes NaN, and iPhones −1, for what is not known.
        let optional = |column: Option<usize>| column.map_or(Ok(None), |column| row.number::<f32>(column));
        let known = |v: &f32| !v.is_nan();
        let valid = |v: &f32| *v >= 0.0;
        Ok(Fix {
            t: axis.epoch(row.time(time, 0)?),
            lat_deg: row.number(lat)?.unwrap_or(f64::NAN),
            lon_deg: row.number(lon)?.unwrap_or(f64::NAN),
            alt_m: optional(alt)?.filter(known),
            speed_mps: optional(speed)?.filter(valid),
            bearing_deg: optional(bearing)?.filter(valid),
            hacc_m: optional(hacc)?.filter(known),
            arrived: None,
            wall_ms: None,
            mock: false,
        })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use milepost_engine::sample::NS_PER_S;

    #[test]
    fn pauses_are_put_back() {
        let s = |t: i64| MonoTime(t * NS_PER_S);
        let axis = Axis { starts: vec![(s(0), s(1000)), (s(10), s(1100))], utc_offset_min: None };
        assert_eq!([-1, 0, 9, 10, 12].map(|t| axis.epoch(s(t))), [s(999), s(1000), s(1009), s(1100), s(1102)]);
        assert_eq!(Axis::default().epoch(s(5)), s(5));
    }

    #[test]
    fn the_zone_is_read_from_the_text() {
        assert_eq!(utc_offset("2025-10-05 10:20:00.000 UTC+02:00"), Some(120));
        assert_eq!(utc_offset("2026-09-21 07:13:20.000 UTC-07:30"), Some(-450));
        assert_eq!(utc_offset("2026-09-21 07:13:20.000 UTC+99:00"), None);
        assert_eq!(utc_offset("noon"), None);
    }
}
