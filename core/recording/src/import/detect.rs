//! What a recording is, by what is in it rather than by its name. Looks at the first bytes and at headers only; whether
//! the rest holds is the formats' to say.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use super::error::{ImportError, shown};
use super::place::Place;
use super::table::Table;
use super::{Format, phyphox, plain, sensor_logger, sensorlog};
use crate::native;

/// Enough for a header of any logger, and for the preamble of an XML file.
const HEAD_BYTES: u64 = 8 * 1024;

/// What a path leads to.
pub(crate) enum Found {
    /// A native recording.
    Native,
    /// Files of a folder, an archive, or a single table.
    Files(Format, Place),
}

/// Finds out what a path leads to; `wanted` overrides what it looks like.
pub(crate) fn detect(path: &Path, wanted: Option<Format>) -> Result<Found, ImportError> {
    let name = shown(path);
    let kind = fs::metadata(path).map_err(|e| ImportError::io(&name, e))?.file_type();
    if kind.is_dir() {
        let place = Place::folder(path)?;
        let format = wanted.map_or_else(|| of_place(&place), Ok)?;
        return Ok(Found::Files(format, place));
    }
    if !kind.is_file() {
        return Err(ImportError::file(&name, "is neither a file nor a folder"));
    }
    let mut head = Vec::new();
    let file = File::open(path).map_err(|e| ImportError::io(&name, e))?;
    file.take(HEAD_BYTES).read_to_end(&mut head).map_err(|e| ImportError::io(&name, e))?;
    if head.is_empty() {
        return Err(ImportError::file(&name, "is empty"));
    }
    if wanted == Some(Format::Native) || (wanted.is_none() && head.starts_with(&native::MAGIC)) {
        return Ok(Found::Native);
    }
    if head.starts_with(b"PK\x03\x04") && wanted != Some(Format::Gpx) {
        let place = Place::zip(path)?;
        let format = wanted.map_or_else(|| of_place(&place), Ok)?;
        return Ok(Found::Files(format, place));
    }
    let place = Place::file(path);
    let format = wanted.map_or_else(|| of_file(&place, &head), Ok)?;
    Ok(Found::Files(format, place))
}

fn of_place(place: &Place) -> Result<Format, ImportError> {
    if place.has(plain::IMU) || place.has(plain::GNSS) {
        return Ok(Format::Plain);
    }
    if sensor_logger::is_place(place) {
        return Ok(Format::SensorLogger);
    }
    if place.tables().any(|file| phyphox::is_table(place, file)) {
        return Ok(Format::Phyphox);
    }
    if sensorlog_table(place).is_some() {
        return Ok(Format::SensorLog);
    }
    let what = format!("holds neither {} nor {}, nor files of a logger that is known", plain::IMU, plain::GNSS);
    Err(ImportError::file(place.name(), what))
}

/// The table of a SensorLog recording: the file itself, or the one in an archive.
pub(crate) fn sensorlog_table(place: &Place) -> Option<&str> {
    let is_one = |file: &&str| {
        let table = place.open(file).and_then(|source| Table::sniff(file, source));
        table.is_ok_and(|table| sensorlog::is_header(&table.header().join(",")))
    };
    place.tables().find(is_one)
}

fn of_file(place: &Place, head: &[u8]) -> Result<Format, ImportError> {
    let name = place.name();
    if head.contains(&0) {
        return Err(ImportError::file(name, "is binary and no recording that is known"));
    }
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with('<') {
        // The name may stand behind a long comment; then the reader says what is wrong.
        let is_gpx = text.contains("<gpx") || !text.contains("<html");
        return if is_gpx { Ok(Format::Gpx) } else { Err(ImportError::file(name, "is a web page and no recording")) };
    }
    let header = text.lines().next().unwrap_or_default();
    if sensorlog::is_header(header) {
        return Ok(Format::SensorLog);
    }
    if header.contains(phyphox::TIME) {
        return Ok(Format::Phyphox);
    }
    if header.contains(sensor_logger::ELAPSED) {
        return Err(ImportError::file(name, "is one table of a Sensor Logger recording: give its folder or zip"));
    }
    if [plain::IMU_HEADER, plain::GNSS_HEADER, plain::SIGNALS_HEADER].iter().any(|known| header.starts_with(known)) {
        return Err(ImportError::file(name, "is one file of a plain folder: give the folder"));
    }
    let formats: Vec<_> = Format::ALL.iter().map(|(name, _)| *name).collect();
    Err(ImportError::file(name, format!("is no recording that is known ({})", formats.join(", "))))
}
