//! Native recordings as engine inputs: exactly what the engine got when it was made, and then the end.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use milepost_engine::contract::Input;
use milepost_engine::sample::{MonoTime, NS_PER_S};

use super::error::{ImportError, one_line, shown};
use super::session::Session;
use super::{Format, Recording};
use crate::native::{Cut, Reader, RecordingError};

/// Times beyond this are seconds since 1970 (RECORDS.md).
const EPOCH_AXIS: MonoTime = MonoTime(1_000_000_000 * NS_PER_S);

/// Opens a file. Its blocks are checked as they are read.
pub(crate) fn open(path: &Path) -> Result<Recording, ImportError> {
    let file = shown(path);
    let bytes = std::fs::metadata(path).map_err(|e| ImportError::io(&file, e))?.len();
    let first = reader(path, &file)?.find_map(|input| input.as_ref().ok().and_then(time));
    let reader = reader(path, &file)?;
    let header = reader.header().clone();
    let session = Session {
        seed: header.seed,
        platform: header.platform,
        device: header.device,
        utc_offset_min: header.utc_offset_min,
        first_seq: (header.first_seq > 0).then_some(header.first_seq),
    };
    Ok(Recording {
        format: Format::Native,
        session,
        config: Some(serde_json::Value::Object(header.config)),
        epoch_axis: first.map(|t| t > EPOCH_AXIS),
        rollovers: 0,
        rows: None,
        notes: Vec::new(),
        inputs: super::Inputs::Native(Box::new(Inputs { file, bytes, reader, ended: false })),
    })
}

/// What the engine got, and then the end.
pub(crate) struct Inputs {
    file: String,
    bytes: u64,
    reader: Reader<BufReader<File>>,
    ended: bool,
}

impl Inputs {
    pub(crate) fn cut(&self) -> Option<(Cut, u64)> {
        self.reader.cut().map(|cut| (cut, self.bytes.saturating_sub(cut.at)))
    }
}

impl Iterator for Inputs {
    type Item = Result<Input, ImportError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let input = match self.reader.next() {
            Some(Ok(input)) => Ok(input),
            Some(Err(e)) => Err(error(&self.file, e)),
            None => Ok(Input::End),
        };
        self.ended = matches!(input, Err(_) | Ok(Input::End));
        Some(input)
    }
}

fn reader(path: &Path, file: &str) -> Result<Reader<BufReader<File>>, ImportError> {
    let opened = File::open(path).map_err(|e| ImportError::io(file, e))?;
    Reader::open(BufReader::new(opened)).map_err(|e| error(file, e))
}

fn error(file: &str, e: RecordingError) -> ImportError {
    match e {
        RecordingError::Io(e) => ImportError::io(file, e),
        e => ImportError::file(file, one_line(&e.to_string(), 300)),
    }
}

/// When an input happened.
pub(crate) fn time(input: &Input) -> Option<MonoTime> {
    match input {
        Input::Imu(samples) => samples.first().map(|sample| sample.t),
        Input::Fix(fix) => Some(fix.t),
        Input::Signal(t, _) | Input::Command(t, _) | Input::Tick(t) => Some(*t),
        Input::Clock(clock) => Some(clock.mono),
        Input::End => None,
    }
}
