//! Weeks by one policy, added up. What they cost is the simulator's bill.

use milepost_sim::{Bill, Life, declares};

const S_PER_DAY: f64 = 86_400.0;

/// Several weeks by one policy.
#[derive(Default)]
pub struct Weeks {
    /// All bills.
    pub bills: Vec<Bill>,
    /// Trips that were, and seconds of them.
    pub trips: f64,
    /// The same in seconds.
    pub driving_s: f64,
    /// Seconds of GNSS that these and the candidates may cost.
    pub allowed_gnss_s: f64,
    /// Of them found.
    pub found: f64,
    /// Metres of each found trip's start that no fix shows.
    pub missed_m: Vec<f64>,
    /// Of these, declared within 30 % or the error of a coarse position.
    pub declared: f64,
    /// Metres of each found trip against those driven, as a part of them.
    pub distance_off: Vec<f64>,
    /// Trips in the records.
    pub reported: f64,
}

impl Weeks {
    /// Adds a life.
    pub fn add(&mut self, life: &Life) {
        self.bills.push(life.bill.clone());
        self.trips += life.truth.trips.len() as f64;
        self.allowed_gnss_s += life.bill.allowed_gnss_s(life.driving_s());
        self.driving_s += life.driving_s();
        self.reported += life.trips.len() as f64;
        for ((missed_m, found), truth) in life.starts().into_iter().zip(&life.truth.trips) {
            let (Some(missed_m), Some(found)) = (missed_m, found) else { continue };
            self.distance_off.push((found.distance_m / truth.distance_m.max(1.0) - 1.0).abs());
            self.found += 1.0;
            self.missed_m.push(missed_m);
            self.declared += f64::from(u8::from(declares(found, missed_m)));
        }
    }

    /// The sum of something over all bills, a day.
    pub fn a_day(&self, of: impl Fn(&Bill) -> f64) -> f64 {
        let days = self.sum(|b| b.total_s) / S_PER_DAY;
        self.sum(of) / days.max(1e-9)
    }

    /// The sum of something over all bills.
    pub fn sum(&self, of: impl Fn(&Bill) -> f64) -> f64 {
        self.bills.iter().map(of).sum()
    }
}
