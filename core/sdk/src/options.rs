//! What a host says when it opens Milepost. Checked here, once.

use std::path::PathBuf;

use milepost_engine::Uuid;
use milepost_engine::config::{Config, Preset};
use milepost_store::{Carrier, Quota};

use crate::MilepostError;

/// Where Milepost keeps what it knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In this folder; it is made if it is not there.
    Folder(PathBuf),
    /// In memory: gone when closed. For replays and tests.
    Memory,
}

/// What a host says when it opens Milepost.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the database and the recordings are.
    pub place: Place,
    /// What the engine goes by.
    pub config: Config,
    /// Ids are made of it; `None` takes a random one.
    pub seed: Option<u64>,
    /// Running number of the first record of a new database: a replay of a recording from the middle of a phone's life
    /// goes on from where that phone was.
    pub first_seq: u64,
    /// `android`, `ios` or whatever a recording says.
    pub platform: Option<String>,
    /// The phone's model.
    pub device: Option<String>,
    /// Where to upload to; without it there is nothing to upload.
    pub upload_url: Option<String>,
    /// Who carries uploads: the host's HTTP or the built-in one.
    pub carrier: Carrier,
    /// Batches that the host's HTTP still carries from before.
    pub in_flight: Vec<Uuid>,
    /// Write every input to a recording in the folder.
    pub record: bool,
    /// How much is kept, and each class of data how long.
    pub quota: Quota,
    /// Seconds of event time that a kill may cost; a snapshot is written so often while something moves.
    pub commit_interval_s: f64,
}

/// Seconds of event time after which the next input is committed on a phone. Inputs come a second apart, and a kill may
/// cost ten.
pub const COMMIT_INTERVAL_S: f64 = 9.0;

impl Options {
    /// The defaults for a phone, with the configuration read from flat JSON (empty is the preset's).
    pub fn new(place: Place, preset: &str, config_json: &str) -> Result<Self, MilepostError> {
        let preset = if preset.is_empty() { Preset::default() } else { Preset::parse(preset)? };
        let config = if config_json.trim().is_empty() {
            Config::preset(preset)
        } else {
            Config::from_json(preset, config_json)?
        };
        Ok(Self {
            place,
            config,
            seed: None,
            first_seq: 1,
            platform: None,
            device: None,
            upload_url: None,
            carrier: Carrier::Host,
            in_flight: Vec::new(),
            record: false,
            quota: Quota::default(),
            commit_interval_s: COMMIT_INTERVAL_S,
        })
    }

    /// Checks what the types do not.
    pub fn check(&self) -> Result<(), MilepostError> {
        let Some(url) = &self.upload_url else { return Ok(()) };
        let host = url.split_once("://").map_or("", |(_, host)| host);
        let torn = url.contains(|c: char| c.is_whitespace() || c.is_control());
        if torn || host.is_empty() || host.starts_with(['/', ':', '?', '#']) {
            return Err(MilepostError::InvalidConfig { reason: format!("upload_url {url:?} is no address") });
        }
        if url.starts_with("https://") || is_loopback(url) {
            return Ok(());
        }
        let reason = format!("upload_url {url:?} is neither https nor on this machine");
        Err(MilepostError::InvalidConfig { reason })
    }
}

/// Plain http is for tests: whoever listens on the way would know where everyone is.
fn is_loopback(url: &str) -> bool {
    ["http://127.0.0.1", "http://localhost", "http://[::1]"].into_iter().any(|prefix| {
        url.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with(':') || rest.starts_with('/'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_do_not_travel_in_the_clear() {
        let with = |url: &str| {
            let mut options = Options::new(Place::Memory, "", "").unwrap();
            options.upload_url = Some(url.to_owned());
            options.check()
        };
        assert_eq!(with("https://fleet.example/ingest"), Ok(()));
        assert_eq!(with("http://127.0.0.1:8080/ingest"), Ok(()));
        assert!(with("http://127.0.0.1.evil.example/").is_err());
        assert!(with("http://fleet.example/").is_err());
        for torn in ["", "https://", "https:///ingest", "https://a b/", "https://a/\r\nHost: b", "https://?a"] {
            assert!(with(torn).is_err(), "{torn:?}");
        }
    }
}
