//! Thresholds of `motion`, each with its reason.

use serde::{Deserialize, Serialize};

/// The forward axis counts as found below this sigma (16°): a twenty-fifth of the acceleration is lost to it, and the
/// filter takes it from there.
pub const ALIGNED_SIGMA_RAD: f64 = 0.28;

/// Thresholds of `motion`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MotionConfig {
    /// A hole in the IMU longer than this breaks the integration of attitude.
    pub imu_hole_s: f64,
}

impl Default for MotionConfig {
    fn default() -> Self {
        Self { imu_hole_s: 0.5 }
    }
}
