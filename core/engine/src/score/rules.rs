//! The rule sets, as data. A rule set never changes once it was shipped: another number is another version. What the
//! numbers do, `account` says; `docs/scoring.md` shows them.

use crate::record::{EventType, Severity};

/// What is rated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Braking.
    Braking,
    /// Acceleration.
    Acceleration,
    /// Cornering and swerving.
    Cornering,
    /// Speeding.
    Speeding,
    /// Phone handling.
    Phone,
}

impl Category {
    /// In the order of the record.
    pub const ALL: [Self; 5] = [Self::Braking, Self::Acceleration, Self::Cornering, Self::Speeding, Self::Phone];

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Category::Braking => "braking",
            Category::Acceleration => "acceleration",
            Category::Cornering => "cornering",
            Category::Speeding => "speeding",
            Category::Phone => "phone",
        }
    }

    /// Why it has no value when nothing could see it.
    pub fn unseen(self) -> &'static str {
        match self {
            Category::Braking | Category::Acceleration => "no_motion_sensor_nor_speed",
            Category::Cornering => "no_motion_sensor",
            Category::Speeding => "no_speed_limits",
            Category::Phone => "no_gyroscope_or_mount",
        }
    }

    /// Where events of a type count.
    pub fn of(kind: EventType) -> Option<Self> {
        match kind {
            EventType::HarshBraking => Some(Category::Braking),
            EventType::HarshAcceleration => Some(Category::Acceleration),
            EventType::HarshCornering | EventType::Swerve => Some(Category::Cornering),
            EventType::Speeding => Some(Category::Speeding),
            EventType::PhoneHandling => Some(Category::Phone),
            EventType::Impact | EventType::Idling => None,
        }
    }
}

/// How points become a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Form {
    /// `100·exp(−rate ÷ scale)`, rate = (points + prior_points) ÷ (km + prior_km).
    Rate {
        /// Points that everyone begins with.
        prior_points: f64,
        /// Kilometres that everyone begins with.
        prior_km: f64,
        /// The rate at which the number is 100/e.
        scale: f64,
    },
    /// 100 less the points, not below 0.
    PointsOff,
}

/// What an event costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Points {
    /// So many by severity low, medium, high.
    BySeverity([f64; 3]),
    /// So many per kilometre of the event, by severity.
    PerKm([f64; 3]),
    /// So many per second of the event, by speed band ([`BANDS_KMH`]).
    PerSecond([f64; 4]),
}

/// Upper ends of the speed bands; the last has none.
pub const BANDS_KMH: [f64; 3] = [40.0, 55.0, 105.0];

/// The rules of a category.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rule {
    /// Which.
    pub category: Category,
    /// Its part in the overall score; all parts of a rule set make 1.
    pub weight: f64,
    /// What its events cost.
    pub points: Points,
    /// What that makes of the number.
    pub form: Form,
}

/// A version of the rules.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RuleSet {
    /// Name and version.
    pub name: &'static str,
    /// Category by category; one that is missing is not rated.
    pub rules: &'static [Rule],
}

impl RuleSet {
    /// The rule of a category.
    pub fn rule(&self, category: Category) -> Option<&'static Rule> {
        self.rules.iter().find(|r| r.category == category)
    }
}

/// The place of a severity in a list of points.
pub fn rank(severity: Option<Severity>) -> usize {
    match severity {
        Some(Severity::Low) | None => 0,
        Some(Severity::Medium) => 1,
        Some(Severity::High) => 2,
    }
}

/// How safely it was driven.
///
/// Fifty kilometres of prior exposure: claims and event rates settle over hundreds of kilometres, so a short trip must
/// say little. Braking weighs most of the manoeuvres, as its rate goes with crashes most closely in naturalistic
/// studies; speed and the phone are rated by how much of the road they took, not by how often they began.
pub static MILEPOST_SAFETY_1: RuleSet = RuleSet {
    name: "milepost-safety@1",
    rules: &[
        Rule {
            category: Category::Braking,
            weight: 0.25,
            points: Points::BySeverity([1.0, 2.0, 4.0]),
            form: Form::Rate { prior_points: 3.0, prior_km: 50.0, scale: 0.6 },
        },
        Rule {
            category: Category::Acceleration,
            weight: 0.15,
            points: Points::BySeverity([1.0, 2.0, 4.0]),
            form: Form::Rate { prior_points: 3.0, prior_km: 50.0, scale: 0.6 },
        },
        Rule {
            category: Category::Cornering,
            weight: 0.15,
            points: Points::BySeverity([1.0, 2.0, 4.0]),
            form: Form::Rate { prior_points: 3.0, prior_km: 50.0, scale: 0.6 },
        },
        Rule {
            category: Category::Speeding,
            weight: 0.25,
            points: Points::PerKm([1.0, 2.0, 4.0]),
            form: Form::Rate { prior_points: 1.0, prior_km: 50.0, scale: 0.3 },
        },
        Rule {
            category: Category::Phone,
            weight: 0.2,
            points: Points::PerSecond([0.0434, 0.2372, 0.2929, 0.4821]),
            form: Form::Rate { prior_points: 5.0, prior_km: 50.0, scale: 1.5 },
        },
    ],
};

/// How smoothly it was driven: what costs fuel.
pub static MILEPOST_ECO_1: RuleSet = RuleSet {
    name: "milepost-eco@1",
    rules: &[
        Rule {
            category: Category::Braking,
            weight: 0.3,
            points: Points::BySeverity([1.0, 1.5, 2.0]),
            form: Form::Rate { prior_points: 3.0, prior_km: 50.0, scale: 0.6 },
        },
        Rule {
            category: Category::Acceleration,
            weight: 0.45,
            points: Points::BySeverity([1.0, 1.5, 2.0]),
            form: Form::Rate { prior_points: 3.0, prior_km: 50.0, scale: 0.6 },
        },
        Rule {
            category: Category::Speeding,
            weight: 0.25,
            points: Points::PerKm([1.0, 2.0, 3.0]),
            form: Form::Rate { prior_points: 1.0, prior_km: 50.0, scale: 0.3 },
        },
    ],
};

/// Phone handling by Damoov's penalty points per second: 60 s at 50 km/h and 30 s at 120 km/h cost 28.695.
pub static DAMOOV_PHONE_1: RuleSet = RuleSet {
    name: "damoov-phone@1",
    rules: &[Rule {
        category: Category::Phone,
        weight: 1.0,
        points: Points::PerSecond([0.0434, 0.2372, 0.2929, 0.4821]),
        form: Form::PointsOff,
    }],
};

/// All rule sets.
pub static ALL: [&RuleSet; 3] = [&MILEPOST_SAFETY_1, &MILEPOST_ECO_1, &DAMOOV_PHONE_1];
