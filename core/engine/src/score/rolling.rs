//! A driver's score over many trips, with half of it forgotten after a distance. It holds sums, never numbers of trips.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::record::{Categories, Score};

use super::account::Account;
use super::{ScoreConfig, of_account};

/// Drivers remembered: who share a phone are few; the one who has not driven for longest is forgotten first.
const DRIVERS_MAX: usize = 8;

/// The rolling account of one driver.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rolling {
    /// Up to the trip before the last.
    before: Account,
    /// The last trip by its number: it may be rated again.
    last: Option<(u64, Account)>,
}

impl Rolling {
    /// Adds the account of a trip that was driven after all others, or replaces that of the last trip. With a half-life
    /// of 0 nothing is forgotten, and the order of trips does not matter.
    pub fn add(&mut self, config: &ScoreConfig, number: u64, trip: &Account) {
        if self.last.is_some_and(|(last, _)| last != number) {
            self.before = self.account(config);
        }
        self.last = Some((number, *trip));
    }

    /// The last trip was none.
    pub fn take_back(&mut self, number: u64) {
        self.last.take_if(|(last, _)| *last == number);
    }

    /// What is remembered.
    pub fn account(&self, config: &ScoreConfig) -> Account {
        let Some((_, trip)) = &self.last else { return self.before };
        let half_life = config.score_half_life_km;
        let kept = if half_life > 0.0 { libm::exp2(-trip.km / half_life) } else { 1.0 };
        self.before.times(kept).plus(trip)
    }

    /// The score by now.
    pub fn score(&self, config: &ScoreConfig) -> (Score, Categories) {
        of_account(config, &self.account(config))
    }
}

/// The rolling accounts of all who drive with this phone; nobody in particular is one of them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Drivers {
    /// Who drove last comes last.
    list: VecDeque<(Option<String>, Rolling)>,
}

impl Drivers {
    /// The account of a driver, made if there is none.
    pub fn of(&mut self, driver_id: Option<&str>) -> Option<&mut Rolling> {
        let at = self.list.iter().position(|(id, _)| id.as_deref() == driver_id);
        let known = at.and_then(|at| self.list.remove(at));
        if self.list.len() == DRIVERS_MAX {
            self.list.pop_front();
        }
        self.list.push_back(known.unwrap_or_else(|| (driver_id.map(str::to_owned), Rolling::default())));
        self.list.back_mut().map(|(_, rolling)| rolling)
    }

    /// A trip was none: whoever drove it last.
    pub fn take_back(&mut self, number: u64) {
        self.list.iter_mut().for_each(|(_, rolling)| rolling.take_back(number));
    }
}
