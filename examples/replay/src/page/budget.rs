//! How large the page may become, and who gets how much of it.

/// A page that a mail carries and that a phone opens in a second. Nothing that a replay can be fed makes it larger.
#[cfg(test)]
pub const PAGE_BYTES: usize =
    FIXED_BYTES + SERIES_BYTES + TRACK_BYTES + RECORD_BYTES + WAVEFORM_BYTES + UNBOUNDED_RECORD_BYTES;

/// Our code and the charts' library.
#[cfg(test)]
pub const FIXED_BYTES: usize = 250_000;

/// Speed and accelerations: an everyday day takes under 1.5 MB.
pub const SERIES_BYTES: usize = 3_000_000;

/// Tracks: an everyday day takes 60 KB.
pub const TRACK_BYTES: usize = 2_000_000;

/// Stops, events, gaps and changes of health, without waveforms: some three thousand.
pub const RECORD_BYTES: usize = 2_000_000;

/// Waveforms: some five hundred.
pub const WAVEFORM_BYTES: usize = 1_000_000;

/// Trips and scores are never left out, or the page would not be about the whole replay: this many bytes are a month
/// of a courier's.
#[cfg(test)]
pub const UNBOUNDED_RECORD_BYTES: usize = 500_000;
