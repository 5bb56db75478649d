//! Decimation: averages samples over cells of 40 ms of event time, the box filter that keeps vibration from aliasing
//! into the decimated rate. It decides nothing about motion. Samples that come slower than cells pass one by one.

use serde::{Deserialize, Serialize};

use crate::num::{Vec3, axpy};
use crate::sample::{ImuSample, MonoTime};

/// Length of a cell: 25 frames a second hold everything a vehicle does, and integrate without coning error below
/// 2 rad/s.
pub const CELL_NS: i64 = 40_000_000;

/// The mean of the samples of one cell.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// Time since the last sample of the cell before; 0 for the first and after a hole.
    pub dt_s: f64,
    /// Mean specific force, phone frame.
    pub force: Vec3,
    /// Mean rotation rate, phone frame.
    pub rate: Option<Vec3>,
}

impl Cell {
    /// As one with the next.
    pub fn joined(&self, next: &Self) -> Self {
        let dt_s = self.dt_s + next.dt_s;
        let part = if dt_s > 0.0 { next.dt_s / dt_s } else { 0.5 };
        let mix = |a: Vec3, b: Vec3| axpy(a, part, axpy(b, -1.0, a));
        let rate = match (self.rate, next.rate) {
            (Some(a), Some(b)) => Some(mix(a, b)),
            (one, other) => one.or(other),
        };
        Self { dt_s, force: mix(self.force, next.force), rate }
    }
}

/// A cell that is over.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Closed {
    /// Time of its last sample.
    pub t: MonoTime,
    /// Largest |specific force| of a sample.
    pub force_max: f64,
    /// The mean.
    pub cell: Cell,
}

/// Collects samples into cells.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Decimator {
    /// End of the open cell on the grid.
    end_ns: i64,
    /// Last sample of the open cell.
    t: MonoTime,
    force: Vec3,
    force_max2: f64,
    rate: Vec3,
    samples: u32,
    rated: u32,
    /// Last sample of the cell before.
    previous: Option<MonoTime>,
}

impl Decimator {
    /// Takes a sample; returns the cell before its own if that is over now.
    pub fn push(&mut self, sample: &ImuSample, hole_s: f64) -> Option<Closed> {
        let t_ns = sample.t.0;
        let mut closed = None;
        if t_ns >= self.end_ns || self.samples == 0 {
            closed = self.close(hole_s);
            self.end_ns = t_ns.saturating_sub(t_ns.rem_euclid(CELL_NS)).saturating_add(CELL_NS);
        }
        let [x, y, z] = sample.force_mps2.map(f64::from);
        let [sx, sy, sz] = self.force;
        self.force = [sx + x, sy + y, sz + z];
        let square = x * x + y * y + z * z;
        if square > self.force_max2 {
            self.force_max2 = square;
        }
        if let Some(rate) = sample.rate_rad_s {
            let [x, y, z] = rate.map(f64::from);
            let [sx, sy, sz] = self.rate;
            self.rate = [sx + x, sy + y, sz + z];
            self.rated += 1;
        }
        self.samples += 1;
        self.t = sample.t;
        closed
    }

    /// Time has come to `t`: returns the open cell if it is over.
    pub fn advance(&mut self, t: MonoTime, hole_s: f64) -> Option<Closed> {
        if t.0 < self.end_ns { None } else { self.close(hole_s) }
    }

    fn close(&mut self, hole_s: f64) -> Option<Closed> {
        if self.samples == 0 {
            return None;
        }
        let k = 1.0 / f64::from(self.samples);
        let since = self.previous.map_or(0.0, |before| self.t.since(before));
        let cell = Cell {
            dt_s: if since > hole_s { 0.0 } else { since },
            force: self.force.map(|x| x * k),
            rate: (self.rated > 0).then(|| self.rate.map(|x| x / f64::from(self.rated))),
        };
        let closed = Closed { t: self.t, force_max: self.force_max2.sqrt(), cell };
        let next = Self { previous: Some(self.t), end_ns: self.end_ns, ..Self::default() };
        *self = next;
        Some(closed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(t_s: f64, x: f32) -> ImuSample {
        ImuSample { t: MonoTime::from_seconds(t_s), force_mps2: [x, 0.0, 0.0], rate_rad_s: Some([x, 0.0, 0.0]) }
    }

    #[test]
    fn given_100_hz_then_a_cell_is_the_mean_of_its_four_samples() {
        let mut d = Decimator::default();
        let cells: Vec<Closed> = (0..9).filter_map(|i| d.push(&sample(f64::from(i) * 0.01, i as f32), 0.5)).collect();
        assert_eq!(cells.len(), 2);
        assert_eq!(cells[0].cell.force[0], 1.5);
        assert_eq!(cells[1].force_max, 7.0);
        assert!((cells[1].cell.dt_s - 0.04).abs() < 1e-9);
    }

    #[test]
    fn given_5_hz_then_every_sample_is_a_cell_and_a_hole_has_no_length() {
        let mut d = Decimator::default();
        assert_eq!(d.push(&sample(0.0, 1.0), 0.5), None);
        assert_eq!(d.advance(MonoTime::from_seconds(0.03), 0.5), None);
        assert!(d.advance(MonoTime::from_seconds(0.05), 0.5).is_some());
        assert_eq!(d.push(&sample(0.2, 2.0), 0.5), None);
        let second = d.push(&sample(1.2, 3.0), 0.5).unwrap();
        assert!((second.cell.dt_s - 0.2).abs() < 1e-9);
        assert_eq!(d.advance(MonoTime::from_seconds(2.0), 0.5).unwrap().cell.dt_s, 0.0);
    }
}
