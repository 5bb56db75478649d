//! To one side and back: two opposite lobes of yaw that cancel.

use super::config::BehaviourConfig;
use super::yaw::Turning;

/// What of both lobes together may be left over: the road itself may bend a little.
const LEFT_OVER_MAX: f64 = 0.35;

/// Whether the stretch went to one side and back.
pub(super) fn is_swerve(config: &BehaviourConfig, turning: &Turning) -> bool {
    let lobe = config.swerve_min_lobe_deg;
    let both = turning.left_deg + turning.right_deg;
    turning.left_deg >= lobe
        && turning.right_deg >= lobe
        && turning.net_deg.abs() <= config.swerve_max_net_deg.min(LEFT_OVER_MAX * both)
}
