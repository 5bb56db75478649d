//! The arithmetic of a score: points and kilometres per category, added up over a trip or over many, and the numbers
//! made of them. Points and kilometres only ever add, so the order of trips does not matter, and a trip cut in two
//! gives the same sums.

use serde::{Deserialize, Serialize};

use crate::behaviour::EventFacts;
use crate::record::EventStatus;

use super::Sensed;
use super::rules::{BANDS_KMH, Category, Form, Points, Rule, RuleSet, rank};

/// Points and kilometres of a category.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sum {
    /// What events cost.
    pub points: f64,
    /// Kilometres on which they would have been seen.
    pub km: f64,
}

/// Sums by category, in the order of [`Category::ALL`], and all kilometres.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// One by one.
    pub sums: [Sum; 5],
    /// Driven at all.
    pub km: f64,
}

impl Account {
    /// Of one trip.
    pub fn of_trip<'a>(
        rules: &RuleSet,
        distance_m: f64,
        events: impl Iterator<Item = &'a EventFacts> + Clone,
        sensed: &Sensed,
    ) -> Self {
        let km = if distance_m.is_finite() { distance_m.max(0.0) / 1e3 } else { 0.0 };
        let mut account = Self { km, ..Self::default() };
        for (sum, category) in account.sums.iter_mut().zip(Category::ALL) {
            // `max` and `min` drop a NaN, `clamp` would keep it.
            sum.km = (seen_m(category, sensed) / 1e3).max(0.0).min(km);
            let Some(rule) = rules.rule(category) else { continue };
            // More events than this in a trip change no number that anyone reads.
            sum.points = events.clone().map(|e| cost(rule, e)).sum::<f64>().min(POINTS_MAX);
        }
        account
    }

    /// Both together.
    pub fn plus(mut self, other: &Self) -> Self {
        for (a, b) in self.sums.iter_mut().zip(other.sums) {
            a.points += b.points;
            a.km += b.km;
        }
        self.km += other.km;
        self
    }

    /// So much of everything.
    pub fn times(mut self, part: f64) -> Self {
        for sum in &mut self.sums {
            sum.points *= part;
            sum.km *= part;
        }
        self.km *= part;
        self
    }

    /// The sum of a category.
    pub fn sum(&self, category: Category) -> Sum {
        Category::ALL.into_iter().zip(self.sums).find(|(c, _)| *c == category).map_or(Sum::default(), |(_, s)| s)
    }
}

const POINTS_MAX: f64 = 1e6;

/// What an event costs in a category; nothing if it belongs to another, or was not confirmed.
pub fn cost(rule: &Rule, event: &EventFacts) -> f64 {
    if event.status == EventStatus::Unconfirmed || Category::of(event.kind) != Some(rule.category) {
        return 0.0;
    }
    let points = match rule.points {
        Points::BySeverity(list) => pick(list, rank(event.severity)),
        Points::PerKm(list) => {
            let bands_m = event.over_band_m.unwrap_or_else(|| all_in(rank(event.severity), event.distance_m));
            bands_m.into_iter().zip(list).map(|(m, p)| m / 1e3 * p).sum()
        }
        Points::PerSecond(list) => {
            event.band_s.unwrap_or_else(|| bands_of(event)).into_iter().zip(list).map(|(s, p)| s * p).sum()
        }
    };
    if points.is_finite() { points.max(0.0) } else { 0.0 }
}

/// The number that points and kilometres make, 0–100.
pub fn value(form: Form, sum: Sum) -> f64 {
    match form {
        Form::Rate { scale, .. } => 100.0 * libm::exp(-rate(form, sum) / scale),
        Form::PointsOff => (100.0 - sum.points).clamp(0.0, 100.0),
    }
}

/// Points per kilometre with what everyone begins with.
pub fn rate(form: Form, sum: Sum) -> f64 {
    match form {
        Form::Rate { prior_points, prior_km, .. } => (sum.points + prior_points) / (sum.km + prior_km),
        Form::PointsOff => sum.points,
    }
}

/// 0–1: how much the number rests on what was driven, and not on what everyone begins with.
pub fn confidence(form: Form, sum: Sum) -> f64 {
    match form {
        Form::Rate { prior_km, .. } => sum.km / (sum.km + prior_km),
        Form::PointsOff => 1.0,
    }
}

/// The weighted geometric mean of the categories that have a number; its weights are those of the rules, over those
/// that are there.
pub fn overall(numbers: &[(f64, f64)]) -> Option<f64> {
    let weights: f64 = numbers.iter().map(|(w, _)| w).sum();
    if weights <= 0.0 {
        return None;
    }
    let log = numbers.iter().map(|(w, v)| w / weights * libm::log(v.max(VALUE_MIN) / 100.0)).sum::<f64>();
    Some((100.0 * libm::exp(log)).clamp(0.0, 100.0))
}

/// A category at nothing does not alone make everything nothing.
const VALUE_MIN: f64 = 1e-3;

fn pick<const N: usize>(list: [f64; N], at: usize) -> f64 {
    list.get(at).copied().unwrap_or(0.0)
}

/// Without metres by band: all of them in the worst.
fn all_in(band: usize, metres: Option<f64>) -> [f64; 3] {
    let mut bands = [0.0; 3];
    if let Some(slot) = bands.get_mut(band) {
        *slot = metres.unwrap_or(0.0);
    }
    bands
}

/// Without seconds by band: all of them in the band of the mean speed.
fn bands_of(event: &EventFacts) -> [f64; 4] {
    let s = event.end.since(event.start).max(0.0);
    let mean_mps = match (event.distance_m, event.speed_in_mps) {
        (Some(m), _) if s > 0.0 => m / s,
        (Some(_) | None, v) => v.unwrap_or(0.0),
    };
    let mut bands = [0.0; 4];
    if let Some(slot) = bands.get_mut(band(mean_mps)) {
        *slot = s;
    }
    bands
}

/// The speed band of a speed.
pub fn band(speed_mps: f64) -> usize {
    BANDS_KMH.iter().filter(|top| speed_mps * 3.6 >= **top).count()
}

/// Metres on which events of a category would have been seen.
pub fn seen_m(category: Category, sensed: &Sensed) -> f64 {
    match category {
        Category::Braking | Category::Acceleration => sensed.frame_m.max(sensed.speed_m),
        Category::Cornering => sensed.frame_m,
        Category::Speeding => sensed.limit_m,
        Category::Phone => sensed.phone_m,
    }
}
