//! The compact form of a raw window: IMU samples in, bytes out, and back. Lossless at its quantisation (1 ms, 1 mg,
//! 1 mrad/s), which is below the noise of a phone's sensors. Which samples a window has is `behaviour`'s.
//!
//! A version's byte, the number of samples, then sample by sample the time, whether there is a rate, three forces and
//! three rates, each as how far it is from what the samples before foretell, coded at the price that they have taught
//! (`coder`). A step of time is foretold as the last one; a force or a rate as the last one and what its last four changes
//! say of the next, by a filter that learns as it goes (normalised least mean squares, Widrow and Hoff, 1960).

use crate::blob::{BlobError, MAX_ITEMS, begin, open};
use crate::coder::{Coder, Column, Decoder, Encoder, length};
use crate::sample::{ImuSample, MonoTime};

/// Samples in one piece at most.
pub const MAX_SAMPLES: usize = MAX_ITEMS;
/// The first byte; 1 was columns of varints, which nothing ever kept.
const VERSION: u8 = 2;
const NS_PER_MS: i64 = 1_000_000;
/// A thousandth of the standard acceleration of free fall.
pub const MG_MPS2: f64 = 9.806_65e-3;
const MRAD: f64 = 1e-3;

/// A sample in whole numbers: ms, three forces in mg, three rates in mrad/s if there is one.
struct Row {
    time: i64,
    force: [i64; 3],
    rate: Option<[i64; 3]>,
}

/// Packs samples. Those with a force or a rate that is no number are left out, as are those beyond [`MAX_SAMPLES`].
pub fn encode(samples: &[ImuSample]) -> Vec<u8> {
    let usable = || samples.iter().filter(|s| is_finite(s)).take(MAX_SAMPLES);
    let (mut encoder, mut model) = (Encoder::new(begin(VERSION, usable().count())), Model::new());
    // An encoder takes all that it is given.
    let _ = usable().try_for_each(|sample| model.code(&mut encoder, row(sample)).map(|_| ()));
    encoder.finish()
}

/// Unpacks what [`encode`] packed.
pub fn decode(bytes: &[u8]) -> Result<Vec<ImuSample>, BlobError> {
    let (version, count, rest) = open(bytes)?;
    if version != VERSION {
        return Err(BlobError::Version);
    }
    let (mut decoder, mut model) = (Decoder::new(rest), Model::new());
    let nothing = || Row { time: 0, force: [0; 3], rate: None };
    let samples: Option<Vec<ImuSample>> = (0..count).map(|_| sample(model.code(&mut decoder, nothing())?)).collect();
    samples.filter(|_| decoder.ends_here()).ok_or(BlobError::Damaged)
}

struct Model {
    steps: Column,
    has_rate: Column,
    time: i64,
    step: i64,
    force: [Channel; 3],
    rate: [Channel; 3],
}

impl Model {
    fn new() -> Self {
        let three = || [Channel::new(), Channel::new(), Channel::new()];
        Self { steps: Column::new(1), has_rate: Column::new(1), time: 0, step: 0, force: three(), rate: three() }
    }

    /// Codes a sample, or returns the one that was coded.
    fn code(&mut self, coder: &mut impl Coder, row: Row) -> Option<Row> {
        let miss = row.time.wrapping_sub(self.time).wrapping_sub(self.step);
        self.step = self.step.wrapping_add(self.steps.code(coder, miss, [0])?);
        self.time = self.time.wrapping_add(self.step);
        let has_rate = self.has_rate.flag(coder, row.rate.is_some(), [0])?;
        let force = three(&mut self.force, coder, row.force)?;
        let rate = if has_rate { Some(three(&mut self.rate, coder, row.rate.unwrap_or_default())?) } else { None };
        Some(Row { time: self.time, force, rate })
    }
}

fn three(channels: &mut [Channel; 3], coder: &mut impl Coder, [x, y, z]: [i64; 3]) -> Option<[i64; 3]> {
    let [a, b, c] = channels;
    Some([a.code(coder, x)?, b.code(coder, y)?, c.code(coder, z)?])
}

/// Changes that the filter looks back at: more learn too slowly for the 1 000 samples of a window.
const TAPS: usize = 4;
/// Weights are out of 2¹⁶.
const WEIGHT_BITS: u32 = 16;
/// How fast the filter learns, in the same: a twenty-second of the way to what would have been right.
const LEARNS: i64 = 3_000;
/// The same for changes of nothing.
const QUIET: i64 = 16;
/// Lengths of misses that are told apart.
const LENGTHS: usize = 16;
/// What is more than this is damage; the filter must not overflow over it.
const FAR: i64 = 1 << 20;

struct Channel {
    misses: Column,
    last: i64,
    last_misses: [i64; 2],
    changes: [i64; TAPS],
    weights: [i64; TAPS],
}

impl Channel {
    fn new() -> Self {
        Self {
            misses: Column::new(1 + LENGTHS),
            last: 0,
            last_misses: [0; 2],
            changes: [0; TAPS],
            // Half of the last change goes on: where the filter begins.
            weights: [1 << (WEIGHT_BITS - 1), 0, 0, 0],
        }
    }

    fn code(&mut self, coder: &mut impl Coder, value: i64) -> Option<i64> {
        let sum: i64 = self.weights.iter().zip(self.changes).map(|(weight, change)| weight * change).sum();
        let change = ((sum + (1 << (WEIGHT_BITS - 1))) >> WEIGHT_BITS).clamp(-FAR, FAR);
        let foretold = self.last.wrapping_add(change);
        let [last, before] = self.last_misses;
        let recent = length(last.wrapping_mul(2).wrapping_add(before)).min(LENGTHS - 1);
        let miss = self.misses.code(coder, value.wrapping_sub(foretold), [0, 1 + recent])?;
        let value = foretold.wrapping_add(miss);
        self.learn(miss.clamp(-FAR, FAR), value.wrapping_sub(self.last).clamp(-FAR, FAR));
        self.last = value;
        self.last_misses = [miss, last];
        Some(value)
    }

    fn learn(&mut self, miss: i64, change: i64) {
        let power: i64 = self.changes.iter().map(|change| change * change).sum::<i64>() + QUIET;
        for (weight, change) in self.weights.iter_mut().zip(self.changes) {
            let more = i128::from(miss) * i128::from(change) * i128::from(LEARNS) / i128::from(power);
            *weight = (*weight + more as i64).clamp(-FAR, FAR);
        }
        let [a, b, c, _] = self.changes;
        self.changes = [change, a, b, c];
    }
}

fn row(sample: &ImuSample) -> Row {
    let whole = |v: [f32; 3], unit: f64| v.map(|x| (f64::from(x) / unit).round() as i64);
    Row {
        time: sample.t.0.div_euclid(NS_PER_MS),
        force: whole(sample.force_mps2, MG_MPS2),
        rate: sample.rate_rad_s.map(|rate| whole(rate, MRAD)),
    }
}

fn sample(row: Row) -> Option<ImuSample> {
    let real = |v: [i64; 3], unit: f64| v.map(|n| (n as f64 * unit) as f32);
    let t = MonoTime(row.time.checked_mul(NS_PER_MS)?);
    Some(ImuSample { t, force_mps2: real(row.force, MG_MPS2), rate_rad_s: row.rate.map(|rate| real(rate, MRAD)) })
}

fn is_finite(sample: &ImuSample) -> bool {
    sample.force_mps2.iter().chain(sample.rate_rad_s.iter().flatten()).all(|v| v.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shaken(n: i64) -> Vec<ImuSample> {
        let wave = |i: i64, k: i64| ((i * k * 7919) % 200 - 100) as f32 * 0.031;
        (0..n)
            .map(|i| ImuSample {
                t: MonoTime(i * 10 * NS_PER_MS),
                force_mps2: [wave(i, 1), wave(i, 2), 9.81 + wave(i, 3)],
                rate_rad_s: (i % 50 > 0).then(|| [wave(i, 4), wave(i, 5), -wave(i, 6)]),
            })
            .collect()
    }

    #[test]
    fn what_goes_in_comes_out_at_its_quantisation() {
        let samples = shaken(500);
        let back = decode(&encode(&samples)).unwrap();
        assert_eq!(back.len(), samples.len());
        for (a, b) in samples.iter().zip(&back) {
            assert_eq!(a.t, b.t);
            assert!(a.force_mps2.iter().zip(b.force_mps2).all(|(x, y)| f64::from((x - y).abs()) <= 0.51 * MG_MPS2));
            let (Some(x), Some(y)) = (a.rate_rad_s, b.rate_rad_s) else {
                assert_eq!(a.rate_rad_s, b.rate_rad_s);
                continue;
            };
            assert!(x.iter().zip(y).all(|(x, y)| f64::from((x - y).abs()) <= 0.51 * MRAD));
        }
        assert_eq!(encode(&back), encode(&samples), "packing twice changes nothing");
    }

    #[test]
    fn what_is_no_number_is_left_out_and_damage_is_an_error() {
        let mut samples = shaken(20);
        samples[3].force_mps2[1] = f32::NAN;
        samples[7].rate_rad_s = Some([0.0, f32::INFINITY, 0.0]);
        let good = encode(&samples);
        assert_eq!(decode(&good).unwrap().len(), 18);
        for cut in 0..good.len() {
            assert!(decode(&good[..cut]).is_err());
        }
        assert_eq!(decode(&[9, 0]), Err(BlobError::Version));
        assert_eq!(decode(&[VERSION, 0xff, 0xff, 0xff, 0xff, 0x0f]), Err(BlobError::Damaged));
    }

    #[test]
    fn a_thousand_g_come_back() {
        let mut samples = shaken(50);
        for (n, sample) in samples.iter_mut().enumerate() {
            sample.force_mps2[0] = if n % 2 == 0 { 1e4 } else { -1e4 };
        }
        let back = decode(&encode(&samples)).unwrap();
        assert_eq!(encode(&back), encode(&samples));
    }
}
