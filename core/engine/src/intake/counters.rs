//! What was taken and what was refused, by reason. Field names are the counters' names in records.

use serde::{Deserialize, Serialize};

/// What was taken and what was refused, by reason, since the session began.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// IMU samples used.
    pub imu_taken: u64,
    /// A cell is NaN or infinite.
    pub imu_not_finite: u64,
    /// More than any phone's sensor can measure.
    pub imu_out_of_range: u64,
    /// It came after everything around it had been decided.
    pub imu_late: u64,
    /// The same time as the sample before.
    pub imu_duplicate: u64,
    /// A time stamp more than a day ahead of everything else, alone.
    pub imu_leap: u64,
    /// No consent, or off duty.
    pub imu_not_allowed: u64,
    /// Holes of more than a second between samples; nothing was refused.
    pub imu_holes: u64,
    /// Fixes used.
    pub fixes_taken: u64,
    /// Latitude or longitude is NaN or infinite.
    pub fix_not_finite: u64,
    /// Latitude or longitude is off the globe.
    pub fix_out_of_range: u64,
    /// Exactly 0° north, 0° east: a receiver without a position.
    pub fix_zero_zero: u64,
    /// A negative accuracy: the platform's way to say that there is no position.
    pub fix_negative_accuracy: u64,
    /// From a mock provider.
    pub fix_mock: u64,
    /// It came after everything around it had been decided.
    pub fix_late: u64,
    /// Hours old when it arrived: out of a cache.
    pub fix_stale: u64,
    /// The same time as the fix before.
    pub fix_duplicate: u64,
    /// Moving, and yet the same place to the last digit: the cached fix once more with a new time.
    pub fix_repeated: u64,
    /// Nothing on the ground gets there so fast.
    pub fix_teleport: u64,
    /// A time stamp more than a day ahead of everything else, alone.
    pub fix_leap: u64,
    /// No consent, or off duty.
    pub fix_not_allowed: u64,
    /// Fixes whose wall clock was off by 1 024 weeks; brought back and used.
    pub fix_rollover: u64,
    /// Speeds, bearings and heights that cannot be; the fix was used without them.
    pub fix_field_ignored: u64,
    /// Signals and commands used.
    pub signals_taken: u64,
    /// Of those, the ones that came late: a speed limit counts from its own time on, all others from now on. None is
    /// ever refused.
    pub signals_late: u64,
    /// Jumps of the wall clock against the phone's own by more than a second.
    pub clock_jumps: u64,
    /// Restarts of the phone.
    pub reboots: u64,
    /// Inputs decided before `max_lateness_s` was over because too many were held.
    pub forced: u64,
}
