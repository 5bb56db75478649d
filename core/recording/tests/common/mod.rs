//! What several tests of the importers need.
#![allow(dead_code, clippy::unwrap_used, reason = "each test file uses its own part, and a helper of tests may fail")]

use std::fs;
use std::path::{Path, PathBuf};

use milepost_engine::contract::Input;
use milepost_engine::sample::{Fix, ImuSample};
use milepost_recording::import::{ImportOptions, open};
use tempfile::TempDir;

pub const IMU: &str = "t_s,ax,ay,az,gx,gy,gz\n";
pub const GNSS: &str = "t_s,lat,lon,alt_m,speed_mps,bearing_deg,hacc_m\n";
pub const SIGNALS: &str = "t_s,kind,value,confidence\n";

/// A folder with these files.
pub fn folder(files: &[(&str, String)]) -> TempDir {
    let dir = TempDir::new().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

/// All inputs, or what is wrong.
pub fn read(path: &Path, options: &ImportOptions) -> Result<Vec<Input>, String> {
    let recording = open(path, options).map_err(|e| e.to_string())?;
    recording.collect::<Result<_, _>>().map_err(|e| e.to_string())
}

pub fn samples(inputs: &[Input]) -> Vec<ImuSample> {
    let imu = |input: &Input| if let Input::Imu(samples) = input { samples.clone() } else { Vec::new() };
    inputs.iter().flat_map(imu).collect()
}

pub fn fixes(inputs: &[Input]) -> Vec<Fix> {
    inputs.iter().filter_map(|input| if let Input::Fix(fix) = input { Some(*fix) } else { None }).collect()
}

/// The recorded sets; `None`, with a word about it, where they are absent.
pub fn data(set: &str) -> Option<PathBuf> {
    let root = std::env::var_os("MILEPOST_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    let path = root.join(set);
    if !path.exists() {
        println!("skipped: there is no {}", path.display());
        return None;
    }
    Some(path)
}
