//! Sensor Logger (Kelvin Choi's app): a folder or zip with a CSV per sensor. Times are epoch nanoseconds; forces are in
//! m/s² with the sign of the phone's platform unless the app was told to standardise (its `UNITS.md`, `COORDINATES.md`).

use milepost_engine::num::G_MPS2;
use milepost_engine::parse::Named;
use milepost_engine::sample::{Activity, Fix, MonoTime, Signal};

use super::error::ImportError;
use super::join::{self, Sensor, Three};
use super::merge::{Parts, Stream};
use super::order::Rows;
use super::place::Place;
use super::sensorlog::{activity, ios_confidence};
use super::session::Session;
use super::table::{Dialect, Table};

const METADATA: &str = "Metadata.csv";
const TOTAL: &str = "TotalAcceleration.csv";
/// Without gravity.
const LINEAR: &str = "Accelerometer.csv";
const GRAVITY: &str = "Gravity.csv";
const RAW: &str = "AccelerometerUncalibrated.csv";
const RATES: [&str; 2] = ["Gyroscope.csv", "GyroscopeUncalibrated.csv"];
const LOCATIONS: [&str; 3] = ["Location.csv", "LocationGps.csv", "LocationNetwork.csv"];
const ACTIVITY: &str = "Activity.csv";
const BATTERY: &str = "Battery.csv";
const PEDOMETER: &str = "Pedometer.csv";
/// Every file of this app has this column.
pub(crate) const ELAPSED: &str = "seconds_elapsed";

/// Times are nanoseconds.
const NANO: i32 = -9;

/// Whether the files look like this app's.
pub(crate) fn is_place(place: &Place) -> bool {
    let known = [TOTAL, LINEAR, RAW].into_iter().chain(RATES).chain(LOCATIONS);
    let is_one = |name: &str| Table::sniff(name, place.open(name)?).map(|table| table.column(&[ELAPSED]).is_some());
    known.into_iter().filter(|name| place.has(name)).any(|name| is_one(name).unwrap_or(false))
}

/// Checks all rows and makes them ready to be read.
pub(crate) fn open(place: &Place) -> Result<Parts, ImportError> {
    let about = About::read(place)?;
    let mut parts = Parts { session: about.session.clone(), ..Parts::default() };
    if let Some(imu) = imu(place, &about, &mut parts.notes)? {
        parts.imu = Some(imu);
    }
    parts.named = signals(place)?;
    if let Some(file) = LOCATIONS.into_iter().find(|name| place.has(name)) {
        parts.take_fixes(file, || fixes(place, file))?;
    }
    if parts.imu.is_none() && parts.fixes.is_none() {
        let what = format!("holds neither {TOTAL} nor {LINEAR} with {GRAVITY} nor {RAW} nor Location.csv");
        return Err(ImportError::file(place.name(), what));
    }
    Ok(parts)
}

struct About {
    session: Session,
    /// What brings forces to Android's sign.
    sign: f64,
    /// What brings raw forces to m/s², the sign apart.
    raw_unit: f64,
}

impl About {
    fn read(place: &Place) -> Result<Self, ImportError> {
        let mut session = Session::default();
        let mut standardised = false;
        if place.has(METADATA) {
            let mut table = Table::open(METADATA, place.open(METADATA)?, Dialect::COMMA)?;
            if table.next_row()? {
                let text = |names: &[&str]| table.column(names).map(|column| table.cell(column)).transpose();
                session.platform = text(&["platform"])?.map(str::to_ascii_lowercase);
                session.device = text(&["device name"])?.map(str::to_owned);
                standardised = text(&["standardisation"])?.is_some_and(|v| v.eq_ignore_ascii_case("true"));
            }
        }
        let ios = session.platform.as_deref() == Some("ios") && !standardised;
        let (sign, raw_unit) = if ios { (-1.0, G_MPS2) } else { (1.0, 1.0) };
        Ok(Self { session, sign, raw_unit })
    }
}

fn imu(
    place: &Place,
    about: &About,
    notes: &mut Vec<String>,
) -> Result<Option<Stream<milepost_engine::sample::ImuSample>>, ImportError> {
    let sensor = |file: &'static str, factor: f64| Sensor::open(file, move || three(place, file, factor));
    let (file, factor, gravity) = if place.has(TOTAL) {
        (TOTAL, about.sign, None)
    } else if place.has(LINEAR) && place.has(GRAVITY) {
        (LINEAR, about.sign, Some(sensor(GRAVITY, about.sign)?))
    } else if place.has(RAW) {
        (RAW, about.sign * about.raw_unit, None)
    } else {
        if place.has(LINEAR) {
            notes.push(format!("{LINEAR} has gravity removed and there is no {GRAVITY}: it is not used"));
        }
        return Ok(None);
    };
    let force = sensor(file, factor)?;
    let rates = RATES.into_iter().find(|name| place.has(name)).map(|name| sensor(name, 1.0)).transpose()?;
    Stream::open(file, || join::samples(&force, gravity.as_ref(), rates.as_ref())).map(Some)
}

fn table(place: &Place, file: &str) -> Result<(Table, usize), ImportError> {
    let table = Table::open(file, place.open(file)?, Dialect::COMMA)?;
    let time = table.need(&["time"])?;
    Ok((table, time))
}

fn three(place: &Place, file: &str, factor: f64) -> Result<Rows<Three>, ImportError> {
    let (table, time) = table(place, file)?;
    let (x, y, z) = (table.need(&["x"])?, table.need(&["y"])?, table.need(&["z"])?);
    Ok(table.rows(move |row| {
        let xyz: [f64; 3] = [row.needed(x)?, row.needed(y)?, row.needed(z)?];
        Ok(Three { t: row.time(time, NANO)?, xyz: xyz.map(|v| factor * v) })
    }))
}

fn fixes(place: &Place, file: &str) -> Result<Rows<Fix>, ImportError> {
    let (table, time) = table(place, file)?;
    let (lat, lon) = (table.need(&["latitude"])?, table.need(&["longitude"])?);
    let [alt, speed, bearing, hacc] =
        ["altitude", "speed", "bearing", "horizontalAccuracy"].map(|name| table.column(&[name]));
    Ok(table.rows(move |row| {
        let optional = |column: Option<usize>| column.map_or(Ok(None), |column| row.number::<f32>(column));
        // Negative means invalid.
        let valid = |v: &f32| *v >= 0.0;
        Ok(Fix {
            t: row.time(time, NANO)?,
            lat_deg: row.number(lat)?.unwrap_or(f64::NAN),
            lon_deg: row.number(lon)?.unwrap_or(f64::NAN),
            alt_m: optional(alt)?,
            speed_mps: optional(speed)?.filter(valid),
            bearing_deg: optional(bearing)?.filter(valid),
            hacc_m: optional(hacc)?,
            arrived: None,
            wall_ms: None,
            mock: false,
        })
    }))
}

fn signals(place: &Place) -> Result<Option<Stream<(MonoTime, Named)>>, ImportError> {
    type File = (&'static str, fn(&Place) -> Result<Rows<(MonoTime, Named)>, ImportError>);
    let known: [File; 4] = [(ACTIVITY, activities), (BATTERY, charging), (BATTERY, power_saving), (PEDOMETER, steps)];
    let files: Vec<File> = known.into_iter().filter(|(name, _)| place.has(name)).collect();
    let Some((first, _)) = files.first() else { return Ok(None) };
    let rows = || -> Result<Rows<(MonoTime, Named)>, ImportError> {
        let all: Vec<_> = files.iter().map(|(_, rows)| rows(place)).collect::<Result<_, _>>()?;
        Ok(Box::new(all.into_iter().flatten()))
    };
    Stream::open(first, rows).map(Some)
}

fn activities(place: &Place) -> Result<Rows<(MonoTime, Named)>, ImportError> {
    let (table, time) = table(place, ACTIVITY)?;
    let (name, confidence) = (table.need(&["activity"])?, table.column(&["confidence"]));
    Ok(table.rows(move |row| {
        let confidence = confidence.map_or(Ok(None), |column| row.cell(column).map(ios_confidence))?;
        let activity: Activity = activity(row.cell(name)?);
        Ok((row.time(time, NANO)?, Named::Signal(Signal::Activity(activity, confidence))))
    }))
}

fn charging(place: &Place) -> Result<Rows<(MonoTime, Named)>, ImportError> {
    let (table, time) = table(place, BATTERY)?;
    let state = table.need(&["batteryState"])?;
    Ok(table.rows(move |row| {
        let on = ["charging", "full"].iter().any(|word| row.cell(state).is_ok_and(|v| v.eq_ignore_ascii_case(word)));
        Ok((row.time(time, NANO)?, Named::Signal(Signal::Charging(on))))
    }))
}

fn power_saving(place: &Place) -> Result<Rows<(MonoTime, Named)>, ImportError> {
    let (table, time) = table(place, BATTERY)?;
    let Some(mode) = table.column(&["lowPowerMode"]) else { return Ok(Box::new(std::iter::empty())) };
    Ok(table.rows(move |row| {
        let on = ["true", "1"].iter().any(|word| row.cell(mode).is_ok_and(|v| v.eq_ignore_ascii_case(word)));
        Ok((row.time(time, NANO)?, Named::Signal(Signal::PowerSave(on))))
    }))
}

fn steps(place: &Place) -> Result<Rows<(MonoTime, Named)>, ImportError> {
    let (table, time) = table(place, PEDOMETER)?;
    let steps = table.need(&["steps"])?;
    Ok(table.rows(move |row| {
        let count: f64 = row.needed(steps)?;
        // A count is never negative nor beyond what a double counts exactly; `as` saturates.
        Ok((row.time(time, NANO)?, Named::Signal(Signal::Steps(count as u64))))
    }))
}
