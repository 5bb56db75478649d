//! The last seconds of cells with running integrals, because a fix describes a moment that is already past. The integrals
//! are along a horizontal basis that is fixed in the phone, so they need no mount.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::cell::Cell;
use super::filter::SLOW_CELL_S;

/// Cells kept: 3.2 s at 25 a second, the longest lag (2.4 s) and what a fix needs around it.
pub const KEPT: usize = 80;

/// After so long the integrals are written against the newest again, so that single precision does: 10⁻⁵ m, 10⁻⁶ m/s.
const REBASE_S: f64 = 8.0;

/// Three cells.
const JOINED_S: f64 = 0.13;

/// Two cells: as exact as one by one, on recordings too.
const STRIDE_S: f64 = 0.09;

/// A cell, as the delayed filter comes to it, with the integrals up to its end.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its end, on the filter's axis.
    pub t_s: f64,
    dt_s: f32,
    force: [f32; 3],
    rate: Option<[f32; 3]>,
    rate_noise: f32,
    /// The phone rested.
    pub at_rest: bool,
    /// What the integrals add to the history's base.
    since: [f32; 7],
}

impl Entry {
    /// A cell; the history adds the integrals.
    pub fn new(cell: &Cell, at_rest: bool, rate_noise: f64) -> Self {
        Self {
            t_s: 0.0,
            dt_s: cell.dt_s as f32,
            force: cell.force.map(|x| x as f32),
            rate: cell.rate.map(|rate| rate.map(|x| x as f32)),
            rate_noise: rate_noise as f32,
            at_rest,
            since: [0.0; 7],
        }
    }

    /// The cell.
    #[inline]
    pub fn cell(&self) -> Cell {
        Cell {
            dt_s: f64::from(self.dt_s),
            force: self.force.map(f64::from),
            rate: self.rate.map(|rate| rate.map(f64::from)),
        }
    }

    /// One of samples that come faster than cells.
    fn is_short(&self) -> bool {
        f64::from(self.dt_s) <= SLOW_CELL_S
    }

    /// Nothing is lost if both are taken as one.
    fn goes_with(&self, next: &Self) -> bool {
        next.is_short() && self.at_rest == next.at_rest && self.rate.is_some() == next.rate.is_some()
    }
}

/// A cell or some, as the delayed filter comes to them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stride {
    /// Its end, on the filter's axis.
    pub t_s: f64,
    /// The mean.
    pub cell: Cell,
    /// How many they are.
    pub cells: u32,
    /// Variance of the mean rotation rate that comes from vibration, per axis.
    pub rate_noise: f64,
    /// The phone rested.
    pub at_rest: bool,
}

impl Stride {
    /// One cell.
    pub fn of(entry: &Entry) -> Self {
        let rate_noise = f64::from(entry.rate_noise);
        Self { t_s: entry.t_s, cell: entry.cell(), cells: 1, rate_noise, at_rest: entry.at_rest }
    }

    /// And the next: what vibration does to either is its own.
    fn and(&self, next: &Self) -> Self {
        let cell = self.cell.joined(&next.cell);
        let angle = |one: &Self| one.rate_noise * one.cell.dt_s * one.cell.dt_s;
        let rate_noise = (angle(self) + angle(next)) / (cell.dt_s * cell.dt_s).max(1e-9);
        Self { t_s: next.t_s, cell, cells: self.cells + next.cells, rate_noise, at_rest: self.at_rest }
    }
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
    fn as_array(&self) -> [f64; 7] {
        let [c0, c1] = self.corrected;
        [self.along, self.across, self.turned, self.east, self.north, c0, c1]
    }

    fn of(t_s: f64, [along, across, turned, east, north, c0, c1]: [f64; 7]) -> Self {
        Self { t_s, along, across, turned, east, north, corrected: [c0, c1] }
    }

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
    base: Sums,
    newest: Sums,
    /// How many at the end the delayed filter has not seen.
    pub fresh: usize,
}

impl History {
    /// Adds the newest, with the integrals at its end.
    pub fn push(&mut self, entry: Entry, sums: Sums) {
        if self.entries.len() == KEPT {
            self.entries.pop_front();
        }
        if self.entries.is_empty() {
            self.base = sums;
        }
        let entry = Entry { t_s: sums.t_s, since: less(&sums, &self.base), ..entry };
        self.newest = sums;
        self.entries.push_back(entry);
        self.fresh = (self.fresh + 1).min(self.entries.len());
        if sums.t_s - self.base.t_s > REBASE_S {
            self.rebase();
        }
    }

    /// The integrals at the end of the newest.
    pub fn newest(&self) -> Option<Sums> {
        if self.entries.is_empty() { None } else { Some(self.newest) }
    }

    fn rebase(&mut self) {
        let base = std::mem::replace(&mut self.base, self.newest);
        for entry in &mut self.entries {
            entry.since = less(&sums(&base, entry), &self.newest);
        }
    }

    /// What the delayed filter, which may go up to `until_s`, steps through next: some cells as one, over which a vehicle
    /// turns little, but no further than to where a measurement is `due_s`. Fewer than that wait for the next.
    pub fn stride(&mut self, until_s: f64, due_s: f64) -> Option<Stride> {
        let fresh = self.entries.range(self.entries.len().checked_sub(self.fresh)?..);
        let mut ahead = fresh.clone();
        let mut last = ahead.next().filter(|first| first.t_s <= until_s)?;
        let (mut count, mut dt_s) = (1, last.dt_s);
        while due_s > last.t_s && last.is_short() && f64::from(dt_s + last.dt_s) <= STRIDE_S {
            let next = ahead.next().filter(|next| next.t_s <= until_s)?;
            if !last.goes_with(next) {
                break;
            }
            (count, dt_s, last) = (count + 1, dt_s + next.dt_s, next);
        }
        let stride = fresh.take(count).map(Stride::of).reduce(|stride, next| stride.and(&next))?;
        self.fresh = self.fresh.saturating_sub(stride.cells as usize);
        Some(stride)
    }

    /// All that the delayed filter has not seen, oldest first.
    pub fn iter_fresh(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().skip(self.entries.len().saturating_sub(self.fresh))
    }

    /// The same, joined to cells of a length over which a vehicle turns little.
    pub fn fresh_cells(&self) -> impl Iterator<Item = Cell> {
        let mut fresh = self.iter_fresh().peekable();
        std::iter::from_fn(move || {
            let mut cell = fresh.next()?.cell();
            while let Some(next) = fresh.next_if(|next| cell.dt_s + f64::from(next.dt_s) <= JOINED_S) {
                cell = cell.joined(&next.cell());
            }
            Some(cell)
        })
    }

    /// Forgets everything: time has a hole.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.fresh = 0;
    }

    /// The integrals at times that fall; `None` where they lie before what is kept. Later than the newest counts as the
    /// newest if by no more than a cell of the slowest IMU.
    pub fn sums_at<const M: usize>(&self, falling_t_s: [f64; M]) -> [Option<Sums>; M] {
        let mut newer: Option<&Entry> = None;
        let mut walk = self.entries.iter().rev();
        let mut older = walk.next();
        falling_t_s.map(|t| {
            while let Some(o) = older
                && o.t_s > t
            {
                newer = Some(o);
                older = walk.next();
            }
            let o = sums(&self.base, older?);
            match newer.map(|n| sums(&self.base, n)) {
                Some(n) => Some(o.between(&n, (t - o.t_s) / (n.t_s - o.t_s).max(1e-6))),
                None => (t - o.t_s < 0.3).then_some(o),
            }
        })
    }
}

fn sums(base: &Sums, entry: &Entry) -> Sums {
    let mut all = base.as_array();
    for (x, since) in all.iter_mut().zip(entry.since) {
        *x += f64::from(since);
    }
    Sums::of(entry.t_s, all)
}

fn less(sums: &Sums, base: &Sums) -> [f32; 7] {
    let mut rest = [0.0; 7];
    for ((rest, x), base) in rest.iter_mut().zip(sums.as_array()).zip(base.as_array()) {
        *rest = (x - base) as f32;
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_an_hour_at_speed_then_integrals_of_the_last_seconds_are_as_exact_as_at_its_begin() {
        let at = |t_s: f64| Sums { t_s, along: 0.7 * t_s, east: 30.0 * t_s, ..Sums::default() };
        let cell = Cell { dt_s: 0.04, force: [0.0; 3], rate: None };
        let mut history = History::default();
        for i in 0..90_000 {
            let t_s = f64::from(i) * 0.04;
            history.push(Entry::new(&cell, false, 0.0), at(t_s));
            let [now, then] = history.sums_at([t_s - 0.01, t_s - 1.01]);
            if let (Some(now), Some(then)) = (now, then) {
                assert!((now.east - then.east - 30.0).abs() < 1e-4, "{i}: {}", now.east - then.east);
                assert!((now.along - then.along - 0.7).abs() < 1e-5, "{i}: {}", now.along - then.along);
            }
        }
        assert_eq!(history.sums_at([3500.0]), [None]);
    }
}
