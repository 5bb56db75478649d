//! Recordings of others: the first byte says under which name the rest lies in a folder; whatever it is, opening and
//! reading it end, in inputs or in one error.

#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use milepost_recording::import::{ImportOptions, open};

/// What each importer looks for.
const NAMES: [&str; 8] =
    ["imu.csv", "gnss.csv", "signals.csv", "session.json", "drive.gpx", "drive.csv", "drive.zip", "drive.json"];

fuzz_target!(|bytes: &[u8]| {
    let Some((name, content)) = bytes.split_first() else { return };
    let Some(name) = NAMES.get(usize::from(*name) % NAMES.len()) else { return };
    let folder = folder();
    let path = folder.join(name);
    fs::write(&path, content).expect("a file in a folder of our own");
    let is_part = name.ends_with(".csv") && !name.starts_with("drive") || *name == "session.json";
    let options = ImportOptions { utc_offset_min: Some(60), ..ImportOptions::default() };
    if let Ok(recording) = open(if is_part { folder } else { &path }, &options) {
        // A recording of some bytes cannot have more inputs than this; one that never ends is what is looked for.
        assert!(recording.take_while(Result::is_ok).take(1 << 20).count() < 1 << 20);
    }
    fs::remove_file(&path).expect("the file that was just written");
});

/// In memory where there is such a place: the disk is not what is tested.
fn folder() -> &'static PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let memory = PathBuf::from("/dev/shm");
        let base = if memory.is_dir() { memory } else { std::env::temp_dir() };
        let folder = base.join(format!("milepost-fuzz-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder for temporary files");
        folder
    })
}
