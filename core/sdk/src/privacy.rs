//! What a person may ask for: everything in a file, and everything gone. The latter reaches the database, the
//! diagnostics, the engine's memory and the recordings. Bodies of uploads that the host keeps in files of its own are
//! the host's to delete.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use milepost_engine::id::splitmix64;
use milepost_store::{Erase, MAX_DIAGNOSTICS};
use serde_json::{Value, json};

use crate::MilepostError;
use crate::kernel::Kernel;
use crate::trouble::told;

/// Records that are read at once.
const PAGE: usize = 500;

impl Kernel {
    /// Forgets everything of a driver, or everything. The open trip ends, recordings are deleted whoever drove (nobody
    /// can cut one driver out of them), and the ledger says that something was erased.
    pub fn erase(&mut self, whose: &Erase) -> Result<(), MilepostError> {
        // First, because it fails before it forgets: a person who is told that it failed keeps the open trip.
        self.forget(splitmix64(self.engine().seed() ^ splitmix64(self.engine().next_seq())))?;
        let folder = self.drop_recordings()?;
        self.store().erase(whose)?;
        self.troubles().erase()?;
        self.renew(folder.as_deref())
    }

    /// Writes every record and every track point, of a driver or of everyone, into a file: one JSON object a line. Of
    /// everyone also what went wrong, which names nobody.
    pub fn export(&mut self, driver: Option<&str>, to: &Path) -> Result<u64, MilepostError> {
        if self.is_own(to) {
            let reason = format!("{}: a file of Milepost's own", to.display());
            return Err(MilepostError::InvalidInput { reason });
        }
        self.commit()?;
        let failed = |e: std::io::Error| MilepostError::Storage { reason: format!("export: {e}") };
        let mut file = BufWriter::new(private(to).map_err(failed)?);
        let (mut after, mut lines) = (0, 0);
        // A trip that ended has several revisions and one track.
        let mut tracks = BTreeSet::new();
        loop {
            let page = self.store().read(|db| db.drain(after, PAGE))?;
            let Some(last) = page.last() else { break };
            after = last.seq;
            for stored in page {
                let record: Value = serde_json::from_str(&stored.json).unwrap_or(Value::Null);
                if driver.is_some() && record.get("driver_id").and_then(Value::as_str) != driver {
                    continue;
                }
                writeln!(file, "{}", stored.json).map_err(failed)?;
                lines += 1;
                let ended =
                    stored.schema.starts_with("milepost.trip/") && record.get("end_t_s").is_some_and(|t| !t.is_null());
                if ended && tracks.insert(stored.id) {
                    let points = self.store().read(|db| db.track(stored.id))?;
                    let points: Vec<Value> = points
                        .iter()
                        .map(|p| {
                            (p.t.seconds(), p.position.lon_deg, p.position.lat_deg, p.speed_mps, p.heading_deg, p.alt_m)
                        })
                        .map(|point| json!(point))
                        .collect();
                    let track = json!({"schema": "milepost.export_track/1", "trip_id": stored.id, "points": points});
                    writeln!(file, "{track}").map_err(failed)?;
                    lines += 1;
                }
            }
        }
        if driver.is_none() {
            for noted in self.troubles().newest(MAX_DIAGNOSTICS).into_iter().rev() {
                let mut line = told(&noted);
                if let Some(fields) = line.as_object_mut() {
                    fields.insert("schema".to_owned(), json!("milepost.export_diagnostic/1"));
                }
                writeln!(file, "{line}").map_err(failed)?;
                lines += 1;
            }
        }
        file.flush().map_err(failed)?;
        Ok(lines)
    }
}

/// All recordings in a folder.
pub(crate) fn recordings(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    found.retain(|path| path.extension().is_some_and(|ending| ending == "mprec"));
    found.sort();
    found
}

/// An empty file that only the app can read.
fn private(path: &Path) -> std::io::Result<File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    // One that was there keeps its mode.
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(file)
}
