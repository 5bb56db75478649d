//! How to upload: where to, how much at once, over which networks, how patiently.

/// What the host chooses. Plain data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Where batches are posted.
    pub url: String,
    /// Who sends; part of every batch.
    pub device_id: String,
    /// Of batch ids and of the jitter. Any number that differs per device.
    pub seed: u64,
    /// Records in a batch at most.
    pub max_records: usize,
    /// Bytes of records in a batch at most, before compression.
    pub max_bytes: usize,
    /// Batches that are neither urgent nor full wait so long after the last one, unless the server asks for another
    /// interval: waking the radio costs as much as 43 s of GNSS (docs/battery.md), a driving phone has something to say every
    /// minute, and small batches compress badly. Half an hour, because what is urgent never waits: proofs, crashes, the end
    /// of a trip with all that was said of it.
    pub min_interval_ms: i64,
    /// The first wait after a failure is up to this, and doubles from there.
    pub backoff_base_ms: i64,
    /// The longest wait after a failure. Fifteen minutes: WorkManager, too, doubles up to some hours, but a courier's
    /// back office looks at the day.
    pub backoff_max_ms: i64,
    /// Which networks may be used.
    pub rule: NetworkRule,
    /// Which networks may be used for tracks and raw windows.
    pub bulk_rule: NetworkRule,
    /// Bodies are zstd-compressed, with the dictionary where the server offers it; off for servers that cannot read it (one
    /// that says 415 turns it off by itself).
    pub compress: bool,
}

impl Config {
    /// Sensible for a courier's phone on a mobile network.
    pub fn new(url: impl Into<String>, device_id: impl Into<String>, seed: u64) -> Self {
        Self {
            url: url.into(),
            device_id: device_id.into(),
            seed,
            max_records: 500,
            max_bytes: 256 << 10,
            min_interval_ms: 1_800_000,
            backoff_base_ms: 2_000,
            backoff_max_ms: 900_000,
            rule: NetworkRule::Any,
            bulk_rule: NetworkRule::Any,
            compress: true,
        }
    }
}

/// Which networks may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NetworkRule {
    /// Every network.
    Any,
    /// Networks that cost nothing by the byte.
    Unmetered,
    /// The same, and only while the phone is charging.
    UnmeteredCharging,
}

/// What the phone is connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// Nothing.
    None,
    /// Costs by the byte.
    Metered,
    /// Costs nothing by the byte.
    Unmetered,
}

impl NetworkRule {
    pub(crate) fn allows(self, network: Network, charging: bool) -> bool {
        match (self, network) {
            (_, Network::None) => false,
            (Self::Any, Network::Metered | Network::Unmetered) => true,
            (Self::Unmetered | Self::UnmeteredCharging, Network::Metered) => false,
            (Self::Unmetered, Network::Unmetered) => true,
            (Self::UnmeteredCharging, Network::Unmetered) => charging,
        }
    }
}
