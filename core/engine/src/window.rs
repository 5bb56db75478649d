//! The compact form of a raw window: IMU samples in, bytes out, and back. Lossless at its quantisation (1 ms, 1 mg,
//! 1 mrad/s), which is below the noise of a phone's sensors. A general-purpose compressor on top is the caller's.
//!
//! Layout, version 1: a byte `1`, the number of samples, then column by column time (second differences), whether there
//! is a rate (0 or 1), three forces and three rates (first differences; those of a sample without a rate are left out).
//! Varints as in `packing`.

use crate::columns::{put_differences, put_second_differences, take_differences, take_second_differences};
use crate::packing::{put, take};
use crate::sample::{ImuSample, MonoTime};

/// The first byte.
const VERSION: u8 = 1;
/// Eleven minutes at 200 Hz; what claims more is damaged, not long.
pub const MAX_SAMPLES: usize = 131_072;
const NS_PER_MS: i64 = 1_000_000;
/// A thousandth of the standard acceleration of free fall.
pub const MG_MPS2: f64 = 9.806_65e-3;
const MRAD: f64 = 1e-3;
const AXES: usize = 3;

/// Why bytes are no window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WindowError {
    /// The first byte is of a version that this code does not know.
    #[error("a window of an unknown version")]
    Version,
    /// It ends too early, goes on too long, or holds a number that cannot be.
    #[error("a damaged window")]
    Damaged,
}

/// Packs samples. Those with a force or a rate that is no number are left out, as are those beyond [`MAX_SAMPLES`].
pub fn encode(samples: &[ImuSample]) -> Vec<u8> {
    let usable = || samples.iter().filter(|s| is_finite(s)).take(MAX_SAMPLES);
    let rates = || usable().filter_map(|s| s.rate_rad_s);
    let mut out = vec![VERSION];
    put(&mut out, usable().count() as i64);
    put_second_differences(&mut out, usable().map(|s| s.t.0.div_euclid(NS_PER_MS)));
    usable().for_each(|s| put(&mut out, s.rate_rad_s.is_some().into()));
    for axis in 0..AXES {
        put_differences(&mut out, usable().filter_map(|s| Some(quanta(*s.force_mps2.get(axis)?, MG_MPS2))));
    }
    for axis in 0..AXES {
        put_differences(&mut out, rates().filter_map(|rate| Some(quanta(*rate.get(axis)?, MRAD))));
    }
    out
}

/// Unpacks what [`encode`] packed.
pub fn decode(bytes: &[u8]) -> Result<Vec<ImuSample>, WindowError> {
    let (version, mut rest) = bytes.split_first().ok_or(WindowError::Damaged)?;
    if *version != VERSION {
        return Err(WindowError::Version);
    }
    let damaged = WindowError::Damaged;
    let count = take(&mut rest).and_then(|n| usize::try_from(n).ok()).filter(|n| *n <= MAX_SAMPLES).ok_or(damaged)?;
    // Each number is at least a byte: a short input cannot ask for much memory.
    if rest.len() < count.saturating_mul(2 + AXES) {
        return Err(damaged);
    }
    let times = take_second_differences(&mut rest, count).ok_or(damaged)?;
    let has_rate: Vec<bool> = (0..count).map(|_| Some(take(&mut rest)? != 0)).collect::<Option<_>>().ok_or(damaged)?;
    let mut forces = triples(&mut rest, count).ok_or(damaged)?.into_iter();
    let mut rates = triples(&mut rest, has_rate.iter().filter(|has| **has).count()).ok_or(damaged)?.into_iter();
    if !rest.is_empty() {
        return Err(damaged);
    }
    let mut samples = Vec::with_capacity(count);
    for (t, has_rate) in times.into_iter().zip(has_rate) {
        samples.push(ImuSample {
            t: MonoTime(t.checked_mul(NS_PER_MS).ok_or(damaged)?),
            force_mps2: forces.next().ok_or(damaged)?.map(|q| (q as f64 * MG_MPS2) as f32),
            rate_rad_s: if has_rate { rates.next().map(|rate| rate.map(|q| (q as f64 * MRAD) as f32)) } else { None },
        });
    }
    Ok(samples)
}

fn triples(rest: &mut &[u8], count: usize) -> Option<Vec<[i64; AXES]>> {
    let (x, y, z) = (take_differences(rest, count)?, take_differences(rest, count)?, take_differences(rest, count)?);
    Some(x.into_iter().zip(y).zip(z).map(|((x, y), z)| [x, y, z]).collect())
}

fn quanta(value: f32, unit: f64) -> i64 {
    (f64::from(value) / unit).round() as i64
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
        assert_eq!(decode(&[9]), Err(WindowError::Version));
        assert_eq!(decode(&[VERSION, 0xff, 0xff, 0xff, 0xff, 0x0f]), Err(WindowError::Damaged));
    }
}
