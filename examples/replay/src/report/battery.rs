//! What a life costs in mAh: the model of docs/battery.md, with its sources there. Only ratios between policies are to be
//! trusted; a phone of another year divides all of it by two.

use milepost_sim::{Bill, Life};

/// A receiver that is on, mA: measured on a Nexus 5 at 4.0 V.
const GNSS_MA: f64 = 76.23;
/// Accelerometer and gyroscope, and a processor that is woken for their batches, mA.
const IMU_MA: f64 = 0.925 + 3.9;
/// The processor for some seconds: 22 mA for 10 s.
const WAKE_UP_MAH: f64 = 0.062;
/// A scan for access points: 75 mA for 3 s.
const NETWORK_FIX_MAH: f64 = 0.063;
/// LTE from idle and back: 0.26 s at 1.21 W and a tail of 11.6 s at 1.06 W, at 3.8 V.
const UPLOAD_MAH: f64 = 0.92;
const S_PER_H: f64 = 3_600.0;
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
    /// Of them found.
    pub found: f64,
    /// Metres of each found trip's start that no fix shows.
    pub missed_m: Vec<f64>,
    /// Of these, declared within 30 % or the error of a coarse position.
    pub declared: f64,
    /// Trips in the records.
    pub reported: f64,
}

/// A declared way begins at a network position, which is no better than this.
const COARSE_M: f64 = 25.0;

impl Weeks {
    /// Adds a life.
    pub fn add(&mut self, life: &Life) {
        self.bills.push(life.bill.clone());
        self.trips += life.truth.trips.len() as f64;
        self.driving_s += life.truth.trips.iter().map(|t| t.span.end_s - t.span.start_s).sum::<f64>();
        self.reported += life.trips.len() as f64;
        for (missed_m, found) in life.starts() {
            let (Some(missed_m), Some(found)) = (missed_m, found) else { continue };
            self.found += 1.0;
            self.missed_m.push(missed_m);
            let error_m = (found.missed_start_m.unwrap_or(0.0) - missed_m).abs();
            self.declared += f64::from(u8::from(error_m <= (0.3 * missed_m).max(COARSE_M)));
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

/// What it cost in mAh.
pub fn mah(bill: &Bill) -> f64 {
    (bill.gnss_s * GNSS_MA + bill.imu_s * IMU_MA) / S_PER_H
        + bill.wake_ups as f64 * WAKE_UP_MAH
        + bill.network_fixes as f64 * NETWORK_FIX_MAH
        + bill.uploads as f64 * UPLOAD_MAH
}
