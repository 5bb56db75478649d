//! Recordings of others as engine inputs, in bounded memory and order of time. Detects the format, hides its units,
//! signs and clocks; refuses what is not what it claims, with one line. Values out of range go on to the engine, which
//! refuses and counts them.

mod error;
mod merge;
mod number;
mod order;
mod place;
mod plain;
mod rollover;
mod session;
mod table;

use std::path::Path;

use milepost_engine::contract::Input;

pub use error::ImportError;
pub use rollover::ROLLOVER_NS;
pub use session::Session;

use error::shown;
use place::Place;

/// What a recording can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The plain folder of RECORDS.md.
    Plain,
}

impl Format {
    /// Every format, by its name on a command line.
    pub const ALL: [(&'static str, Self); 1] = [("plain", Self::Plain)];

    /// Its name on a command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
        }
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
    /// Minutes east of UTC where the recording does not say.
    pub utc_offset_min: Option<i32>,
}

impl Default for ImportOptions {
    fn default() -> Self {
        Self { format: None, batch: 100, utc_offset_min: None }
    }
}

/// A recording that is ready to be read: its inputs in order of time, the last one [`Input::End`].
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
    inputs: Box<dyn Iterator<Item = Result<Input, ImportError>> + Send>,
}

impl Iterator for Recording {
    type Item = Result<Input, ImportError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.inputs.next()
    }
}

/// Opens a recording. Rows of text formats are all checked here, once, before the first input.
pub fn open(path: &Path, options: &ImportOptions) -> Result<Recording, ImportError> {
    let kind = std::fs::metadata(path).map_err(|e| ImportError::io(&shown(path), e))?;
    if !kind.is_dir() {
        return Err(ImportError::file(&shown(path), "is no folder"));
    }
    let format = options.format.unwrap_or(Format::Plain);
    let mut parts = plain::open(&Place::folder(path))?;
    parts.session.utc_offset_min = parts.session.utc_offset_min.or(options.utc_offset_min);
    Ok(Recording {
        format,
        session: parts.session.clone(),
        config: None,
        epoch_axis: parts.epoch_axis(),
        rollovers: parts.rollovers,
        rows: Some(parts.rows()),
        inputs: Box::new(parts.inputs(options.batch)),
    })
}
