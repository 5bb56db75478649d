//! How a score came about, line by line, in words and with every number that entered.

use crate::behaviour::EventFacts;
use crate::num::round;
use crate::record::EventStatus;
use crate::trip::TripFacts;

use super::account::{self, Account};
use super::rules::{Category, Form};
use super::{ScoreConfig, Sensed, exact, not_rated, of_account};

/// The lines, for people.
pub fn explain(config: &ScoreConfig, trip: &TripFacts, events: &[EventFacts], sensed: &Sensed) -> Vec<String> {
    let rules = config.ruleset();
    let account = Account::of_trip(rules, trip.distance_m, events.iter(), sensed);
    let mut lines = vec![format!("{}: {:.1} km driven", rules.name, account.km)];
    if let Some(reason) = not_rated(config, trip) {
        lines.push(format!("not rated: {reason}"));
        return lines;
    }
    for category in Category::ALL {
        let Some(rule) = rules.rule(category) else { continue };
        let sum = account.sum(category);
        lines.push(String::new());
        lines.push(format!("{} (part {:.2} of the overall score)", category.name(), rule.weight));
        for event in events.iter().filter(|e| Category::of(e.kind) == Some(category)) {
            lines.push(event_line(event, account::cost(rule, event), trip));
        }
        lines.push(format!("  seen on {:.1} of {:.1} km", sum.km, account.km));
        match (exact(config, &account, category), rule.form) {
            (Err(reason), _) => lines.push(format!("  no score: {reason}")),
            (Ok(value), Form::Rate { prior_points, prior_km, scale }) => {
                let rate = account::rate(rule.form, sum);
                lines.push(format!(
                    "  ({:.2} points + {prior_points}) / ({:.1} km + {prior_km}) = {rate:.4} a km",
                    sum.points, sum.km
                ));
                lines.push(format!("  100 · exp(−{rate:.4} / {scale}) = {value:.1}"));
            }
            (Ok(value), Form::PointsOff) => lines.push(format!("  100 − {:.3} points = {value:.1}", sum.points)),
        }
    }
    let (overall, _) = of_account(config, &account);
    lines.push(String::new());
    lines.push(match (overall.value, overall.reason) {
        (Some(value), _) => format!(
            "overall {value:.1}: the geometric mean of the categories above by their parts, confidence {:.2}",
            overall.confidence.unwrap_or(0.0)
        ),
        (None, reason) => format!("overall: no score: {}", reason.unwrap_or("unknown")),
    });
    lines
}

fn event_line(event: &EventFacts, points: f64, trip: &TripFacts) -> String {
    let at_s = round(event.start.since(trip.start), 0);
    let what = event.peak_mps2.map(|a| format!(", peak {a} m/s²"));
    let over = event.over_mps.map(|v| format!(", {} km/h over", round(v * 3.6, 0)));
    let long = event.distance_m.map(|m| format!(", {} m", round(m, 0)));
    let words = [what, over, long].into_iter().flatten().collect::<String>();
    let counts = match event.status {
        EventStatus::Confirmed => format!("{points:.2} points"),
        EventStatus::Unconfirmed => "not confirmed, does not count".to_owned(),
    };
    format!("  {:.0} min {:02.0} s{words}: {counts}", (at_s / 60.0).floor(), at_s - 60.0 * (at_s / 60.0).floor())
}
