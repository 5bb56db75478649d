//! What was reported of a simulated day beside what really happened, as a short table. What counts as found is
//! `report`'s.

use milepost_engine::record::EventType;
use milepost_sim::{FixRuns, Span, Truth};
use serde_json::Value;

use crate::report::behaviour::{HARSH, handling, harsh};
use crate::report::said::Report;
use crate::report::tally::Found;
use crate::report::trip_figures::{deliveries, trips_found};

/// Prints it. `records` are the highest revisions.
pub fn print(records: &[Value], truth: &Truth, fixes: &FixRuns) {
    let ended: Vec<&Value> = of(records, "milepost.trip/1").filter(|r| is(r, "status", "ended")).collect();
    let trips: Vec<Span> = ended.iter().filter_map(|r| span(r)).collect();
    let stops = of(records, "milepost.stop/1").filter(|r| is(r, "class", "delivery"));
    let stops: Vec<Span> = stops.filter_map(span).collect();
    let events: Vec<Report> = of(records, "milepost.event/1").filter_map(event).collect();
    let harsh_ones: Vec<Report> = events.iter().filter(|e| HARSH.contains(&e.kind)).copied().collect();
    let in_hand = events.iter().filter(|e| e.kind == EventType::PhoneHandling);
    let in_hand: Vec<Span> = in_hand.map(|e| e.span).collect();
    println!("{:<28}{:>8}{:>10}{:>8}", "", "true", "reported", "found");
    row("trips", trips_found(&truth.trips, &trips, fixes).0, trips.len());
    row("deliveries", deliveries(truth, &stops), stops.len());
    row("harsh manoeuvres", harsh(truth, &harsh_ones).any, harsh_ones.len());
    row("phone handling", handling(truth, &in_hand), in_hand.len());
    let said_m: f64 = ended.iter().filter_map(|r| r.get("distance_m")?.as_f64()).sum();
    let true_m: f64 = truth.trips.iter().map(|t| t.distance_m).sum();
    println!("{:<28}{:>8.2}{:>10.2}", "kilometres", true_m / 1e3, said_m / 1e3);
}

fn of<'a>(records: &'a [Value], schema: &'a str) -> impl Iterator<Item = &'a Value> {
    records.iter().filter(move |r| is(r, "schema", schema))
}

fn is(record: &Value, key: &str, word: &str) -> bool {
    record.get(key).is_some_and(|v| v == word)
}

fn row(name: &str, found: Found, reported: usize) {
    println!("{name:<28}{:>8}{reported:>10}{:>8}", found.hit + found.missed, found.hit);
}

fn event(record: &Value) -> Option<Report> {
    let kind = serde_json::from_value(record.get("type")?.clone()).ok()?;
    Some(Report { kind, span: span(record)?, confirmed: is(record, "status", "confirmed") })
}

fn span(record: &Value) -> Option<Span> {
    Some(Span { start_s: record.get("start_t_s")?.as_f64()?, end_s: record.get("end_t_s")?.as_f64()? })
}
