//! Where the phone was before a trip. Fixes of an idle phone jump about, so its place is the median of many; and they are
//! minutes or hours apart, so the first step of a ride may hold a long stand-still: the departure inside it is worked out,
//! and how much of the way nobody saw.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::step::Step;
use crate::geo::{LatLon, distance_m};
use crate::sample::MonoTime;

/// A first step up to this long is taken as it is.
const SEEN_S: f64 = 20.0;
/// Speed of a ride of which nothing else is known.
const TYPICAL_MPS: f64 = 8.0;
/// Roads are longer than the crow's way.
const DETOUR: f64 = 1.3;

/// An idle phone may be asleep while its trip begins. A step this long, in which it got this far and this many sigmas
/// away, and no more than `ASLEEP_FOR_S` after which it rides, holds the departure: at its mean speed it would look like a stand-still.
const ASLEEP_S: f64 = 60.0;
const ASLEEP_M: f64 = 150.0;
const ASLEEP_SIGMAS: f64 = 3.0;
const ASLEEP_FOR_S: f64 = 60.0;

/// A step on foot, as the crow flies.
const STRIDE_M: f64 = 0.65;

/// So many places are remembered, so that five minutes of a ride do not yet outnumber the place where it began.
const MAX_PLACES: usize = 16;
/// And one is taken no more often than this.
const PLACE_S: f64 = 20.0;

/// The recent places of the phone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Trail {
    places: VecDeque<(MonoTime, LatLon)>,
    /// Their median.
    home: Option<LatLon>,
    /// Steps in a row that ended well away from the median of these.
    away: u32,
}

impl Trail {
    /// Takes the end of a step.
    pub fn push(&mut self, t: MonoTime, place: LatLon, away_m: f64) {
        let is_away = self.home.is_some_and(|home| distance_m(home, place) >= away_m);
        self.away = if is_away { self.away.saturating_add(1) } else { 0 };
        if self.places.back().is_some_and(|(last, _)| t.since(*last) < PLACE_S) {
            return;
        }
        if self.places.len() >= MAX_PLACES {
            self.places.pop_front();
        }
        self.places.push_back((t, place));
        self.home = self.median();
    }

    /// How many steps in a row ended away from where the phone is at home.
    pub fn away(&self) -> u32 {
        self.away
    }

    /// Of latitudes and of longitudes: no single jump moves it. (At the date line it is off, and a trip opens later.)
    fn median(&self) -> Option<LatLon> {
        let of = |get: fn(&LatLon) -> f64| {
            let mut sorted: Vec<f64> = self.places.iter().map(|(_, p)| get(p)).collect();
            sorted.sort_by(f64::total_cmp);
            sorted.get(sorted.len() / 2).copied()
        };
        Some(LatLon { lat_deg: of(|p| p.lat_deg)?, lon_deg: of(|p| p.lon_deg)? })
    }
}

/// The first step of a ride, as far as its departure is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct First {
    /// From.
    pub start: MonoTime,
    /// To.
    pub end: MonoTime,
    /// As the crow flies.
    pub chord_m: f64,
    /// Where it began.
    pub from: LatLon,
}

impl First {
    /// Of a step.
    pub fn of(step: &Step) -> Self {
        Self { start: step.start, end: step.end, chord_m: (step.chord_m - walked_m(step)).max(0.0), from: step.from }
    }

    /// Of a step that did not look like a ride, but in which the phone was carried off unseen.
    pub fn asleep(step: &Step) -> Option<Self> {
        let far = step.chord_m >= ASLEEP_M.max(ASLEEP_SIGMAS * step.sigma_m);
        (step.duration_s() > ASLEEP_S && far).then(|| Self::of(step))
    }

    /// A ride whose first moving step begins at `start` began in here.
    pub fn leads_to(&self, start: MonoTime) -> bool {
        Self::leads(self.end, start)
    }

    /// The same of whatever ended at `end`.
    pub fn leads(end: MonoTime, start: MonoTime) -> bool {
        (0.0..=ASLEEP_FOR_S).contains(&start.since(end))
    }

    /// It ends with the fix at `end`: this is what it holds.
    pub fn covers(&self, end: MonoTime) -> bool {
        self.end == end
    }

    /// When the ride began; the rest of it covers so many metres in so many seconds.
    pub fn departure(&self, rest_m: f64, rest_s: f64) -> MonoTime {
        let length_s = self.end.since(self.start);
        if length_s <= SEEN_S {
            return self.start;
        }
        let speed = if rest_s > SEEN_S && rest_m > 0.0 { rest_m / rest_s } else { TYPICAL_MPS };
        let needed_s = (DETOUR * self.chord_m / speed.max(1.0)).min(length_s);
        self.end.plus(-needed_s)
    }
}

/// Metres of the first step, where it was not seen but worked out.
pub fn missed_m(first: &Step) -> Option<f64> {
    (first.duration_s() > SEEN_S).then(|| (first.path_m - walked_m(first)).max(0.0))
}

/// The way to the vehicle is none of the ride's.
fn walked_m(first: &Step) -> f64 {
    if first.duration_s() > SEEN_S { STRIDE_M * f64::from(first.feet) } else { 0.0 }
}
