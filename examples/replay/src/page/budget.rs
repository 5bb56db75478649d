//! How large the page may become, and who gets how much of it.

/// A page that a mail carries and that a phone opens in a second. More than a month of trips may exceed it, nothing
/// else does.
#[cfg(test)]
pub const PAGE_BYTES: usize = FIXED_BYTES + SERIES_BYTES + TRACK_BYTES + RECORD_BYTES + WAVEFORM_BYTES + TRIP_BYTES;

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

/// Trips and scores are never left out, or the page would not be about the whole replay: this is a month of a
/// courier's.
#[cfg(test)]
pub const TRIP_BYTES: usize = 500_000;
