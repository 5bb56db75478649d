//! Any recording as a plain folder or as a native one. Reads the one and writes the other; decides nothing.

use std::io::{self, Write};
use std::path::Path;

use super::{ImportError, PlainWriter, Recording};
use crate::native::{Header, Writer};

/// Why a recording could not be converted.
#[derive(Debug, thiserror::Error)]
pub enum ConvertError {
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] ImportError),
    /// It cannot be written.
    #[error("writing: {0}")]
    Write(#[from] io::Error),
}

/// Writes a recording as a plain folder; says how many inputs it had. An input that fails leaves the folder half done.
pub fn to_plain(recording: &mut Recording, folder: &Path) -> Result<u64, ConvertError> {
    let mut writer = PlainWriter::create(folder, &recording.session, recording.epoch_axis == Some(true))?;
    let mut count = 0;
    for input in recording.by_ref() {
        writer.push(&input?)?;
        count += 1;
    }
    writer.finish()?;
    Ok(count)
}

/// Writes a recording as a native one; says how many inputs it had.
pub fn to_native(recording: &mut Recording, out: impl Write) -> Result<u64, ConvertError> {
    let session = recording.session.clone();
    let config = match &recording.config {
        Some(serde_json::Value::Object(config)) => config.clone(),
        Some(_) | None => serde_json::Map::new(),
    };
    let header = Header {
        config,
        seed: session.seed,
        platform: session.platform,
        device: session.device,
        utc_offset_min: session.utc_offset_min,
        first_seq: session.first_seq.unwrap_or(0),
        snapshot_version: 0,
    };
    let mut writer = Writer::create(out, &header)?;
    let mut count = 0;
    for input in recording.by_ref() {
        writer.push(&input?)?;
        count += 1;
    }
    writer.finish()?;
    Ok(count)
}
