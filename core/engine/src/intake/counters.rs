//! What was taken and what was refused, by reason.

use serde::{Deserialize, Serialize};

/// What was taken and what was refused, by reason, since the session began.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// IMU samples used.
    pub imu_taken: u64,
    /// Fixes used.
    pub fixes_taken: u64,
}
