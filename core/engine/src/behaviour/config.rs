//! Thresholds of `behaviour`, each with its reason, and the presets after what other SDKs publish.

use serde::{Deserialize, Serialize};

use crate::config::{ConfigError, Preset};

/// Whose thresholds to begin from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BehaviourPreset {
    /// Milepost's own.
    #[default]
    Default,
    /// As Damoov documents: braking from 2.7 m/s² for 600 ms above 25 km/h.
    Damoov,
    /// As Sentiance documents: 3.0 / 2.25 / 3.5 m/s².
    Sentiance,
    /// As Zendrive documents: 3.1 / 3.1 / 3.6 m/s² with more than 30° of turn.
    Zendrive,
    /// A loaded van: its load moves before its tyres do.
    Van,
    /// A lorry: brakes and tips earlier than a car.
    Truck,
}

impl BehaviourPreset {
    /// By its name.
    pub fn parse(name: &str) -> Result<Self, ConfigError> {
        match name {
            "default" => Ok(BehaviourPreset::Default),
            "damoov" => Ok(BehaviourPreset::Damoov),
            "sentiance" => Ok(BehaviourPreset::Sentiance),
            "zendrive" => Ok(BehaviourPreset::Zendrive),
            "van" => Ok(BehaviourPreset::Van),
            "truck" => Ok(BehaviourPreset::Truck),
            _ => Err(ConfigError::Value {
                key: "behaviour_preset".into(),
                reason: format!("there is no behaviour preset {name:?}"),
            }),
        }
    }
}

/// Thresholds of `behaviour`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BehaviourConfig {
    /// Whose thresholds the others began from.
    pub behaviour_preset: BehaviourPreset,
    /// Events below this speed are manoeuvres in a yard, not driving (15 km/h).
    pub event_min_speed_mps: f64,
    /// Braking from here on is harsh: calm drivers reach 2.5, labelled harsh brakes begin at 3.2.
    pub brake_mps2: f64,
    /// Acceleration from here on is harsh: engines give less than brakes do, labelled ones peak at 2.5.
    pub acceleration_mps2: f64,
    /// Sideways acceleration of a harsh corner.
    pub corner_mps2: f64,
    /// Sideways acceleration of a swerve.
    pub swerve_mps2: f64,
    /// A manoeuvre goes on until it falls below this part of its threshold.
    pub harsh_leave_ratio: f64,
    /// What is over sooner is a bump, not a manoeuvre.
    pub harsh_min_s: f64,
    /// A dip shorter than this does not end a manoeuvre.
    pub harsh_merge_s: f64,
    /// The same kind does not begin again sooner than this after its end; a swerve does, back into its lane.
    pub harsh_refractory_s: f64,
    /// A corner turns by at least this. Less is a bend, unless the frame of the vehicle is known.
    pub corner_min_heading_deg: f64,
    /// A swerve ends within this of the course it began on.
    pub swerve_max_net_deg: f64,
    /// Each of the two yaw lobes of a swerve turns at least this far.
    pub swerve_min_lobe_deg: f64,
    /// From this multiple of the threshold on severity is medium.
    pub severity_medium_ratio: f64,
    /// From this multiple of the threshold on severity is high.
    pub severity_high_ratio: f64,
    /// GNSS confirms a brake whose change of speed is at least this part of what the accelerometer says.
    pub gnss_confirm_ratio: f64,
    /// GNSS speed may be this late; an event waits that long for it.
    pub gnss_confirm_wait_s: f64,
    /// Speeds a second apart flatten the peak of a brake to about this part of it.
    pub gnss_only_ratio: f64,
    /// An impact begins at this specific force. A trigger of 3–4 g misses half of the real crashes.
    pub impact_trigger_mps2: f64,
    /// An impact needs this speed shortly before, where a speed is known (20 km/h).
    pub impact_min_speed_mps: f64,
    /// An impact with more probability than this is reported.
    pub impact_min_confidence: f64,
    /// For so long after an impact was told it is cancelled if someone denies it or the vehicle drives on. Nobody should
    /// be called to help before it is over.
    pub impact_cancel_s: f64,
    /// Speeding begins at limit × (1 + this): speedometers and limits' edges are not exact.
    pub speeding_tolerance: f64,
    /// Speeding for less than this is not reported.
    pub speeding_min_s: f64,
    /// Two stretches of speeding closer than this are one.
    pub speeding_merge_s: f64,
    /// Speeding of any severity above low: over the limit by this part of it.
    pub speeding_medium_ratio: f64,
    /// Speeding of high severity: over the limit by this part of it.
    pub speeding_high_ratio: f64,
    /// Without a limit, this speed is speeding everywhere; 0 is no cap.
    pub speeding_cap_mps: f64,
    /// A phone handled below this speed is no matter (10 km/h).
    pub handling_min_speed_mps: f64,
    /// A phone has left its place when gravity in it has moved this far.
    pub handling_tilt_deg: f64,
    /// Rotation across the vehicle's own yaw of a phone in a hand, RMS over two seconds.
    pub handling_gyro_rad_s: f64,
    /// Handling for less than this is not reported.
    pub handling_min_s: f64,
    /// Two stretches of handling closer than this are one.
    pub handling_merge_s: f64,
    /// Standing with the engine on for less than this is waiting, not idling.
    pub idling_min_s: f64,
}

impl Default for BehaviourConfig {
    fn default() -> Self {
        Self {
            behaviour_preset: BehaviourPreset::Default,
            event_min_speed_mps: 15.0 / 3.6,
            brake_mps2: 2.7,
            acceleration_mps2: 2.25,
            corner_mps2: 3.5,
            swerve_mps2: 3.5,
            harsh_leave_ratio: 0.7,
            harsh_min_s: 0.5,
            harsh_merge_s: 0.5,
            harsh_refractory_s: 3.0,
            corner_min_heading_deg: 30.0,
            swerve_max_net_deg: 8.0,
            swerve_min_lobe_deg: 3.0,
            severity_medium_ratio: 1.3,
            severity_high_ratio: 1.7,
            gnss_confirm_ratio: 0.6,
            gnss_confirm_wait_s: 5.0,
            gnss_only_ratio: 0.85,
            impact_trigger_mps2: 2.0 * crate::num::G_MPS2,
            impact_min_speed_mps: 20.0 / 3.6,
            impact_min_confidence: 0.5,
            impact_cancel_s: 30.0,
            speeding_tolerance: 0.05,
            speeding_min_s: 3.0,
            speeding_merge_s: 5.0,
            speeding_medium_ratio: 0.15,
            speeding_high_ratio: 0.3,
            speeding_cap_mps: 0.0,
            handling_min_speed_mps: 10.0 / 3.6,
            handling_tilt_deg: 15.0,
            handling_gyro_rad_s: 0.25,
            handling_min_s: 3.0,
            handling_merge_s: 5.0,
            idling_min_s: 120.0,
        }
    }
}

impl BehaviourConfig {
    /// What differs by preset of the trip: nothing so far.
    pub fn preset(_preset: Preset) -> Self {
        Self::default()
    }

    /// The thresholds of a behaviour preset.
    pub fn named(behaviour_preset: BehaviourPreset) -> Self {
        let base = Self { behaviour_preset, ..Self::default() };
        match behaviour_preset {
            BehaviourPreset::Default => base,
            BehaviourPreset::Damoov => Self {
                event_min_speed_mps: 25.0 / 3.6,
                brake_mps2: 2.7,
                acceleration_mps2: 2.4,
                corner_mps2: 3.5,
                harsh_min_s: 0.6,
                handling_merge_s: 20.0,
                ..base
            },
            BehaviourPreset::Sentiance => {
                Self { brake_mps2: 3.0, acceleration_mps2: 2.25, corner_mps2: 3.5, swerve_mps2: 3.5, ..base }
            }
            BehaviourPreset::Zendrive => {
                Self { brake_mps2: 3.1, acceleration_mps2: 3.1, corner_mps2: 3.6, swerve_mps2: 3.6, ..base }
            }
            BehaviourPreset::Van => {
                Self { brake_mps2: 2.5, acceleration_mps2: 2.0, corner_mps2: 3.0, swerve_mps2: 3.0, ..base }
            }
            BehaviourPreset::Truck => {
                Self { brake_mps2: 2.0, acceleration_mps2: 1.5, corner_mps2: 2.5, swerve_mps2: 2.5, ..base }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preset_reads_back_by_its_own_word() {
        for preset in ["default", "damoov", "sentiance", "zendrive", "van", "truck"] {
            let parsed = BehaviourPreset::parse(preset).unwrap();
            assert_eq!(serde_json::to_value(parsed).unwrap(), preset);
            assert_eq!(BehaviourConfig::named(parsed).behaviour_preset, parsed);
        }
        assert!(BehaviourPreset::parse("tank").is_err());
    }
}
