//! How it was driven, from sensors to records: simulated drives through the kernel and its store, as a phone would have
//! them. What the figures are over many worlds, `milepost report behaviour` says; here stands what must happen at all.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests")]

use std::collections::BTreeMap;

use base64::Engine as _;
use milepost::{Kernel, Options, Place};
use milepost_engine::config::{Config, Preset};
use milepost_engine::contract::Input;
use milepost_engine::sample::{Command, MonoTime, NS_PER_S, Signal};
use milepost_sim::{Crash, Item, Keeping, Scenario, Truth};
use serde_json::Value;

/// Inputs in the order in which a host has them, and the truth.
fn lived(scenario: &Scenario) -> (Vec<Input>, Truth) {
    let (mut inputs, mut truth) = (Vec::new(), Truth::default());
    for item in scenario.world() {
        match item {
            Item::Input(input) => inputs.push(input),
            Item::Fact(fact) => truth.take(fact),
            Item::State(_) => {}
        }
    }
    (inputs, truth)
}

/// Every record's highest revision, in the order of first appearance.
fn records(config: Config, inputs: impl IntoIterator<Item = Input>) -> Vec<Value> {
    let options = Options { seed: Some(7), config, ..Options::new(Place::Memory, "", "").unwrap() };
    let mut kernel = Kernel::open(&options).unwrap();
    for input in inputs.into_iter().chain([Input::End]) {
        kernel.handle(input, &mut |_| {}).unwrap();
    }
    let news = kernel.store().read(|db| db.drain(0, 100_000)).unwrap();
    let mut last: BTreeMap<String, (usize, Value)> = BTreeMap::new();
    for (i, item) in news.iter().enumerate() {
        let record: Value = serde_json::from_str(&item.json).unwrap();
        let id = record["id"].as_str().unwrap().to_owned();
        let at = last.get(&id).map_or(i, |(at, _)| *at);
        last.insert(id, (at, record));
    }
    let mut all: Vec<_> = last.into_values().collect();
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, record)| record).collect()
}

fn of_type<'a>(records: &'a [Value], kind: &str) -> Vec<&'a Value> {
    records.iter().filter(|r| r["type"] == kind).collect()
}

fn of_schema<'a>(records: &'a [Value], schema: &str) -> Vec<&'a Value> {
    records.iter().filter(|r| r["schema"] == schema).collect()
}

fn number(record: &Value, key: &str) -> f64 {
    record[key].as_f64().unwrap_or_else(|| panic!("no {key} in {record}"))
}

fn overlaps(record: &Value, from_s: f64, to_s: f64) -> bool {
    number(record, "start_t_s") <= to_s && number(record, "end_t_s") >= from_s
}

#[test]
fn given_an_aggressive_drive_then_every_harsh_manoeuvre_is_told_with_evidence_and_costs_points() {
    let (inputs, truth) = lived(&Scenario::drive(4).minutes(25).temper(1.0));
    let records = records(Config::default(), inputs);
    let needed: Vec<_> = truth.events.iter().filter(|e| e.need).collect();
    assert!(needed.len() >= 4, "a drive to learn from has {} manoeuvres", needed.len());
    for event in &needed {
        let kind = serde_json::to_value(event.kind).unwrap();
        let told = of_type(&records, kind.as_str().unwrap());
        let told = told.into_iter().find(|r| overlaps(r, event.span.start_s, event.span.end_s));
        let told = told.unwrap_or_else(|| panic!("{event:?} is not told"));
        assert_eq!((told["status"].as_str(), told["cancelled"].as_str()), (Some("confirmed"), None));
        assert!((number(told, "peak_mps2") - event.peak_mps2).abs() < 0.6, "{event:?} {told}");
        let waveform = &told["evidence"];
        let long = waveform["a_long_cmps2"].as_array().unwrap();
        let length_s = number(told, "end_t_s") - number(told, "start_t_s") + 2.0;
        assert!(waveform["rate_hz"] == 25.0 && (long.len() as f64 / 25.0 - length_s).abs() < 0.3, "{told}");
        assert!(long.iter().all(Value::is_i64));
    }
    let score = of_schema(&records, "milepost.score/1")[0];
    // 100 · exp(−(3 / 50) / 0.6): what everyone begins with.
    assert!(number(&score["categories"]["braking"], "value") < 90.4, "{score}");
    assert_eq!(score["driver"]["overall"]["value"], score["overall"]["value"], "the first trip of a driver");
}

#[test]
fn given_no_imu_then_brakes_come_from_fixes_with_less_confidence_and_cornering_has_a_reason() {
    let (inputs, _) = lived(&Scenario::drive(4).minutes(25).temper(1.0).without_imu());
    let records = records(Config::default(), inputs);
    let brakes = of_type(&records, "driving.harsh_braking");
    assert!(!brakes.is_empty());
    assert!(brakes.iter().all(|r| number(r, "confidence") < 0.6 && r["evidence"].is_null()), "{brakes:?}");
    let categories = &of_schema(&records, "milepost.score/1")[0]["categories"];
    for (category, reason) in [("cornering", "no_motion_sensor"), ("phone", "no_gyroscope_or_mount")] {
        assert!(categories[category]["value"].is_null());
        assert_eq!(categories[category]["reason"], reason);
    }
}

#[test]
fn given_a_phone_in_a_hand_then_the_episode_is_told_with_its_seconds_by_band() {
    let (inputs, truth) = lived(&Scenario::drive(2).minutes(20).temper(0.2).phone_handled_at(500.0, 30.0));
    let records = records(Config::default(), inputs);
    let told = of_type(&records, "driving.phone_handling");
    let ([told], [truth]) = (told.as_slice(), truth.handling.as_slice()) else { panic!("{told:?} {truth:?}") };
    assert!((number(told, "start_t_s") - truth.start_s).abs() < 4.0, "{told} {truth:?}");
    let held_s: f64 = told["band_s"].as_array().unwrap().iter().map(|s| s.as_f64().unwrap()).sum();
    assert!((held_s - (truth.end_s - truth.start_s)).abs() < 6.0, "{held_s} s of {truth:?}");
}

fn crash() -> (Vec<Input>, Truth) {
    lived(&Scenario::crash(3, Crash::RearEnd, Keeping::Holder))
}

#[test]
fn given_a_crash_then_one_impact_with_what_was_weighed_and_ten_seconds_at_the_full_rate() {
    let (inputs, truth) = crash();
    let records = records(Config::default(), inputs);
    let impacts = of_type(&records, "driving.impact");
    let [impact] = impacts.as_slice() else { panic!("{impacts:?}") };
    assert!(overlaps(impact, truth.impacts[0].t_s - 0.5, truth.impacts[0].t_s + 2.0), "{impact}");
    assert!(impact["weighed"].as_array().unwrap().len() >= 6);
    let windows = of_schema(&records, "milepost.window/1");
    let [window] = windows.as_slice() else { panic!("{windows:?}") };
    assert_eq!((&window["event_id"], &window["trip_id"]), (&impact["id"], &impact["trip_id"]));
    let bytes = base64::engine::general_purpose::STANDARD.decode(window["data"].as_str().unwrap()).unwrap();
    let samples = milepost_engine::window::decode(&bytes).unwrap();
    assert_eq!(window["samples"].as_u64(), Some(samples.len() as u64));
    assert!((samples.len() as f64 - 1_000.0).abs() < 60.0, "{} samples of 100 Hz", samples.len());
    let peak_s = number(impact, "peak_t_s");
    assert!((number(window, "t0_s") - (peak_s - 5.0)).abs() < 0.1, "{window}");
    let hardest = samples
        .iter()
        .map(|sample| sample.force_mps2.map(f64::from))
        .map(|[x, y, z]| (x * x + y * y + z * z).sqrt())
        .fold(0.0, f64::max);
    assert!((hardest - number(impact, "peak_mps2")).abs() < 0.2, "{hardest} {impact}");
}

#[test]
fn given_an_impact_that_the_driver_denies_in_time_then_it_is_revised_and_later_it_is_not() {
    let (inputs, truth) = crash();
    for (after_s, cancelled) in [(20.0, Some("denied")), (90.0, None)] {
        let t = MonoTime::from_seconds(truth.impacts[0].t_s + after_s);
        let at = inputs.partition_point(|i| i.newest().is_none_or(|x| x <= t));
        let mut denied = inputs.clone();
        denied.insert(at, Input::Command(t, Command::DenyImpact));
        let records = records(Config::default(), denied);
        let impact = of_type(&records, "driving.impact")[0];
        assert_eq!(impact["cancelled"].as_str(), cancelled, "{impact}");
        assert_eq!(impact["status"] == "unconfirmed", cancelled.is_some());
        assert_eq!(impact["rev"].as_u64(), Some(if cancelled.is_some() { 2 } else { 1 }));
    }
}

#[test]
fn given_limits_that_come_minutes_late_then_events_and_score_end_as_if_they_had_come_in_time() {
    let (inputs, _) = lived(&Scenario::drive(4).minutes(25).temper(1.0));
    let in_time = speeding(records(Config::default(), by_their_own_time(&inputs)));
    assert!(in_time.0.len() >= 3, "{in_time:?}");
    let as_it_came = speeding(records(Config::default(), inputs.clone()));
    assert_eq!(as_it_came.0, in_time.0);
    for late_s in [30, 240] {
        let late = speeding(records(Config::default(), later(&inputs, late_s)));
        assert_eq!(late.0, in_time.0, "{late_s} s late");
        assert!((late.1 - in_time.1).abs() < 0.3, "{late_s} s late: {} instead of {}", late.1, in_time.1);
    }
}

/// Start, end and metres of what was not cancelled, and the score of it.
fn speeding(records: Vec<Value>) -> (Vec<[String; 3]>, f64) {
    let told = of_type(&records, "driving.speeding");
    let told = told.iter().filter(|r| r["cancelled"].is_null());
    let mut spans: Vec<_> = told.map(|r| ["start_t_s", "end_t_s", "distance_m"].map(|k| r[k].to_string())).collect();
    spans.sort();
    let score = of_schema(&records, "milepost.score/1")[0];
    (spans, number(&score["categories"]["speeding"], "value"))
}

fn is_limit(input: &Input) -> bool {
    matches!(input, Input::Signal(_, Signal::SpeedLimit(_)))
}

fn by_their_own_time(inputs: &[Input]) -> Vec<Input> {
    later(inputs, 0)
}

/// The same with every limit told so long after it became true; the last ones come at the end.
fn later(inputs: &[Input], late_s: i64) -> Vec<Input> {
    let mut now = MonoTime::MIN;
    let mut keyed: Vec<(MonoTime, Input)> = Vec::new();
    for input in inputs {
        let own = input.newest().unwrap_or(now);
        now = now.max(own);
        let at = if is_limit(input) { MonoTime(own.0 + late_s * NS_PER_S) } else { now };
        keyed.push((at, input.clone()));
    }
    keyed.sort_by_key(|(t, input)| (*t, !is_limit(input)));
    keyed.into_iter().map(|(_, input)| input).collect()
}

#[test]
fn every_field_of_a_preset_can_be_set_and_changes_what_is_told() {
    let (inputs, _) = lived(&Scenario::drive(4).minutes(25).temper(1.0));
    let brakes = |text: &str| {
        let config = Config::from_json(Preset::Courier, text).unwrap();
        of_type(&records(config, inputs.clone()), "driving.harsh_braking").len()
    };
    let (truck, default, zendrive) =
        (brakes(r#"{"behaviour_preset":"truck"}"#), brakes("{}"), brakes(r#"{"behaviour_preset":"zendrive"}"#));
    assert!(truck >= default && default >= zendrive, "{truck} {default} {zendrive}");
    assert_eq!(brakes(r#"{"behaviour_preset":"truck","brake_mps2":9.0}"#), 0, "a single key wins");
}
