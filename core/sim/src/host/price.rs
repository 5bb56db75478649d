//! What a life costs in mAh: the model of docs/battery.md, with its sources there. Only ratios between policies are to be
//! trusted; a phone of another year divides all of it by two.

use super::Bill;

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

/// What couriers may spend: GNSS for so much of the driving, and so long for each candidate.
const GNSS_PER_DRIVING: f64 = 1.1;
const CANDIDATE_S: f64 = 120.0;

impl Bill {
    /// Seconds of GNSS that so much driving and the candidates may cost.
    pub fn allowed_gnss_s(&self, driving_s: f64) -> f64 {
        GNSS_PER_DRIVING * driving_s + CANDIDATE_S * self.candidates as f64
    }

    /// What it cost in mAh.
    pub fn mah(&self) -> f64 {
        (self.gnss_s * GNSS_MA + self.imu_s * IMU_MA) / S_PER_H
            + self.wake_ups as f64 * WAKE_UP_MAH
            + self.network_fixes as f64 * NETWORK_FIX_MAH
            + self.uploads as f64 * UPLOAD_MAH
    }
}
