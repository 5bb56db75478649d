//! Checks of one IMU sample, when it enters and once it is in order; and the rate at which they come.

use serde::{Deserialize, Serialize};

use super::Counters;
use crate::sample::{ImuSample, MonoTime, NS_PER_S};

/// 64 g, twice what any phone's accelerometer measures.
const MAX_FORCE_MPS2: f32 = 628.0;
/// 5 700 °/s, beyond any phone's gyroscope.
const MAX_RATE_RAD_S: f32 = 100.0;
/// A longer silence is a hole, not jitter.
const HOLE_NS: i64 = NS_PER_S;
/// Weight of a new interval in the mean: a second or so at usual rates.
const RATE_WEIGHT: f64 = 1.0 / 64.0;

/// Whether the sample can be a measurement at all.
#[inline]
pub fn admit(sample: &ImuSample, counters: &mut Counters) -> bool {
    // What is not a number is not within anything.
    let within = |[x, y, z]: [f32; 3], max: f32| (x.abs() <= max) & (y.abs() <= max) & (z.abs() <= max);
    let rate_fits = sample.rate_rad_s.is_none_or(|rate| within(rate, MAX_RATE_RAD_S));
    if within(sample.force_mps2, MAX_FORCE_MPS2) && rate_fits {
        return true;
    }
    count_refused(sample, counters);
    false
}

#[cold]
fn count_refused(sample: &ImuSample, counters: &mut Counters) {
    let mut cells = sample.force_mps2.into_iter().chain(sample.rate_rad_s.into_iter().flatten());
    if cells.all(f32::is_finite) {
        counters.imu_out_of_range += 1;
    } else {
        counters.imu_not_finite += 1;
    }
}

/// What is known of the stream of samples once they are in order.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ImuOrder {
    last: Option<MonoTime>,
    interval_ns: Option<f64>,
}

impl ImuOrder {
    /// Whether the next sample in order is to be used.
    #[inline]
    pub fn accept(&mut self, sample: &ImuSample, counters: &mut Counters) -> bool {
        if let Some(last) = self.last {
            if sample.t <= last {
                counters.imu_duplicate += 1;
                return false;
            }
            let dt_ns = sample.t.0.saturating_sub(last.0);
            if dt_ns > HOLE_NS {
                counters.imu_holes += 1;
            } else {
                let mean = self.interval_ns.unwrap_or(dt_ns as f64);
                self.interval_ns = Some(mean + RATE_WEIGHT * (dt_ns as f64 - mean));
            }
        }
        self.last = Some(sample.t);
        counters.imu_taken += 1;
        true
    }

    /// Samples a second, lately; holes left out.
    pub fn rate_hz(&self) -> Option<f64> {
        self.interval_ns.map(|ns| NS_PER_S as f64 / ns.max(1e3))
    }
}
