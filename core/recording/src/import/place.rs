//! Where files lie: a folder, a zip archive or one file. Opens them by name, as often as asked and in bounded memory;
//! what is in them is the formats'.

use std::fs::{self, File};
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use flate2::bufread::DeflateDecoder;
use zip::{CompressionMethod, ZipArchive};

use super::error::{ImportError, one_line, shown};
use super::table::Source;

/// Bytes read at once.
const BUFFER: usize = 64 * 1024;
/// Loggers write some thirty files; images and sound of a long recording some thousand more.
const MAX_FILES: usize = 100_000;
/// How far from its end a zip archive's directory is announced: 22 bytes and a comment.
const ZIP_END_BYTES: u64 = 22 + 65_535;

/// Files with names.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    name: String,
    files: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    name: String,
    at: At,
}

#[derive(Clone, Debug)]
enum At {
    Path(PathBuf),
    Zip {
        archive: PathBuf,
        start: u64,
        bytes: u64,
        deflated: bool,
    },
    /// In an archive, and not to be read: why.
    Refused(String),
}

impl Place {
    /// The files of a folder and of the folders in it.
    pub(crate) fn folder(path: &Path) -> Result<Self, ImportError> {
        let mut files = Vec::new();
        list(path, "", &mut files)?;
        for folder in files.clone().iter().filter(|file| file.is_folder()) {
            // A folder beside the recording that may not be read is none of its business.
            let _ = list(&path.join(&folder.name), &format!("{}/", folder.name), &mut files);
        }
        files.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Self { name: shown(path), files })
    }

    /// The one file.
    pub(crate) fn file(path: &Path) -> Self {
        let name = shown(path);
        Self { name: name.clone(), files: vec![Entry { name, at: At::Path(path.to_owned()) }] }
    }

    /// The files of a zip archive, without the folder that all of them may be in.
    pub(crate) fn zip(path: &Path) -> Result<Self, ImportError> {
        let name = shown(path);
        let bad = |what: String| {
            ImportError::file(&name, format!("is no zip archive that can be read: {}", one_line(&what, 200)))
        };
        let mut file = File::open(path).map_err(|e| ImportError::io(&name, e))?;
        if !has_zip_end(&mut file).map_err(|e| ImportError::io(&name, e))? {
            return Err(bad("it has no end".to_owned()));
        }
        let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|e| bad(e.to_string()))?;
        if archive.len() > MAX_FILES {
            return Err(bad(format!("{} files in it", archive.len())));
        }
        let mut files = Vec::new();
        for index in 0..archive.len() {
            let member = archive.by_index_raw(index).map_err(|e| bad(e.to_string()))?;
            if member.is_dir() {
                continue;
            }
            let Ok(member_name) = member.name() else { continue };
            let deflated = match member.compression() {
                CompressionMethod::Stored => Ok(false),
                CompressionMethod::Deflated => Ok(true),
                method => Err(format!("is compressed in a way that is not supported ({method})")),
            };
            let at = match (deflated, member.data_start()) {
                _ if member.encrypted() => At::Refused("is encrypted".to_owned()),
                (Ok(deflated), Some(start)) => {
                    At::Zip { archive: path.to_owned(), start, bytes: member.compressed_size(), deflated }
                }
                (Err(what), _) => At::Refused(what),
                (Ok(_), None) => At::Refused("is not where the archive says".to_owned()),
            };
            files.push(Entry { name: member_name.into_owned(), at });
        }
        strip_common_folder(&mut files);
        files.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Self { name, files })
    }

    /// How messages call it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether there is anything of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// Names of the files that end in `.csv`, in order.
    pub(crate) fn tables(&self) -> impl Iterator<Item = &str> {
        let is_table = |name: &&str| name.to_ascii_lowercase().ends_with(".csv");
        self.files.iter().map(|file| file.name.as_str()).filter(is_table)
    }

    /// The only file there is.
    pub(crate) fn only(&self) -> Option<&str> {
        match self.files.as_slice() {
            [file] => Some(&file.name),
            _ => None,
        }
    }

    /// Opens a file.
    pub(crate) fn open(&self, name: &str) -> Result<Source, ImportError> {
        let missing = || ImportError::file(&self.name, format!("holds no {name}"));
        match &self.find(name).ok_or_else(missing)?.at {
            At::Path(path) => open_file(path, name),
            At::Refused(what) => Err(ImportError::file(name, what.as_str())),
            At::Zip { archive, start, bytes, deflated } => {
                let mut file = File::open(archive).map_err(|e| ImportError::io(name, e))?;
                file.seek(SeekFrom::Start(*start)).map_err(|e| ImportError::io(name, e))?;
                let packed = BufReader::with_capacity(BUFFER, file.take(*bytes));
                Ok(if *deflated {
                    Box::new(BufReader::with_capacity(BUFFER, DeflateDecoder::new(packed)))
                } else {
                    Box::new(packed)
                })
            }
        }
    }

    fn find(&self, name: &str) -> Option<&Entry> {
        self.files.iter().find(|file| file.name == name)
    }
}

impl Entry {
    fn is_folder(&self) -> bool {
        matches!(&self.at, At::Path(path) if path.is_dir())
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

fn list(folder: &Path, prefix: &str, files: &mut Vec<Entry>) -> Result<(), ImportError> {
    let io = |e| ImportError::io(&shown(folder), e);
    for entry in fs::read_dir(folder).map_err(io)? {
        let entry = entry.map_err(io)?;
        if files.len() >= MAX_FILES {
            return Err(ImportError::file(&shown(folder), format!("holds more than {MAX_FILES} files")));
        }
        files.push(Entry {
            name: format!("{prefix}{}", entry.file_name().to_string_lossy()),
            at: At::Path(entry.path()),
        });
    }
    Ok(())
}

/// Looks for the announcement of the directory where it must be: a search through a huge file would take for ever.
fn has_zip_end(file: &mut File) -> std::io::Result<bool> {
    let len = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(len.saturating_sub(ZIP_END_BYTES)))?;
    let mut tail = Vec::new();
    file.take(ZIP_END_BYTES).read_to_end(&mut tail)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(tail.windows(4).any(|bytes| bytes == b"PK\x05\x06"))
}

fn strip_common_folder(files: &mut [Entry]) {
    let Some((folder, _)) = files.first().and_then(|file| file.name.split_once('/')) else { return };
    let folder = format!("{folder}/");
    if files.iter().all(|file| file.name.starts_with(&folder)) {
        for file in files {
            file.name = file.name.split_off(folder.len());
        }
    }
}
