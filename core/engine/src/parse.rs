//! Signals and commands as text, by the names of `signals.csv` (RECORDS.md). The only place that knows these words:
//! packed frames, importers and the FFI all come through here. It says nothing about when.

use crate::sample::{Activity, Call, Command, Permission, PermissionLevel, Signal, Waker};

/// A signal or a command.
#[derive(Clone, Debug, PartialEq)]
pub enum Named {
    /// A fact about the phone.
    Signal(Signal),
    /// A wish of the host.
    Command(Command),
}

/// Why a row of `signals.csv` or its packed twin is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NamedError {
    /// No such kind.
    #[error("unknown kind {0:?}")]
    Kind(String),
    /// A kind with a value that it cannot have.
    #[error("{kind} cannot be {value:?}")]
    Value {
        /// The kind.
        kind: &'static str,
        /// What was given.
        value: String,
    },
    /// A confidence outside 0–1.
    #[error("confidence {0:?} is not between 0 and 1")]
    Confidence(String),
}

/// Every kind, in the order of the codes that packed frames use. Append only.
pub const KINDS: [&str; 19] = [
    "activity",
    "steps",
    "screen",
    "charging",
    "power_save",
    "provider",
    "lock",
    "call",
    "vehicle_audio",
    "speed_limit_mps",
    "permission",
    "consent",
    "duty",
    "command",
    "tag",
    "vehicle_id",
    "driver_id",
    "wake",
    "external_id",
];

/// The longest text that a value may have; ids and tags beyond it are a mistake of the host.
pub const MAX_VALUE_BYTES: usize = 1024;

/// Reads one kind, value and confidence.
pub fn parse(kind: &str, value: &str, confidence: Option<f32>) -> Result<Named, NamedError> {
    if let Some(c) = confidence
        && !(0.0..=1.0).contains(&c)
    {
        return Err(NamedError::Confidence(c.to_string()));
    }
    if value.len() > MAX_VALUE_BYTES {
        return Err(bad(kind, "a text of more than 1024 bytes"));
    }
    let signal = match kind {
        "activity" => Signal::Activity(activity(value).ok_or_else(|| bad(kind, value))?, confidence),
        "steps" => Signal::Steps(steps(value).ok_or_else(|| bad(kind, value))?),
        "screen" => Signal::Screen(either(kind, value, "on", "off")?),
        "charging" => Signal::Charging(either(kind, value, "on", "off")?),
        "power_save" => Signal::PowerSave(either(kind, value, "on", "off")?),
        "provider" => Signal::Provider(either(kind, value, "on", "off")?),
        "lock" => Signal::Lock(either(kind, value, "locked", "unlocked")?),
        "call" => Signal::Call(match value {
            "none" => Call::None,
            "ringing" => Call::Ringing,
            "handheld" => Call::Handheld,
            "hands_free" => Call::HandsFree,
            _ => return Err(bad(kind, value)),
        }),
        "vehicle_audio" => Signal::VehicleAudio(match value.split_once(':') {
            Some(("connected", name)) => Some(name.to_owned()),
            _ if value == "disconnected" => None,
            _ => return Err(bad(kind, value)),
        }),
        "speed_limit_mps" => Signal::SpeedLimit(if value.is_empty() {
            None
        } else {
            Some(value.parse().ok().filter(|v: &f32| v.is_finite() && *v >= 0.0).ok_or_else(|| bad(kind, value))?)
        }),
        "permission" => Signal::Permission(permission(value).ok_or_else(|| bad(kind, value))?),
        "consent" => Signal::Consent(either(kind, value, "granted", "revoked")?),
        "duty" => Signal::Duty(either(kind, value, "on", "off")?),
        "wake" => Signal::Wake(if either(kind, value, "fence", "motion")? { Waker::Fence } else { Waker::Motion }),
        "command" => {
            return Ok(Named::Command(match value {
                "start_trip" => Command::StartTrip,
                "stop_trip" => Command::StopTrip,
                "deny_impact" => Command::DenyImpact,
                _ => return Err(bad(kind, value)),
            }));
        }
        "tag" => return Ok(Named::Command(Command::Tag(value.to_owned()))),
        "vehicle_id" => return Ok(Named::Command(Command::SetVehicle(value.to_owned()))),
        "driver_id" => return Ok(Named::Command(Command::SetDriver(value.to_owned()))),
        "external_id" => return Ok(Named::Command(Command::ExternalId(value.to_owned()))),
        _ => return Err(NamedError::Kind(kind.to_owned())),
    };
    Ok(Named::Signal(signal))
}

/// The kind, value and confidence of a signal or command: what [`parse`] reads back.
pub fn write(named: &Named) -> (&'static str, String, Option<f32>) {
    let on = |b: bool| if b { "on" } else { "off" }.to_owned();
    match named {
        Named::Signal(Signal::Activity(a, c)) => ("activity", activity_name(*a).to_owned(), *c),
        Named::Signal(Signal::Steps(n)) => ("steps", n.to_string(), None),
        Named::Signal(Signal::Screen(b)) => ("screen", on(*b), None),
        Named::Signal(Signal::Charging(b)) => ("charging", on(*b), None),
        Named::Signal(Signal::PowerSave(b)) => ("power_save", on(*b), None),
        Named::Signal(Signal::Provider(b)) => ("provider", on(*b), None),
        Named::Signal(Signal::Lock(b)) => ("lock", if *b { "locked" } else { "unlocked" }.to_owned(), None),
        Named::Signal(Signal::Call(c)) => {
            let name = match c {
                Call::None => "none",
                Call::Ringing => "ringing",
                Call::Handheld => "handheld",
                Call::HandsFree => "hands_free",
            };
            ("call", name.to_owned(), None)
        }
        Named::Signal(Signal::VehicleAudio(Some(name))) => ("vehicle_audio", format!("connected:{name}"), None),
        Named::Signal(Signal::VehicleAudio(None)) => ("vehicle_audio", "disconnected".to_owned(), None),
        Named::Signal(Signal::SpeedLimit(v)) => ("speed_limit_mps", v.map(|v| v.to_string()).unwrap_or_default(), None),
        Named::Signal(Signal::Permission(p)) => {
            let level = match p.level {
                PermissionLevel::Always => "always",
                PermissionLevel::WhileInUse => "while_in_use",
                PermissionLevel::Denied => "denied",
            };
            ("permission", format!("{level}{}", if p.reduced { ":reduced" } else { "" }), None)
        }
        Named::Signal(Signal::Consent(b)) => ("consent", if *b { "granted" } else { "revoked" }.to_owned(), None),
        Named::Signal(Signal::Duty(b)) => ("duty", on(*b), None),
        Named::Signal(Signal::Wake(Waker::Fence)) => ("wake", "fence".to_owned(), None),
        Named::Signal(Signal::Wake(Waker::Motion)) => ("wake", "motion".to_owned(), None),
        Named::Command(Command::StartTrip) => ("command", "start_trip".to_owned(), None),
        Named::Command(Command::StopTrip) => ("command", "stop_trip".to_owned(), None),
        Named::Command(Command::DenyImpact) => ("command", "deny_impact".to_owned(), None),
        Named::Command(Command::Tag(s)) => ("tag", s.clone(), None),
        Named::Command(Command::SetVehicle(s)) => ("vehicle_id", s.clone(), None),
        Named::Command(Command::SetDriver(s)) => ("driver_id", s.clone(), None),
        Named::Command(Command::ExternalId(s)) => ("external_id", s.clone(), None),
    }
}

fn activity(value: &str) -> Option<Activity> {
    Some(match value {
        "still" => Activity::Still,
        "walking" => Activity::Walking,
        "running" => Activity::Running,
        "cycling" => Activity::Cycling,
        "automotive" => Activity::Automotive,
        "unknown" => Activity::Unknown,
        _ => return None,
    })
}

fn activity_name(activity: Activity) -> &'static str {
    match activity {
        Activity::Still => "still",
        Activity::Walking => "walking",
        Activity::Running => "running",
        Activity::Cycling => "cycling",
        Activity::Automotive => "automotive",
        Activity::Unknown => "unknown",
    }
}

/// A count; spreadsheets and data frames write whole numbers as `12.0`.
fn steps(value: &str) -> Option<u64> {
    value.strip_suffix(".0").unwrap_or(value).parse().ok()
}

fn permission(value: &str) -> Option<Permission> {
    let (level, reduced) = match value.split_once(':') {
        Some((level, "reduced")) => (level, true),
        Some(_) => return None,
        None => (value, false),
    };
    let level = match level {
        "always" => PermissionLevel::Always,
        "while_in_use" => PermissionLevel::WhileInUse,
        "denied" => PermissionLevel::Denied,
        _ => return None,
    };
    Some(Permission { level, reduced })
}

fn either(kind: &str, value: &str, yes: &str, no: &str) -> Result<bool, NamedError> {
    if value == yes {
        Ok(true)
    } else if value == no {
        Ok(false)
    } else {
        Err(bad(kind, value))
    }
}

fn bad(kind: &str, value: &str) -> NamedError {
    let kind = KINDS.into_iter().find(|k| *k == kind).unwrap_or("value");
    NamedError::Value { kind, value: value.chars().take(80).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_survives_a_round_trip() {
        let rows = [
            ("activity", "automotive", Some(0.5)),
            ("steps", "12", None),
            ("screen", "on", None),
            ("charging", "off", None),
            ("power_save", "on", None),
            ("provider", "off", None),
            ("lock", "unlocked", None),
            ("call", "hands_free", None),
            ("vehicle_audio", "connected:My: Car", None),
            ("vehicle_audio", "disconnected", None),
            ("speed_limit_mps", "13.89", None),
            ("speed_limit_mps", "", None),
            ("permission", "while_in_use:reduced", None),
            ("consent", "revoked", None),
            ("duty", "off", None),
            ("command", "stop_trip", None),
            ("command", "deny_impact", None),
            ("tag", "rain", None),
            ("vehicle_id", "van 7", None),
            ("external_id", "order 8-15", None),
            ("driver_id", "", None),
            ("wake", "fence", None),
            ("wake", "motion", None),
        ];
        for (kind, value, confidence) in rows {
            let named = parse(kind, value, confidence).unwrap();
            assert_eq!(write(&named), (kind, value.to_owned(), confidence));
        }
    }

    #[test]
    fn what_is_not_in_the_table_is_refused_by_name() {
        assert_eq!(parse("mood", "good", None), Err(NamedError::Kind("mood".into())));
        assert_eq!(parse("lock", "on", None).unwrap_err().to_string(), "lock cannot be \"on\"");
        assert!(parse("activity", "still", Some(1.5)).is_err());
        assert!(parse("speed_limit_mps", "NaN", None).is_err());
        assert!(parse("steps", "-3", None).is_err());
        assert!(parse("tag", &"x".repeat(2000), None).is_err());
    }
}
