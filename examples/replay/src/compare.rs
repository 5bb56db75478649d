//! What was reported of a simulated day beside what really happened, as a short table.

use milepost_engine::record::StopClass;
use milepost_sim::{Span, Truth};
use serde_json::Value;

use crate::replay::Failure;
use crate::say::say;

/// Two spans are the same trip when they share this much of what they cover together, as in the judge.
const SAME_IOU: f64 = 0.5;
const HARSH: [&str; 4] =
    ["driving.harsh_braking", "driving.harsh_acceleration", "driving.harsh_cornering", "driving.swerve"];

/// Prints it. `records` are the highest revisions.
pub fn print(records: &[Value], truth: &Truth) -> Result<(), Failure> {
    let ended: Vec<&Value> = of(records, "milepost.trip/1").filter(|r| is(r, "status", "ended")).collect();
    let trips: Vec<Span> = ended.iter().filter_map(|r| span(r)).collect();
    let stops = of(records, "milepost.stop/1").filter(|r| is(r, "class", "delivery"));
    let events = |kinds: &[&str]| -> Vec<Span> {
        let of_kind = |r: &&Value| kinds.iter().any(|kind| is(r, "type", kind));
        of(records, "milepost.event/1").filter(of_kind).filter_map(span).collect()
    };
    let true_trips: Vec<Span> = truth.trips.iter().map(|t| t.span).collect();
    say!("{:<28}{:>8}{:>10}{:>8}", "", "true", "reported", "found")?;
    row("trips", &true_trips, &trips, |a, b| iou(a, b) >= SAME_IOU)?;
    let deliveries: Vec<Span> = truth.stops.iter().filter(|s| s.class == StopClass::Delivery).map(|s| s.span).collect();
    row("deliveries", &deliveries, &stops.filter_map(span).collect::<Vec<_>>(), touch)?;
    let harsh: Vec<Span> = truth.events.iter().map(|e| e.span).collect();
    row("harsh manoeuvres", &harsh, &events(&HARSH), touch)?;
    row("phone handling", &truth.handling, &events(&["driving.phone_handling"]), touch)?;
    let said_m: f64 = ended.iter().filter_map(|r| r.get("distance_m")?.as_f64()).sum();
    let true_m: f64 = truth.trips.iter().map(|t| t.distance_m).sum();
    say!("{:<28}{:>8.2}{:>10.2}", "kilometres", true_m / 1e3, said_m / 1e3)
}

fn of<'a>(records: &'a [Value], schema: &'a str) -> impl Iterator<Item = &'a Value> {
    records.iter().filter(move |r| is(r, "schema", schema))
}

fn is(record: &Value, key: &str, word: &str) -> bool {
    record.get(key).is_some_and(|v| v == word)
}

fn row(name: &str, truth: &[Span], said: &[Span], same: impl Fn(Span, Span) -> bool) -> Result<(), Failure> {
    let found = truth.iter().filter(|t| said.iter().any(|s| same(**t, *s))).count();
    say!("{name:<28}{:>8}{:>10}{found:>8}", truth.len(), said.len())
}

fn span(record: &Value) -> Option<Span> {
    Some(Span { start_s: record.get("start_t_s")?.as_f64()?, end_s: record.get("end_t_s")?.as_f64()? })
}

fn touch(a: Span, b: Span) -> bool {
    shared_s(a, b) > 0.0
}

fn iou(a: Span, b: Span) -> f64 {
    let both = shared_s(a, b);
    both / ((a.end_s - a.start_s) + (b.end_s - b.start_s) - both).max(1e-9)
}

fn shared_s(a: Span, b: Span) -> f64 {
    (a.end_s.min(b.end_s) - a.start_s.max(b.start_s)).max(0.0)
}
