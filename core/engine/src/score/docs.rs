//! The tables of `docs/scoring.md`, made from the rules; a test holds the page to them.
#![cfg(test)]

use super::rules::{ALL, BANDS_KMH, Category, Form, Points};

/// Between these two lines of the page the tables stand.
const BEGIN: &str = "<!-- made from the code: begin -->\n";
const END: &str = "<!-- made from the code: end -->\n";
/// Set this to anything to write the page anew.
const RENEW: &str = "MILEPOST_RENEW_DOCS";

fn tables() -> String {
    let mut out = String::new();
    for rules in ALL {
        out += &format!("\n### `{}`\n\n", rules.name);
        out += "| category | part | points | prior points | prior km | scale |\n|---|---|---|---|---|---|\n";
        for rule in rules.rules {
            let points = match rule.points {
                Points::BySeverity([a, b, c]) => format!("{a} / {b} / {c} an event"),
                Points::PerKm([a, b, c]) => format!("{a} / {b} / {c} a kilometre of it"),
                Points::PerSecond([a, b, c, d]) => format!("{a} / {b} / {c} / {d} a second"),
            };
            let form = match rule.form {
                Form::Rate { prior_points, prior_km, scale } => format!("{prior_points} | {prior_km} | {scale}"),
                Form::PointsOff => "– | – | 100 less the points".to_owned(),
            };
            out += &format!("| {} | {} | {points} | {form} |\n", rule.category.name(), rule.weight);
        }
    }
    let [a, b, c] = BANDS_KMH;
    out += &format!("\nSpeed bands of points a second: below {a}, {a}–{b}, {b}–{c}, from {c} km/h.\n");
    out += "\n| category | reason when nothing could see it |\n|---|---|\n";
    for category in Category::ALL {
        out += &format!("| {} | `{}` |\n", category.name(), category.unseen());
    }
    out + "\n"
}

#[test]
fn the_page_shows_the_rules_as_they_are() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/scoring.md");
    let page = std::fs::read_to_string(path).unwrap();
    let (head, rest) = page.split_once(BEGIN).expect("the page has lost its begin mark");
    let (old, tail) = rest.split_once(END).expect("the page has lost its end mark");
    let new = tables();
    if std::env::var_os(RENEW).is_some() {
        std::fs::write(path, format!("{head}{BEGIN}{new}{END}{tail}")).unwrap();
        return;
    }
    assert!(old == new, "docs/scoring.md is stale: run the test with {RENEW}=1 and commit the page");
}

#[test]
fn the_parts_of_a_rule_set_make_one() {
    for rules in ALL {
        let parts: f64 = rules.rules.iter().map(|r| r.weight).sum();
        assert!((parts - 1.0).abs() < 1e-12, "{}", rules.name);
    }
}
