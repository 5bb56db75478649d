//! GPX 1.0 and 1.1: the points of the tracks, with the speed and course that many recorders put beside them or into
//! extensions. Streamed, so that a point's row can be named and a file of any size is read in little memory. (The `gpx`
//! crate reads whole files, drops extensions and refuses a file for one point out of range.)

use std::io::Read;

use chrono::{DateTime, NaiveDateTime};
use milepost_engine::sample::{Fix, MonoTime};
use xml::ParserConfig;
use xml::attribute::OwnedAttribute;
use xml::common::Position;
use xml::reader::{self, ErrorKind, EventReader, XmlEvent};

use super::error::{ImportError, one_line, quoted};
use super::merge::Parts;
use super::order::Rows;
use super::place::Place;
use super::table::Source;

/// Extensions nest two or three deep.
const MAX_DEPTH: usize = 64;
/// Texts and names in a GPX file are short; a description may be a page.
const MAX_TEXT_BYTES: usize = 64 * 1024;

/// Checks all points of a file and makes it ready to be read.
pub(crate) fn open(place: &Place, file: &str) -> Result<Parts, ImportError> {
    let mut parts = Parts::default();
    parts.take_fixes(file, || points(file, place.open(file)?))?;
    if parts.rows() == 0 {
        return Err(ImportError::file(file, "holds no track points"));
    }
    Ok(parts)
}

fn points(file: &str, source: Source) -> Result<Rows<Fix>, ImportError> {
    let mut reader = Points::new(file, source);
    let mut ended = false;
    Ok(Box::new(std::iter::from_fn(move || {
        if ended {
            return None;
        }
        let point = reader.next_point().transpose();
        ended = !matches!(point, Some(Ok(_)));
        point
    })))
}

struct Points {
    file: String,
    events: EventReader<NoNul>,
    /// Names of the open elements.
    path: Vec<String>,
    /// The point that is open, and its row.
    point: Option<(Point, u64)>,
    text: String,
}

#[derive(Default)]
struct Point {
    lat_deg: f64,
    lon_deg: f64,
    t: Option<MonoTime>,
    alt_m: Option<f32>,
    speed_mps: Option<f32>,
    bearing_deg: Option<f32>,
}

impl Points {
    fn new(file: &str, source: Source) -> Self {
        let mut config = ParserConfig::new().cdata_to_characters(true).ignore_comments(true);
        config.coalesce_characters = false;
        let config =
            config.max_data_length(MAX_TEXT_BYTES).max_name_length(MAX_TEXT_BYTES).max_attribute_length(MAX_TEXT_BYTES);
        let events = EventReader::new_with_config(NoNul(source), config);
        Self { file: file.to_owned(), events, path: Vec::new(), point: None, text: String::new() }
    }

    fn next_point(&mut self) -> Result<Option<Fix>, ImportError> {
        loop {
            let event = self.events.next().map_err(|e| self.error(reason(&e)))?;
            match event {
                XmlEvent::StartElement { name, attributes, .. } => self.begin(name.local_name, &attributes)?,
                XmlEvent::EndElement { .. } => {
                    if let Some(fix) = self.end()? {
                        return Ok(Some(fix));
                    }
                }
                XmlEvent::Characters(text) if self.point.is_some() => {
                    if self.text.len() + text.len() > MAX_TEXT_BYTES {
                        return Err(self.error("a text of more than 64 KB".to_owned()));
                    }
                    self.text.push_str(&text);
                }
                XmlEvent::EndDocument => return Ok(None),
                _ => {}
            }
        }
    }

    fn begin(&mut self, name: String, attributes: &[OwnedAttribute]) -> Result<(), ImportError> {
        if self.path.is_empty() && name != "gpx" {
            return Err(self.error(format!("the document is {}, it should be gpx", quoted(&name))));
        }
        if self.path.len() >= MAX_DEPTH {
            return Err(self.error(format!("elements are nested more than {MAX_DEPTH} deep")));
        }
        if name == "trkpt" {
            let point = Point {
                lat_deg: self.attribute(attributes, "lat")?,
                lon_deg: self.attribute(attributes, "lon")?,
                ..Point::default()
            };
            self.point = Some((point, self.row()));
        }
        self.text.clear();
        self.path.push(name);
        Ok(())
    }

    fn end(&mut self) -> Result<Option<Fix>, ImportError> {
        let name = self.path.pop().unwrap_or_default();
        let text = std::mem::take(&mut self.text);
        let text = text.trim();
        if name == "trkpt" {
            let Some((point, row)) = self.point.take() else { return Ok(None) };
            let what = "a track point without a time: only what was recorded can be replayed";
            return point.fix().ok_or_else(|| ImportError::row(&self.file, row, what)).map(Some);
        }
        let Some((mut point, row)) = self.point.take() else { return Ok(None) };
        match name.as_str() {
            "time" => {
                let t = time(text);
                point.t = Some(t.ok_or_else(|| self.cell_error(&name, format!("{} is no time", quoted(text))))?);
            }
            "ele" => point.alt_m = self.number(&name, text)?,
            "speed" => point.speed_mps = self.number(&name, text)?.filter(|v| *v >= 0.0),
            "course" => point.bearing_deg = self.number(&name, text)?.filter(|v| *v >= 0.0),
            _ => {}
        }
        self.point = Some((point, row));
        Ok(None)
    }

    fn attribute(&self, attributes: &[OwnedAttribute], name: &str) -> Result<f64, ImportError> {
        let Some(attribute) = attributes.iter().find(|a| a.name.local_name == name) else {
            return Err(self.error(format!("a track point without {name}")));
        };
        let text = attribute.value.trim();
        text.parse().map_err(|_| self.cell_error(name, format!("{} is no number", quoted(text))))
    }

    fn number(&self, name: &str, text: &str) -> Result<Option<f32>, ImportError> {
        if text.is_empty() {
            return Ok(None);
        }
        text.parse().map(Some).map_err(|_| self.cell_error(name, format!("{} is no number", quoted(text))))
    }

    fn row(&self) -> u64 {
        self.events.position().row + 1
    }

    fn error(&self, what: String) -> ImportError {
        ImportError::row(&self.file, self.row(), one_line(&what, 200))
    }

    fn cell_error(&self, column: &str, what: String) -> ImportError {
        ImportError::Cell { file: self.file.clone(), row: self.row(), column: column.to_owned(), what }
    }
}

impl Point {
    fn fix(self) -> Option<Fix> {
        let Self { lat_deg, lon_deg, t, alt_m, speed_mps, bearing_deg } = self;
        let (hacc_m, arrived, wall_ms, mock) = (None, None, None, false);
        t.map(|t| Fix { t, lat_deg, lon_deg, alt_m, speed_mps, bearing_deg, hacc_m, arrived, wall_ms, mock })
    }
}

/// `xsd:dateTime`; without a zone it is UTC, as GPX says.
fn time(text: &str) -> Option<MonoTime> {
    let ns = match DateTime::parse_from_rfc3339(text) {
        Ok(zoned) => zoned.timestamp_nanos_opt(),
        Err(_) => NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok()?.and_utc().timestamp_nanos_opt(),
    };
    ns.map(MonoTime)
}

/// What is wrong, without the place: the row is named anyway.
fn reason(error: &reader::Error) -> String {
    match error.kind() {
        // Its own message is not the system's.
        ErrorKind::Io(e) => e.to_string(),
        _ => error.msg().to_owned(),
    }
}

/// A NUL byte is in no text: a sparse file is refused at its first page.
struct NoNul(Source);

impl Read for NoNul {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.0.read(buffer)?;
        if buffer.iter().take(n).any(|b| *b == 0) {
            return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, "a NUL byte: this is no text"));
        }
        Ok(n)
    }
}
