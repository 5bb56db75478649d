//! The last seconds of cells with running integrals, because a fix describes a moment that is already past. The integrals
//! are along a horizontal basis that is fixed in the phone, so they need no mount.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::cell::Cell;

/// Cells kept: 3.2 s at 25 a second, the longest lag (2.4 s) and what a fix needs around it.
pub const KEPT: usize = 80;

/// A cell and the integrals up to its end.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The cell.
    pub cell: Cell,
    /// The phone rested.
    pub at_rest: bool,
    /// Variance of the cell's rotation rate that comes from vibration, per axis.
    pub rate_noise: f64,
    /// Running integrals at the end of the cell.
    pub sums: Sums,
}

/// Running integrals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sums {
    /// Seconds on the filter's axis.
    pub t_s: f64,
    /// Of the horizontal force along the basis, m/s.
    pub along: f64,
    /// Of the horizontal force to the left of the basis, m/s.
    pub across: f64,
    /// Of the yaw rate, rad.
    pub turned: f64,
    /// Of the velocity towards east, m.
    pub east: f64,
    /// Of the velocity towards north, m.
    pub north: f64,
    /// How much corrections of up have changed the horizontal force, along and across, m/s².
    pub corrected: [f64; 2],
}

impl Sums {
    fn between(&self, later: &Self, k: f64) -> Self {
        let mix = |a: f64, b: f64| a + k * (b - a);
        Self {
            t_s: mix(self.t_s, later.t_s),
            along: mix(self.along, later.along),
            across: mix(self.across, later.across),
            turned: mix(self.turned, later.turned),
            east: mix(self.east, later.east),
            north: mix(self.north, later.north),
            corrected: later.corrected,
        }
    }
}

/// The last seconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    entries: VecDeque<Entry>,
    /// How many at the end the delayed filter has not seen.
    pub fresh: usize,
}

impl History {
    /// Adds the newest.
    pub fn push(&mut self, entry: Entry) {
        if self.entries.len() == KEPT {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
        self.fresh = (self.fresh + 1).min(self.entries.len());
    }

    /// The newest.
    pub fn last(&self) -> Option<&Entry> {
        self.entries.back()
    }

    /// The oldest that the delayed filter has not seen.
    pub fn next_fresh(&self) -> Option<&Entry> {
        let i = self.entries.len().checked_sub(self.fresh)?;
        self.entries.get(i)
    }

    /// All that the delayed filter has not seen, oldest first.
    pub fn iter_fresh(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().skip(self.entries.len().saturating_sub(self.fresh))
    }

    /// Forgets everything: time has a hole.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.fresh = 0;
    }

    /// The integrals at times that fall; `None` where they lie before what is kept. Later than the newest counts as the
    /// newest if by no more than a cell of the slowest IMU.
    pub fn sums_at<const M: usize>(&self, falling_t_s: [f64; M]) -> [Option<Sums>; M] {
        let mut newer: Option<&Sums> = None;
        let mut walk = self.entries.iter().rev();
        let mut older = walk.next().map(|e| &e.sums);
        falling_t_s.map(|t| {
            while let Some(o) = older
                && o.t_s > t
            {
                newer = Some(o);
                older = walk.next().map(|e| &e.sums);
            }
            let o = older?;
            match newer {
                Some(n) => Some(o.between(n, (t - o.t_s) / (n.t_s - o.t_s).max(1e-6))),
                None => (t - o.t_s < 0.3).then_some(*o),
            }
        })
    }
}
