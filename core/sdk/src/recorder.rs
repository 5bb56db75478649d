//! Recording on demand: every input, as the engine gets it, into a native recording beside the database, so that
//! `milepost replay` does on a laptop what the phone did.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use milepost_engine::contract::Input;
use milepost_recording::native::{Header, Writer};

/// Writes a recording; a failure to write stops the recording, never the engine.
pub struct Recorder {
    path: PathBuf,
    to: Option<Writer<File>>,
}

impl Recorder {
    /// A new file in the folder, named after the first running number of the session.
    pub fn create(folder: &Path, header: &Header) -> io::Result<Self> {
        let path = folder.join(format!("drive-{}.mprec", header.first_seq));
        // Only ours to read: it holds everywhere the phone was.
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let to = Writer::create(options.open(&path)?, header)?;
        Ok(Self { path, to: Some(to) })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds an input.
    pub fn push(&mut self, input: &Input) {
        self.attempt(|to| to.push(input));
    }

    /// Seals what was added: it survives the process from here on.
    pub fn flush(&mut self) {
        self.attempt(Writer::flush);
    }

    fn attempt(&mut self, act: impl FnOnce(&mut Writer<File>) -> io::Result<()>) {
        let Some(to) = &mut self.to else { return };
        if let Err(error) = act(to) {
            log::warn!("recording stopped: {error}");
            self.to = None;
        }
    }
}
