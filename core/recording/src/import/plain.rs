//! The plain folder of RECORDS.md: `imu.csv`, `gnss.csv`, `signals.csv`, `session.json`. Headers and cells are taken
//! exactly as specified; whether values make sense is the engine's intake's.

use milepost_engine::parse::{self, Named};
use milepost_engine::sample::{Fix, ImuSample, MonoTime};

use super::error::{ImportError, quoted};
use super::merge::{Parts, Stream};
use super::order::{Rows, Timed};
use super::place::Place;
use super::session;
use super::table::{Dialect, Table};

pub(crate) const IMU: &str = "imu.csv";
pub(crate) const GNSS: &str = "gnss.csv";
pub(crate) const SIGNALS: &str = "signals.csv";
pub(crate) const SESSION: &str = "session.json";

pub(crate) const IMU_HEADER: &str = "t_s,ax,ay,az,gx,gy,gz";
pub(crate) const GNSS_HEADER: &str = "t_s,lat,lon,alt_m,speed_mps,bearing_deg,hacc_m";
/// At the end of [`GNSS_HEADER`], optional.
pub(crate) const ARRIVED: &str = ",arrived_t_s";
pub(crate) const SIGNALS_HEADER: &str = "t_s,kind,value,confidence";

/// Checks all rows of a folder and makes it ready to be read.
pub(crate) fn open(place: &Place) -> Result<Parts, ImportError> {
    if !place.has(IMU) && !place.has(GNSS) {
        return Err(ImportError::file(place.name(), format!("holds neither {IMU} nor {GNSS}")));
    }
    let (session, clocks) = match place.has(SESSION) {
        true => session::read(SESSION, place.open(SESSION)?)?,
        false => Default::default(),
    };
    let imu = stream(place, IMU, imu_rows)?;
    let named = stream(place, SIGNALS, named_rows)?;
    let mut parts = Parts { imu, named, session, clocks, ..Parts::default() };
    if place.has(GNSS) {
        parts.take_fixes(GNSS, || fix_rows(place))?;
    }
    Ok(parts)
}

fn stream<T: Timed>(
    place: &Place,
    file: &str,
    rows: fn(&Place) -> Result<Rows<T>, ImportError>,
) -> Result<Option<Stream<T>>, ImportError> {
    place.has(file).then(|| Stream::open(file, || rows(place))).transpose()
}

fn table(place: &Place, file: &str, headers: &[&str]) -> Result<Table, ImportError> {
    let table = Table::open(file, place.open(file)?, Dialect::COMMA)?;
    let header = table.header().join(",");
    if !headers.contains(&header.as_str()) {
        let wanted = headers.join(" or ");
        return Err(ImportError::row(file, 1, format!("the header is {}, it should be {wanted}", quoted(&header))));
    }
    Ok(table)
}

fn imu_rows(place: &Place) -> Result<Rows<ImuSample>, ImportError> {
    let table = table(place, IMU, &[IMU_HEADER])?;
    Ok(table.rows(|row| {
        let t = row.time(0, 0)?;
        let force_mps2 = [row.needed(1)?, row.needed(2)?, row.needed(3)?];
        let rate_rad_s = match (row.number(4)?, row.number(5)?, row.number(6)?) {
            (None, None, None) => None,
            // Two axes of a gyroscope are none: as NaN the sample is refused and counted.
            (gx, gy, gz) => Some([gx, gy, gz].map(|g| g.unwrap_or(f32::NAN))),
        };
        Ok(ImuSample { t, force_mps2, rate_rad_s })
    }))
}

fn fix_rows(place: &Place) -> Result<Rows<Fix>, ImportError> {
    let table = table(place, GNSS, &[GNSS_HEADER, &format!("{GNSS_HEADER}{ARRIVED}")])?;
    let has_arrived = table.header().len() > 7;
    Ok(table.rows(move |row| {
        let arrived = match has_arrived && !row.cell(7)?.is_empty() {
            true => Some(row.time(7, 0)?),
            false => None,
        };
        Ok(Fix {
            t: row.time(0, 0)?,
            lat_deg: row.number(1)?.unwrap_or(f64::NAN),
            lon_deg: row.number(2)?.unwrap_or(f64::NAN),
            alt_m: row.number(3)?,
            speed_mps: row.number(4)?,
            bearing_deg: row.number(5)?,
            hacc_m: row.number(6)?,
            arrived,
            wall_ms: None,
            mock: false,
        })
    }))
}

fn named_rows(place: &Place) -> Result<Rows<(MonoTime, Named)>, ImportError> {
    let table = table(place, SIGNALS, &[SIGNALS_HEADER])?;
    Ok(table.rows(|row| {
        let t = row.time(0, 0)?;
        let confidence = row.number(3)?;
        let named = parse::parse(row.cell(1)?, row.cell(2)?, confidence).map_err(|e| {
            let column = match e {
                parse::NamedError::Kind(_) => 1,
                parse::NamedError::Value { .. } => 2,
                parse::NamedError::Confidence(_) => 3,
            };
            row.cell_error(column, e.to_string())
        })?;
        Ok((t, named))
    }))
}
