//! UUIDv7 (RFC 9562 §5.7) from a seed, so that a replay gives the same ids. It keeps no state: an id is a function of
//! the session's seed, what it names, and its running number.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What an id names; part of what makes it unique.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum IdKind {
    /// A trip.
    Trip,
    /// A stop.
    Stop,
    /// An event.
    Event,
    /// A score.
    Score,
    /// A gap.
    Gap,
    /// A health record.
    Health,
    /// The summary.
    Summary,
    /// A chunk of a track.
    Track,
    /// A batch of an upload.
    Batch,
    /// A line of the ledger of what was dropped.
    Dropped,
    /// A window of raw samples.
    Window,
}

/// The id of the `number`-th thing of its kind in the session with this seed, stamped with `unix_ms` (what is negative
/// is stamped 0, what exceeds 48 bits saturates).
pub fn uuid7(seed: u64, kind: IdKind, number: u64, unix_ms: i64) -> Uuid {
    let ms = u64::try_from(unix_ms).unwrap_or(0).min((1 << 48) - 1);
    let a = splitmix64(seed ^ splitmix64(kind as u64 + 1));
    let random =
        [splitmix64(a ^ number).to_be_bytes(), splitmix64(a.wrapping_add(number).rotate_left(17)).to_be_bytes()];
    let mut counter_random_bytes = [0u8; 10];
    for (to, from) in counter_random_bytes.iter_mut().zip(random.as_flattened()) {
        *to = *from;
    }
    uuid::Builder::from_unix_timestamp_millis(ms, &counter_random_bytes).into_uuid()
}

/// Steele, Lea & Flood 2014: a bijection that spreads neighbouring numbers over 64 bits.
pub fn splitmix64(x: u64) -> u64 {
    let z = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_version_7_and_differ() {
        let a = uuid7(1, IdKind::Trip, 0, 1_700_000_000_000);
        assert_eq!(a.get_version_num(), 7);
        assert_eq!(a, uuid7(1, IdKind::Trip, 0, 1_700_000_000_000));
        let others = [
            uuid7(2, IdKind::Trip, 0, 1_700_000_000_000),
            uuid7(1, IdKind::Stop, 0, 1_700_000_000_000),
            uuid7(1, IdKind::Trip, 1, 1_700_000_000_000),
        ];
        assert!(others.iter().all(|b| *b != a));
    }
}
