//! Recordings of others as engine inputs, in bounded memory and order of time. Detects the format, hides its units,
//! signs and clocks; refuses what is not what it claims, with one line. Values out of range go on to the engine, which
//! refuses and counts them.

mod convert;
mod detect;
mod error;
mod gpx;
mod hour;
mod info;
mod join;
mod merge;
mod native;
mod number;
mod order;
mod phyphox;
mod place;
mod plain;
mod plain_writer;
mod rollover;
mod sensor_logger;
mod sensorlog;
mod session;
mod table;

use std::path::Path;

use milepost_engine::contract::Input;

pub use convert::{ConvertError, to_native, to_plain};
pub use error::ImportError;
pub use info::{Info, StreamInfo};
pub use plain_writer::PlainWriter;
pub use rollover::ROLLOVER_NS;
pub use session::Session;

use crate::native::Cut;
use detect::Found;
use merge::Parts;

/// What a recording can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The plain folder of RECORDS.md.
    Plain,
    /// What the SDK itself records.
    Native,
    /// SensorLog's CSV.
    SensorLog,
    /// A folder or zip of Sensor Logger.
    SensorLogger,
    /// A CSV, folder or zip of phyphox.
    Phyphox,
    /// GPX 1.0 or 1.1.
    Gpx,
}

impl Format {
    /// Every format, by its name on a command line.
    pub const ALL: [(&'static str, Self); 6] = [
        ("plain", Self::Plain),
        ("native", Self::Native),
        ("sensorlog", Self::SensorLog),
        ("sensor-logger", Self::SensorLogger),
        ("phyphox", Self::Phyphox),
        ("gpx", Self::Gpx),
    ];

    /// Its name on a command line.
    pub fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(_, format)| *format == self).map_or("", |(name, _)| name)
    }
}

impl std::str::FromStr for Format {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|(n, _)| *n == name);
        found.map(|(_, format)| format).ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|(n, _)| *n).collect();
            format!("there is no format {name:?}, only {}", names.join(", "))
        })
    }
}

/// How to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportOptions {
    /// Not to be detected.
    pub format: Option<Format>,
    /// The most IMU samples in a batch; a batch never spans more than a second.
    pub batch: usize,
    /// Minutes east of UTC where the recording does not say. A SensorLog file with local time stamps is read with it.
    pub utc_offset_min: Option<i32>,
}

impl Default for ImportOptions {
    fn default() -> Self {
        Self { format: None, batch: 100, utc_offset_min: None }
    }
}

/// A recording that is ready to be read: its inputs in order of time (a native one: in the order in which the engine
/// got them), the last one [`Input::End`].
pub struct Recording {
    /// What it is.
    pub format: Format,
    /// What it says about itself.
    pub session: Session,
    /// The engine's configuration when it was made, flat; only native recordings know it.
    pub config: Option<serde_json::Value>,
    /// Whether times are seconds since 1970 (else since boot); `None` without any.
    pub epoch_axis: Option<bool>,
    /// Fixes that were a GPS week rollover off and were brought back.
    pub rollovers: u64,
    /// Samples, fixes and signals in it, where that is known before it is read.
    pub rows: Option<u64>,
    /// What a person should know: what was left out, and why.
    pub notes: Vec<String>,
    inputs: Inputs,
}

enum Inputs {
    Merged(Box<merge::Merged>),
    Native(Box<native::Inputs>),
}

impl Recording {
    /// Of a native recording that was read to its end: where and why it was cut, and how many bytes were left unread.
    pub fn cut(&self) -> Option<(Cut, u64)> {
        match &self.inputs {
            Inputs::Merged(_) => None,
            Inputs::Native(inputs) => inputs.cut(),
        }
    }
}

impl Iterator for Recording {
    type Item = Result<Input, ImportError>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.inputs {
            Inputs::Merged(inputs) => inputs.next(),
            Inputs::Native(inputs) => inputs.next(),
        }
    }
}

/// Opens a recording. Rows of text formats are all checked here, once, before the first input.
pub fn open(path: &Path, options: &ImportOptions) -> Result<Recording, ImportError> {
    let (format, mut parts) = match detect::detect(path, options.format)? {
        Found::Native => return native::open(path),
        Found::Files(format, place) => (format, parts(format, &place, options)?),
    };
    parts.session.utc_offset_min = parts.session.utc_offset_min.or(options.utc_offset_min);
    Ok(Recording {
        format,
        session: parts.session.clone(),
        config: None,
        epoch_axis: parts.epoch_axis(),
        rollovers: parts.rollovers,
        rows: Some(parts.rows()),
        notes: std::mem::take(&mut parts.notes),
        inputs: Inputs::Merged(Box::new(parts.inputs(options.batch))),
    })
}

fn parts(format: Format, place: &place::Place, options: &ImportOptions) -> Result<Parts, ImportError> {
    let one_file = |what: &str| {
        let only = place.only();
        only.ok_or_else(|| {
            ImportError::file(place.name(), format!("is a folder or archive of many files, {what} is one"))
        })
    };
    match format {
        Format::Plain => plain::open(place),
        Format::SensorLogger => sensor_logger::open(place),
        Format::Phyphox => phyphox::open(place),
        Format::SensorLog => {
            let table = detect::sensorlog_table(place);
            let file = table.map_or_else(|| one_file("a SensorLog recording"), Ok)?;
            sensorlog::open(place, file, options.utc_offset_min)
        }
        Format::Gpx => gpx::open(place, one_file("a GPX file")?),
        // It was found as a file of its own.
        Format::Native => {
            Err(ImportError::file(place.name(), "is a folder or archive, a native recording is one file"))
        }
    }
}
