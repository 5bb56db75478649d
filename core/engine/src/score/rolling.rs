//! A driver's score over many trips, with half of it forgotten after a distance. It holds sums, never numbers of trips.

use serde::{Deserialize, Serialize};

use crate::record::{Categories, Score};

use super::account::Account;
use super::{ScoreConfig, of_account};

/// The rolling account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rolling {
    account: Account,
}

impl Rolling {
    /// Adds the account of a trip that was driven after all others. With a half-life of 0 nothing is forgotten, and the
    /// order of trips does not matter.
    pub fn add(&mut self, config: &ScoreConfig, trip: &Account) {
        let half_life = config.score_half_life_km;
        let kept = if half_life > 0.0 { libm::exp2(-trip.km / half_life) } else { 1.0 };
        self.account = self.account.times(kept).plus(trip);
    }

    /// What is remembered.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// The score by now.
    pub fn score(&self, config: &ScoreConfig) -> (Score, Categories) {
        of_account(config, &self.account)
    }
}
