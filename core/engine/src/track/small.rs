//! The small form of a track: point by point, each number as how far it is from what the points before foretell, coded at
//! the price that they have taught (`coder`). A vehicle is foretold where it gets to at its last velocity, where it stands,
//! or half-way, by whichever was nearest of late; a step of time as the last one; a speed as the last one, or none; a
//! heading and a height as the last ones, or as far on as they went.

use crate::coder::{Coder, Column, Decoder, Encoder, Foretellers, length};

/// A point in whole numbers: ms, 10⁻⁶ degrees of latitude and longitude, 0.1 m/s plus one (0 for unknown), degrees of
/// heading plus one (0 for unknown), metres of height plus [`HEIGHT_ZERO`] (0 for unknown).
pub(super) type Row = [i64; 6];

/// Above 0 for all that is known.
pub(super) const HEIGHT_ZERO: i64 = 1 - i16::MIN as i64;
/// Degrees.
pub(super) const CIRCLE: i64 = 360;

const MS_PER_S: i64 = 1_000;
/// Lengths of numbers that are told apart; what is longer than 20 bits is a leap.
const LENGTHS: usize = 21;
/// The same of what a place missed by, as a hint for the speed: 12 bits are 400 m.
const SPEED_HINTS: usize = 13;
/// Changes of speed that are told apart: 10 bits are 100 m/s.
const CHANGES: usize = 11;
/// How irregular a step of time was, in eighths of a millisecond's bits.
const PACES: usize = 4;
const SIGNS: usize = 3;

struct Model {
    whole_second: Column,
    whole_steps: Column,
    odd_steps: Column,
    places: Column,
    speeds: Column,
    time: i64,
    step: i64,
    /// What the last step missed by.
    pace: i64,
    place: [Axis; 2],
    speed: i64,
    standing: Foretellers<2>,
    /// What the last two speeds missed by, the last one first.
    speed_misses: [i64; 2],
    /// Heading and height, where this version has them.
    more: Option<[Slow; 2]>,
}

/// A number that may be unknown and changes slowly.
struct Slow {
    known: Column,
    changes: Column,
    /// The last that was known, and how much it changed by then.
    at: i64,
    went: i64,
    /// Whether the last point had one.
    had: bool,
    misses: [i64; 2],
    on: Foretellers<2>,
    /// It is the same again after so many.
    circle: Option<i64>,
}

struct Axis {
    at: i64,
    went: i64,
    misses: [i64; 2],
    motion: Foretellers<3>,
}

impl Axis {
    const fn new() -> Self {
        Self { at: 0, went: 0, misses: [0; 2], motion: Foretellers::new() }
    }

    /// At the same velocity, after a step that may have another length.
    fn carried(&self, step: i64, last_step: i64) -> i64 {
        if step == last_step || last_step == 0 {
            return self.went;
        }
        // A leap of time must not become a leap of place beyond the numbers.
        const FAR: i128 = 1 << 40;
        (i128::from(self.went) * i128::from(step) / i128::from(last_step)).clamp(-FAR, FAR) as i64
    }
}

impl Model {
    fn new(more: bool) -> Self {
        Self {
            whole_second: Column::new(1 + LENGTHS),
            whole_steps: Column::new(1 + LENGTHS),
            odd_steps: Column::new(1 + LENGTHS),
            places: Column::new(1 + LENGTHS + LENGTHS * PACES),
            speeds: Column::new(1 + CHANGES + 2 * SIGNS * SPEED_HINTS),
            time: 0,
            step: 0,
            pace: 0,
            place: [Axis::new(), Axis::new()],
            speed: 0,
            standing: Foretellers::new(),
            speed_misses: [0; 2],
            more: more.then(|| [Slow::new(Some(CIRCLE)), Slow::new(None)]),
        }
    }

    /// Codes a point, or returns the one that was coded.
    fn code(&mut self, coder: &mut impl Coder, [time, lat, lon, speed, heading, height]: Row) -> Option<Row> {
        let step = self.step(coder, time.wrapping_sub(self.time))?;
        let lat = self.place(coder, 0, lat, step)?;
        let lon = self.place(coder, 1, lon, step)?;
        let speed = self.speed(coder, speed)?;
        let missed = self.missed();
        let (heading, height) = match &mut self.more {
            Some([headings, heights]) => (headings.code(coder, heading, missed)?, heights.code(coder, height, 0)?),
            None => (0, 0),
        };
        (self.time, self.step) = (self.time.wrapping_add(step), step);
        Some([self.time, lat, lon, speed, heading, height])
    }

    /// How far the newest place lies from where it was foretold: who turns or brakes is elsewhere.
    fn missed(&self) -> i64 {
        self.place.iter().fold(0i64, |sum, axis| sum.wrapping_add(axis.misses[0].wrapping_abs()))
    }

    /// Some phones have fixes at whole seconds alone.
    fn step(&mut self, coder: &mut impl Coder, step: i64) -> Option<i64> {
        let contexts = [0, 1 + length(self.pace).min(LENGTHS - 1)];
        let miss = step.wrapping_sub(self.step);
        let whole = self.whole_second.flag(coder, miss % MS_PER_S == 0, contexts)?;
        self.pace = if whole {
            self.whole_steps.code(coder, miss / MS_PER_S, contexts)?.wrapping_mul(MS_PER_S)
        } else {
            self.odd_steps.code(coder, miss, contexts)?
        };
        Some(self.step.wrapping_add(self.pace))
    }

    fn place(&mut self, coder: &mut impl Coder, n: usize, place: i64, step: i64) -> Option<i64> {
        let across = self.place.get(1 - n)?.misses[0];
        let axis = self.place.get_mut(n)?;
        let carried = axis.carried(step, self.step);
        let foretold = [carried, 0, carried / 2];
        let best = axis.motion.best(&foretold);
        let [last, before] = axis.misses;
        let recent = length(last.wrapping_mul(2).wrapping_add(before)).min(LENGTHS - 1);
        let beside = length(across).min(LENGTHS - 1) * PACES + length(self.pace / 8).min(PACES - 1);
        let miss = place.wrapping_sub(axis.at).wrapping_sub(best);
        let miss = self.places.code(coder, miss, [0, 1 + recent, 1 + LENGTHS + beside])?;
        axis.went = best.wrapping_add(miss);
        axis.motion.learn(&foretold, axis.went);
        axis.at = axis.at.wrapping_add(axis.went);
        axis.misses = [miss, last];
        Some(axis.at)
    }

    fn speed(&mut self, coder: &mut impl Coder, speed: i64) -> Option<i64> {
        /// As a row has it: known, and 0.
        const STANDS: i64 = 1;
        let foretold = [self.speed, STANDS];
        let best = self.standing.best(&foretold);
        let [last, before] = self.speed_misses;
        let change = length(last.wrapping_mul(2).wrapping_add(before)).min(CHANGES - 1);
        let hint = length(self.missed()).min(SPEED_HINTS - 1) * SIGNS + (last.signum() + 1) as usize;
        let hint = 2 * hint + usize::from(self.speed <= STANDS);
        let miss = self.speeds.code(coder, speed.wrapping_sub(best), [0, 1 + change, 1 + CHANGES + hint])?;
        self.speed = best.wrapping_add(miss);
        self.standing.learn(&foretold, self.speed);
        self.speed_misses = [miss, last];
        Some(self.speed)
    }
}

impl Slow {
    fn new(circle: Option<i64>) -> Self {
        Self {
            known: Column::new(3),
            changes: Column::new(1 + CHANGES + SPEED_HINTS * SIGNS),
            at: 0,
            went: 0,
            had: false,
            misses: [0; 2],
            on: Foretellers::new(),
            circle,
        }
    }

    /// `number` is 0 for unknown; `hint` is a size that tells of changes.
    fn code(&mut self, coder: &mut impl Coder, number: i64, hint: i64) -> Option<i64> {
        self.had = self.known.flag(coder, number != 0, [0, 1 + usize::from(self.had)])?;
        if !self.had {
            return Some(0);
        }
        let foretold = [0, self.went];
        let best = self.on.best(&foretold);
        let [last, before] = self.misses;
        let recent = length(last.wrapping_mul(2).wrapping_add(before)).min(CHANGES - 1);
        let hint = length(hint).min(SPEED_HINTS - 1) * SIGNS + (last.signum() + 1) as usize;
        let miss = self.around(number.wrapping_sub(self.at).wrapping_sub(best));
        let miss = self.changes.code(coder, miss, [0, 1 + recent, 1 + CHANGES + hint])?;
        self.went = self.around(best.wrapping_add(miss));
        self.on.learn(&foretold, self.went);
        self.at = self.at.wrapping_add(self.went);
        if let Some(circle) = self.circle {
            // From 1 on, as rows have it.
            self.at = self.at.wrapping_sub(1).rem_euclid(circle) + 1;
        }
        self.misses = [miss, last];
        Some(self.at)
    }

    /// The shorter way round.
    fn around(&self, change: i64) -> i64 {
        let Some(circle) = self.circle else { return change };
        change.wrapping_add(circle / 2).rem_euclid(circle) - circle / 2
    }
}

/// Appends rows to what begins with a head.
pub(super) fn put(out: Vec<u8>, rows: impl Iterator<Item = Row>) -> Vec<u8> {
    let (mut encoder, mut model) = (Encoder::new(out), Model::new(true));
    // An encoder takes all that it is given.
    let _ = { rows }.try_for_each(|row| model.code(&mut encoder, row).map(|_| ()));
    encoder.finish()
}

/// So many rows, with heading and height or without; `None` if these are not exactly their bytes.
pub(super) fn take(bytes: &[u8], count: usize, more: bool) -> Option<Vec<Row>> {
    let (mut decoder, mut model) = (Decoder::new(bytes), Model::new(more));
    let rows: Option<Vec<Row>> = (0..count).map(|_| model.code(&mut decoder, Row::default())).collect();
    rows.filter(|_| decoder.ends_here())
}
