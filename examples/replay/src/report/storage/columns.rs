//! The codecs' bytes beside an empirical entropy of the same columns: what an ideal coder of each column by itself would
//! need that is told the column as differences of neighbours (second ones of time and place, first ones of speeds, forces
//! and rates), knew beforehand how they are spread, and learnt nothing from their order. The codecs know nothing
//! beforehand but may learn from the order, so they may come out below.

use std::collections::BTreeMap;

use milepost::store::CHUNK_POINTS;
use milepost_engine::contract::TrackPoint;
use milepost_engine::sample::ImuSample;
use milepost_engine::window::MG_MPS2;
use milepost_engine::{track, window};

/// A raw window: ten seconds at 100 Hz.
const WINDOW_SAMPLES: usize = 1_000;
const NS_PER_MS: i64 = 1_000_000;

/// Bytes of so many items, and the columns that they were made of.
#[derive(Clone, Debug, Default)]
pub struct Packed {
    /// Points or samples.
    pub items: usize,
    /// As packed.
    pub bytes: usize,
    columns: Vec<Vec<i64>>,
}

impl Packed {
    /// Bytes an item.
    pub fn per_item(&self) -> Option<f64> {
        (self.items > 0).then(|| self.bytes as f64 / self.items as f64)
    }

    /// Of the entropy of all columns together.
    pub fn of_entropy(&self) -> Option<f64> {
        let entropy: f64 = self.columns.iter().map(|column| entropy(column)).sum();
        (entropy > 0.0).then(|| self.bytes as f64 / entropy)
    }

    /// More of the same.
    pub fn add(&mut self, other: Self) {
        self.items += other.items;
        self.bytes += other.bytes;
        if self.columns.is_empty() {
            self.columns = other.columns;
            return;
        }
        self.columns.iter_mut().zip(other.columns).for_each(|(mine, theirs)| mine.extend(theirs));
    }
}

/// A track in the store's chunks.
pub fn track(points: &[TrackPoint]) -> Packed {
    let bytes = points.chunks(CHUNK_POINTS).map(|chunk| track::pack(chunk).len()).sum();
    let column = |of: fn(&TrackPoint) -> i64| points.iter().map(of);
    let columns = vec![
        second_differences(column(|p| p.t.0.div_euclid(NS_PER_MS))),
        second_differences(column(|p| quanta(p.position.lat_deg, 1e-6))),
        second_differences(column(|p| quanta(p.position.lon_deg, 1e-6))),
        differences(column(|p| p.speed_mps.map_or(0, |v| quanta(v, 0.1) + 1))),
        turns(column(|p| p.heading_deg.map_or(0, |deg| i64::from(deg) + 1))),
        differences(column(|p| p.alt_m.map_or(0, |m| i64::from(m) + 1))),
    ];
    Packed { items: points.len(), bytes, columns }
}

/// Samples in windows; only those with a rate.
pub fn windows(samples: &[ImuSample]) -> Packed {
    let all: Vec<(ImuSample, [f32; 3])> = samples.iter().filter_map(|s| Some((*s, s.rate_rad_s?))).collect();
    let samples: Vec<ImuSample> = all.iter().map(|(s, _)| *s).collect();
    let bytes = samples.chunks(WINDOW_SAMPLES).map(|some| window::encode(some).len()).sum();
    let mut columns = vec![second_differences(samples.iter().map(|s| s.t.0.div_euclid(NS_PER_MS)))];
    for axis in 0..3 {
        columns.push(differences(
            all.iter().filter_map(|(s, _)| Some(quanta((*s.force_mps2.get(axis)?).into(), MG_MPS2))),
        ));
        columns.push(differences(all.iter().filter_map(|(_, rate)| Some(quanta((*rate.get(axis)?).into(), 1e-3)))));
    }
    Packed { items: samples.len(), bytes, columns }
}

fn quanta(value: f64, unit: f64) -> i64 {
    (value / unit).round() as i64
}

/// Differences of headings, the shorter way round.
fn turns(values: impl Iterator<Item = i64>) -> Vec<i64> {
    differences(values).into_iter().map(|turn| (turn + 180).rem_euclid(360) - 180).collect()
}

fn differences(values: impl Iterator<Item = i64>) -> Vec<i64> {
    let mut before = 0;
    values.map(|value| value - std::mem::replace(&mut before, value)).collect()
}

fn second_differences(values: impl Iterator<Item = i64>) -> Vec<i64> {
    differences(differences(values).into_iter())
}

/// Shannon's, of the values as they are spread, in bytes for all of them.
fn entropy(values: &[i64]) -> f64 {
    let mut counts: BTreeMap<i64, usize> = BTreeMap::new();
    for value in values {
        *counts.entry(*value).or_default() += 1;
    }
    let all = values.len() as f64;
    counts.values().map(|&n| n as f64 * libm::log2(all / n as f64)).sum::<f64>() / 8.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_even_spread_of_256_values_is_a_byte_each() {
        let values: Vec<i64> = (0..2_560).map(|n| n % 256).collect();
        assert!((entropy(&values) - 2_560.0).abs() < 1e-6);
        assert_eq!(entropy(&[7; 100]), 0.0);
    }
}
