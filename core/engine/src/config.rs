//! Every threshold in force, as one flat JSON object: presets, overrides, checks. Each module owns its own fields with
//! their reasons; this puts them together and reads them from outside.

mod ranges;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::behaviour::{BehaviourConfig, BehaviourPreset};
use crate::intake::IntakeConfig;
use crate::motion::MotionConfig;
use crate::score::ScoreConfig;
use crate::trip::TripConfig;
use crate::zone::Zones;

/// Who drives what, and so what counts as a trip.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// Vans, bicycles and scooters that stop at doors.
    #[default]
    Courier,
    /// Cars that stop for passengers.
    RideHailing,
    /// One's own car.
    PrivateCar,
}

impl Preset {
    /// By its name.
    pub fn parse(name: &str) -> Result<Self, ConfigError> {
        match name {
            "courier" => Ok(Preset::Courier),
            "ride_hailing" => Ok(Preset::RideHailing),
            "private_car" => Ok(Preset::PrivateCar),
            _ => Err(ConfigError::Value { key: "preset".into(), reason: format!("there is no preset {name:?}") }),
        }
    }
}

/// Everything that can be set. In JSON all fields of all parts stand side by side in one object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Config {
    /// Who drives what.
    pub preset: Preset,
    /// The whole input is one trip that is never discarded.
    pub manual: bool,
    /// Give out [`crate::contract::Output::State`]: replays want it, phones do not.
    pub states: bool,
    /// Consent counts as given until a signal says otherwise: for recordings. A phone's host sets it to false.
    pub assume_consent: bool,
    /// The same of duty.
    pub assume_duty: bool,
    /// A health record is said at least so often while allowed: a phone that is silent for longer is dead, not parked.
    pub heartbeat_s: f64,
    /// Circles `[lat, lon, radius_m]` in which no position is told.
    pub privacy_zones: Zones,
    /// Of `intake`.
    #[serde(flatten)]
    pub intake: IntakeConfig,
    /// Of `motion`.
    #[serde(flatten)]
    pub motion: MotionConfig,
    /// Of `trip`.
    #[serde(flatten)]
    pub trip: TripConfig,
    /// Of `behaviour`.
    #[serde(flatten)]
    pub behaviour: BehaviourConfig,
    /// Of `score`.
    #[serde(flatten)]
    pub score: ScoreConfig,
}

/// Why a configuration is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Not a JSON object.
    #[error("the configuration is no JSON object: {0}")]
    Json(String),
    /// A key that does not exist.
    #[error("the configuration has no key {0:?}")]
    Key(String),
    /// A value of the wrong type or out of range.
    #[error("configuration key {key:?}: {reason}")]
    Value {
        /// The key.
        key: String,
        /// What is wrong with its value.
        reason: String,
    },
}

impl Default for Config {
    fn default() -> Self {
        Self {
            preset: Preset::default(),
            manual: false,
            states: false,
            assume_consent: true,
            assume_duty: true,
            heartbeat_s: 21_600.0,
            privacy_zones: Zones::default(),
            intake: IntakeConfig::default(),
            motion: MotionConfig::default(),
            trip: TripConfig::default(),
            behaviour: BehaviourConfig::default(),
            score: ScoreConfig::default(),
        }
    }
}

impl Config {
    /// The defaults of a preset.
    pub fn preset(preset: Preset) -> Self {
        Self { preset, trip: TripConfig::preset(preset), behaviour: BehaviourConfig::preset(preset), ..Self::default() }
    }

    /// The defaults of the preset that the JSON names (or of `preset`), with what the JSON sets on top.
    pub fn from_json(preset: Preset, text: &str) -> Result<Self, ConfigError> {
        let Value::Object(given) = serde_json::from_str(text).map_err(|e| ConfigError::Json(e.to_string()))? else {
            return Err(ConfigError::Json("it is something else".into()));
        };
        let preset = match given.get("preset") {
            Some(Value::String(name)) => Preset::parse(name)?,
            Some(_) => return Err(ConfigError::Value { key: "preset".into(), reason: "is no text".into() }),
            None => preset,
        };
        let mut defaults = Self::preset(preset);
        match given.get("behaviour_preset") {
            Some(Value::String(name)) => defaults.behaviour = BehaviourConfig::named(BehaviourPreset::parse(name)?),
            Some(_) => return Err(ConfigError::Value { key: "behaviour_preset".into(), reason: "is no text".into() }),
            None => {}
        }
        let base = defaults.to_map();
        let (mut flat, named) = (base.clone(), given.clone());
        for (key, value) in given {
            let Some(default) = flat.get_mut(&key) else { return Err(ConfigError::Key(key)) };
            check(&key, default, &value)?;
            *default = value;
        }
        let config = read(flat).map_err(|reason| ConfigError::Value { key: culprit(&base, &named), reason })?;
        config.privacy_zones.check()?;
        Ok(config)
    }

    /// All keys and values, flat: what the summary shows and [`Config::from_json`] takes.
    pub fn to_value(&self) -> Value {
        Value::Object(self.to_map())
    }

    /// As [`Config::to_value`], as the object that it is.
    pub fn to_map(&self) -> Map<String, Value> {
        // Plain structs of numbers, booleans and words always serialise to an object.
        match serde_json::to_value(self) {
            Ok(Value::Object(map)) => map,
            Ok(_) | Err(_) => Map::new(),
        }
    }
}

/// No threshold of any unit is larger; what is beyond it is a mistake in units.
const LARGEST: f64 = 1e12;

fn read(flat: Map<String, Value>) -> Result<Config, String> {
    serde_json::from_value(Value::Object(flat)).map_err(|e| e.to_string())
}

/// Which key alone is enough to make the defaults unreadable: the host looks for the name of what it wrote.
fn culprit(defaults: &Map<String, Value>, given: &Map<String, Value>) -> String {
    let alone = |(key, value): &(&String, &Value)| {
        let mut flat = defaults.clone();
        flat.insert((*key).clone(), (*value).clone());
        read(flat).is_err()
    };
    given.iter().find(alone).map_or_else(|| "?".to_owned(), |(key, _)| key.clone())
}

/// Same type as the default, numbers within their range, and not negative where no narrower one is stated: no threshold
/// here has a meaning below zero.
fn check(key: &str, default: &Value, value: &Value) -> Result<(), ConfigError> {
    let bad = |reason: &str| Err(ConfigError::Value { key: key.to_owned(), reason: reason.to_owned() });
    match (default, value) {
        (Value::Bool(_), Value::Bool(_)) | (Value::String(_), Value::String(_)) => Ok(()),
        (Value::Array(_), Value::Array(_)) | (Value::Null, _) => Ok(()),
        (Value::Number(d), Value::Number(v)) => {
            let v_f64 = v.as_f64().unwrap_or(f64::NAN);
            if let Some(allowed) = ranges::of(key).filter(|allowed| !allowed.contains(&v_f64)) {
                return bad(&format!("{v} is not between {} and {}", allowed.start(), allowed.end()));
            }
            if !(0.0..=LARGEST).contains(&v_f64) {
                return bad(&format!("{v} is negative or too large: between 0 and {LARGEST}"));
            }
            if d.is_u64() && !v.is_u64() {
                return bad("is no whole number");
            }
            Ok(())
        }
        (Value::Bool(_), _) => bad("is neither true nor false"),
        (Value::Number(_), _) => bad("is no number"),
        (Value::String(_), _) => bad("is no text"),
        (Value::Array(_), _) => bad("is no list"),
        (Value::Object(_), _) => bad("cannot be set"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flat_object_reads_back_as_itself() {
        for preset in [Preset::Courier, Preset::RideHailing, Preset::PrivateCar] {
            let config = Config::preset(preset);
            assert_eq!(Config::from_json(Preset::Courier, &config.to_value().to_string()), Ok(config));
        }
    }

    #[test]
    fn mistakes_are_named() {
        let error = |text: &str| Config::from_json(Preset::Courier, text).unwrap_err().to_string();
        assert!(error("[]").contains("no JSON object"));
        assert!(error(r#"{"stop_timeout": 1}"#).contains("no key \"stop_timeout\""));
        assert!(error(r#"{"stop_timeout_s": 200, "privacy_zones": [[1, 0]]}"#).contains("\"privacy_zones\""));
        assert!(error(r#"{"stop_timeout_s": "x"}"#).contains("is no number"));
        assert!(error(r#"{"stop_timeout_s": -1}"#).contains("negative"));
        assert!(error(r#"{"preset": "tank"}"#).contains("tank"));
        assert!(error(r#"{"behaviour_preset": "tank"}"#).contains("tank"));
    }

    #[test]
    fn a_behaviour_preset_sets_its_thresholds_and_single_keys_win() {
        let config =
            Config::from_json(Preset::Courier, r#"{"behaviour_preset": "truck", "corner_mps2": 2.25}"#).unwrap();
        assert_eq!((config.behaviour.brake_mps2, config.behaviour.corner_mps2), (2.0, 2.25));
    }
}
