//! Speed and accelerations over time for the page: the lowest and the highest value of each in buckets of time. Buckets
//! become twice as wide whenever there are too many, so memory is bounded whatever the length, and no peak is ever lost.

use milepost_engine::motion::State;

use super::budget::SERIES_BYTES;
use super::pack;

/// Buckets held: at most a bucket a second for a day, and every state of an hour. 4 MB.
const MAX_BUCKETS: usize = 131_072;
/// The narrowest bucket: 1/32 s, a little less than between two states; doubled five times it is a second.
const NARROWEST_NS: i64 = 31_250_000;
/// Doublings after which all of 2⁶³ ns is in two buckets.
const MAX_DOUBLINGS: u32 = 38;

const CHANNELS: usize = 4;
/// What a step of a channel means: speed (m/s), acceleration along, across and up (m/s²). Finer than a line is thick.
const QUANTA: [f64; CHANNELS] = [0.05, 0.02, 0.02, 0.02];

/// The lowest and the highest of a quantity in a bucket, in quanta.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Range {
    low: i16,
    high: i16,
}

#[derive(Clone, Debug, PartialEq)]
struct Bucket {
    index: i64,
    ranges: [Option<Range>; CHANNELS],
}

/// The buckets that hold anything, in order of time.
#[derive(Debug, Default)]
pub struct Series {
    start_ns: Option<i64>,
    doublings: u32,
    buckets: Vec<Bucket>,
}

/// The same as text.
#[derive(Debug, serde::Serialize)]
pub struct Packed {
    start_t_s: f64,
    width_s: f64,
    buckets: usize,
    quanta: [f64; CHANNELS],
    /// Which buckets there are, as runs; then, channel by channel, which of them have a value, as runs, and for each
    /// of these the change of the low from the one before and the height above it.
    data: String,
}

impl Series {
    /// Takes a state; times never run back.
    pub fn push(&mut self, state: &State) {
        let a = state.acceleration;
        let values =
            [state.speed_mps, a.map(|a| a.long_mps2), a.map(|a| a.lat_mps2), a.map(|a| a.vert_mps2)].into_iter();
        let mut ranges = [None; CHANNELS];
        for ((range, value), quantum) in ranges.iter_mut().zip(values).zip(QUANTA) {
            *range = value.filter(|v| v.is_finite()).map(|v| {
                let q = (v / quantum).round().clamp(f64::from(i16::MIN), f64::from(i16::MAX)) as i16;
                Range { low: q, high: q }
            });
        }
        if ranges.iter().any(Option::is_some) {
            self.add(state.t.0, ranges);
        }
    }

    fn add(&mut self, t_ns: i64, ranges: [Option<Range>; CHANNELS]) {
        let start_ns = *self.start_ns.get_or_insert(t_ns.div_euclid(1_000_000_000).saturating_mul(1_000_000_000));
        let narrow = t_ns.saturating_sub(start_ns).max(0) / NARROWEST_NS;
        loop {
            let index = narrow >> self.doublings;
            let full = self.buckets.len() >= MAX_BUCKETS;
            match self.buckets.last_mut() {
                Some(last) if last.index >= index => return last.merge(ranges),
                Some(_) | None if !full => return self.buckets.push(Bucket { index, ranges }),
                Some(_) | None => self.double(),
            }
        }
    }

    /// Makes the buckets twice as wide. At the widest everything is in one, so whoever repeats this comes to an end.
    fn double(&mut self) {
        self.doublings += 1;
        for bucket in &mut self.buckets {
            bucket.index >>= 1;
        }
        self.buckets.dedup_by(|later, kept| {
            let same = later.index == kept.index;
            if same {
                kept.merge(later.ranges);
            }
            same
        });
    }

    /// As text within its share of the page.
    pub fn pack(mut self) -> Packed {
        let mut bytes = self.encode();
        while pack::text_len(bytes.len()) > SERIES_BYTES && self.doublings < MAX_DOUBLINGS {
            self.double();
            bytes = self.encode();
        }
        Packed {
            start_t_s: self.start_ns.unwrap_or(0) as f64 / 1e9,
            width_s: (NARROWEST_NS << self.doublings) as f64 / 1e9,
            buckets: self.buckets.len(),
            quanta: QUANTA,
            data: pack::text(&bytes),
        }
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.buckets.len() * 2 * CHANNELS);
        runs(&mut out, self.buckets.iter().map(|b| b.index));
        for channel in 0..CHANNELS {
            let seen = || self.buckets.iter().zip(0..).filter_map(|(b, i)| Some((i, (*b.ranges.get(channel)?)?)));
            runs(&mut out, seen().map(|(i, _)| i));
            let mut before = 0;
            for (_, range) in seen() {
                pack::put(&mut out, i64::from(range.low) - before);
                pack::put(&mut out, i64::from(range.high) - i64::from(range.low));
                before = i64::from(range.low);
            }
        }
        out
    }
}

impl Bucket {
    fn merge(&mut self, ranges: [Option<Range>; CHANNELS]) {
        for (mine, other) in self.ranges.iter_mut().zip(ranges) {
            *mine = match (*mine, other) {
                (Some(a), Some(b)) => Some(Range { low: a.low.min(b.low), high: a.high.max(b.high) }),
                (a, b) => a.or(b),
            };
        }
    }
}

/// Rising whole numbers as runs of neighbours: how many runs, then for each what was left out before it and its length.
fn runs(out: &mut Vec<u8>, numbers: impl Iterator<Item = i64>) {
    let mut runs: Vec<(i64, i64)> = Vec::new();
    let mut next = 0;
    for number in numbers {
        match runs.last_mut() {
            Some((_, length)) if number == next => *length += 1,
            Some(_) | None => runs.push((number - next, 1)),
        }
        next = number + 1;
    }
    pack::put(out, runs.len() as i64);
    for (left_out, length) in runs {
        pack::put(out, left_out);
        pack::put(out, length);
    }
}

#[cfg(test)]
mod tests;
