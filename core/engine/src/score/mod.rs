//! A trip's score per category and overall, explained, from its events and its exposure. Pure arithmetic over what
//! `behaviour` found; rule sets are versioned data, and `docs/scoring.md` is their specification.

mod account;
mod config;
mod docs;
mod explain;
mod rolling;
mod rules;

pub use account::{Account, Sum};
pub use config::{ScoreConfig, ScoreRuleset};
pub use explain::explain;
pub use rolling::{Drivers, Rolling};
pub use rules::{ALL as RULE_SETS, Category, Form, Points, Rule, RuleSet};

use crate::num::round;
use crate::record::{Categories, Mode, Score};
use crate::trip::TripFacts;

pub(crate) use account::band;

/// What could be seen during a trip, and so what can be rated.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Sensed {
    /// Metres with a known vehicle frame: braking, acceleration and cornering were visible.
    pub frame_m: f64,
    /// Metres with fixes that carry a speed: braking and acceleration were visible to GNSS.
    pub speed_m: f64,
    /// Metres with a known speed limit.
    pub limit_m: f64,
    /// Metres on which handling the phone would have been noticed.
    pub phone_m: f64,
}

impl Sensed {
    /// And what could be seen during another part of it.
    pub fn add(&mut self, other: &Self) {
        self.frame_m += other.frame_m;
        self.speed_m += other.speed_m;
        self.limit_m += other.limit_m;
        self.phone_m += other.phone_m;
    }
}

/// The score of a finished trip, from its account.
pub fn of_trip(config: &ScoreConfig, trip: &TripFacts, account: &Account) -> (Score, Categories) {
    let Some(reason) = not_rated(config, trip) else { return of_account(config, account) };
    let none = without(config.ruleset(), reason, account.km);
    (none.clone(), categories(|_| none.clone()))
}

/// The score of an account: of a trip, or of many.
pub fn of_account(config: &ScoreConfig, account: &Account) -> (Score, Categories) {
    let rules = config.ruleset();
    let one = |category| category_score(config, account, category);
    let numbers: Vec<(f64, f64, f64)> = rules
        .rules
        .iter()
        .filter_map(|rule| {
            let value = exact(config, account, rule.category).ok()?;
            Some((rule.weight, value, account::confidence(rule.form, account.sum(rule.category))))
        })
        .collect();
    let values: Vec<(f64, f64)> = numbers.iter().map(|(w, v, _)| (*w, *v)).collect();
    let overall = match account::overall(&values) {
        Some(value) => Score {
            value: Some(round(value, 1)),
            reason: None,
            // What could not be seen counts as not known.
            confidence: Some(round(numbers.iter().map(|(w, _, c)| w * c).sum::<f64>().clamp(0.0, 1.0), 2)),
            exposure_km: round(account.km, 3),
            ruleset: rules.name,
        },
        None => without(rules, "nothing_could_be_seen", account.km),
    };
    (overall, categories(one))
}

/// Why a trip is not rated at all.
pub(crate) fn not_rated(config: &ScoreConfig, trip: &TripFacts) -> Option<&'static str> {
    match trip.mode {
        Mode::Walking | Mode::Running | Mode::Still => Some("on_foot"),
        Mode::Bus | Mode::Rail => Some("passenger"),
        Mode::Cycling | Mode::Automotive | Mode::Unknown => {
            let short = trip.distance_m.is_nan() || trip.distance_m < config.score_min_km * 1e3;
            short.then_some("too_short")
        }
    }
}

/// The number of a category before rounding, or why there is none.
pub(crate) fn exact(config: &ScoreConfig, account: &Account, category: Category) -> Result<f64, &'static str> {
    let Some(rule) = config.ruleset().rule(category) else { return Err("not_in_ruleset") };
    let sum = account.sum(category);
    if sum.km <= 0.0 || sum.km < config.score_min_seen * account.km {
        return Err(category.unseen());
    }
    Ok(account::value(rule.form, sum))
}

fn category_score(config: &ScoreConfig, account: &Account, category: Category) -> Score {
    let rules = config.ruleset();
    let sum = account.sum(category);
    match (exact(config, account, category), rules.rule(category)) {
        (Ok(value), Some(rule)) => Score {
            value: Some(round(value, 1)),
            reason: None,
            confidence: Some(round(account::confidence(rule.form, sum), 2)),
            exposure_km: round(sum.km, 3),
            ruleset: rules.name,
        },
        (Err(reason), _) => without(rules, reason, sum.km),
        (Ok(_), None) => without(rules, "not_in_ruleset", sum.km),
    }
}

fn categories(one: impl Fn(Category) -> Score) -> Categories {
    Categories {
        braking: one(Category::Braking),
        acceleration: one(Category::Acceleration),
        cornering: one(Category::Cornering),
        speeding: one(Category::Speeding),
        phone: one(Category::Phone),
    }
}

fn without(rules: &RuleSet, reason: &'static str, km: f64) -> Score {
    Score { value: None, reason: Some(reason), confidence: None, exposure_km: round(km, 3), ruleset: rules.name }
}

#[cfg(test)]
mod tests;
