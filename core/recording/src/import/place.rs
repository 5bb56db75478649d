//! Where files lie: a folder, so far. Opens them by name, as often as asked; what is in them is the formats'.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use super::error::{ImportError, shown};
use super::table::Source;

/// Bytes read at once.
const BUFFER: usize = 64 * 1024;

/// A folder of files.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    folder: PathBuf,
}

impl Place {
    pub(crate) fn folder(path: &Path) -> Self {
        Self { folder: path.to_owned() }
    }

    /// How messages call it.
    pub(crate) fn name(&self) -> String {
        shown(&self.folder)
    }

    /// Whether there is anything of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        fs::symlink_metadata(self.folder.join(name)).is_ok()
    }

    /// Opens a file.
    pub(crate) fn open(&self, name: &str) -> Result<Source, ImportError> {
        open_file(&self.folder.join(name), name)
    }
}

/// Opens a file, and only a file: a pipe or a device could keep a reader for ever.
pub(crate) fn open_file(path: &Path, shown_as: &str) -> Result<Source, ImportError> {
    let io = |e| ImportError::io(shown_as, e);
    let kind = fs::metadata(path).map_err(io)?.file_type();
    if kind.is_dir() {
        return Err(ImportError::file(shown_as, "is a folder, a file is needed"));
    }
    if !kind.is_file() {
        return Err(ImportError::file(shown_as, "is no regular file"));
    }
    Ok(Box::new(BufReader::with_capacity(BUFFER, File::open(path).map_err(io)?)))
}
