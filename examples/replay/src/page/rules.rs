//! The rule sets as data for the page, which explains scores with them.

use milepost_engine::score::{Form, Points, RULE_SETS, Rule};
use serde_json::{Value, json};

/// All of them, by name and category.
pub fn as_json() -> Value {
    let sets = RULE_SETS.iter().map(|set| {
        let rules = set.rules.iter().map(|r| (r.category.name().to_owned(), rule(r))).collect();
        (set.name.to_owned(), Value::Object(rules))
    });
    Value::Object(sets.collect())
}

fn rule(rule: &Rule) -> Value {
    let (points, per) = match rule.points {
        Points::BySeverity(points) => (points.to_vec(), "event"),
        Points::PerKm(points) => (points.to_vec(), "km"),
        Points::PerSecond(points) => (points.to_vec(), "second"),
    };
    let form = match rule.form {
        Form::Rate { prior_points, prior_km, scale } => {
            json!({"prior_points": prior_points, "prior_km": prior_km, "scale": scale})
        }
        Form::PointsOff => Value::Null,
    };
    json!({"weight": rule.weight, "points": points, "per": per, "form": form})
}
