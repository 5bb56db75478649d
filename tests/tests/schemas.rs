//! Every line of a replay against its JSON Schema in docs/schema, read strictly: a field that the schema does not name
//! and a word that it does not know are mistakes of ours, though readers tolerate both. And docs/records.md against the
//! code: every word that a record can hold is explained there.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use milepost::{Kernel, Options, Place};
use milepost_engine::config::Config;
use milepost_engine::contract::{Input, Reason};
use milepost_engine::engine::Blocker;
use milepost_engine::intake::Counters;
use milepost_engine::parse::{KINDS, Named, parse};
use milepost_engine::record::{EventStatus, EventType, Mode, Severity, StopClass, TripStatus};
use milepost_engine::sample::{Clock, Fix, MonoTime};
use milepost_engine::score::{Category, RULE_SETS};
use milepost_engine::trip::{DiscardReason, EndReason, GapCause, TripState};
use milepost_recording::import::{self, ImportOptions};
use milepost_sim::Scenario;
use serde_json::{Map, Value, json};

const KINDS_OF_RECORDS: [&str; 8] = ["trip", "stop", "event", "score", "window", "gap", "health", "summary"];
/// Inputs of a recording that are replayed: some minutes of it.
const MAX_INPUTS: usize = 4_000;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn schema(kind: &str) -> Value {
    let path = root().join(format!("docs/schema/{kind}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap()
}

/// The schema with what readers tolerate taken out: objects end with the fields that are named, and the examples of a
/// word are all that it can be.
fn strict(schema: &Value) -> Value {
    let Value::Object(from) = schema else { return schema.clone() };
    let mut to = Map::new();
    for (key, value) in from {
        let value = match (key.as_str(), value) {
            ("properties", Value::Object(fields)) => {
                to.insert("additionalProperties".into(), json!(false));
                Value::Object(fields.iter().map(|(name, field)| (name.clone(), strict(field))).collect())
            }
            ("examples", Value::Array(words)) => {
                to.insert("enum".into(), json!([words.as_slice(), &[Value::Null]].concat()));
                continue;
            }
            ("items", items) => strict(items),
            (_, other) => other.clone(),
        };
        to.insert(key.clone(), value);
    }
    Value::Object(to)
}

/// Validators by the name of the schema, made of what is on disk and nothing else.
struct Schemas(BTreeMap<String, [(&'static str, Validator); 2]>);

impl Schemas {
    fn read() -> Self {
        let both = |kind: &str| {
            let open = schema(kind);
            assert!(jsonschema::meta::is_valid(&open), "{kind}.json is no JSON Schema");
            let validators = [
                ("as written", jsonschema::validator_for(&open).unwrap()),
                ("strictly", jsonschema::validator_for(&strict(&open)).unwrap()),
            ];
            (format!("milepost.{kind}/1"), validators)
        };
        Self(KINDS_OF_RECORDS.into_iter().map(both).collect())
    }

    /// Panics at the first line that is not as it should be. Returns the schemas that there was a line of.
    fn check(&self, from: &str, lines: &[String]) -> BTreeSet<String> {
        let mut seen = BTreeSet::new();
        for (number, line) in lines.iter().enumerate() {
            let record: Value = serde_json::from_str(line).unwrap();
            let name = record["schema"].as_str().unwrap_or_default().to_owned();
            let validators = self.0.get(&name).unwrap_or_else(|| panic!("{from} line {number}: schema {name:?}"));
            for (how, validator) in validators {
                let wrong: Vec<_> =
                    validator.iter_errors(&record).map(|e| format!("{}: {e}", e.instance_path())).collect();
                assert!(wrong.is_empty(), "{from} line {number}, read {how}: {wrong:?}\n{line}");
            }
            seen.insert(name);
        }
        seen
    }
}

/// All lines of `records.jsonl`, as `milepost replay` drains them.
fn replay(config: Config, inputs: impl Iterator<Item = Input>) -> Vec<String> {
    let options = Options { seed: Some(7), config, ..Options::new(Place::Memory, "", "").unwrap() };
    let mut kernel = Kernel::open(&options).unwrap();
    for input in inputs.chain([Input::End]) {
        kernel.handle(input, &mut |_| {}).unwrap();
    }
    let mut lines = Vec::new();
    loop {
        let news = kernel.store().read(|db| db.drain(lines.len() as u64, 1_000)).unwrap();
        if news.is_empty() {
            return lines;
        }
        lines.extend(news.into_iter().map(|record| record.json));
    }
}

/// A made-up working day at a fix a second, with all that makes a record: a light, a hole in the fixes, speeding, a short
/// ride that is no trip, permissions lost.
fn made_up_day() -> Vec<Input> {
    let named = |t_s: f64, kind: &str, value: &str| match parse(kind, value, None).unwrap() {
        Named::Signal(signal) => Input::Signal(MonoTime::from_seconds(t_s), signal),
        Named::Command(command) => Input::Command(MonoTime::from_seconds(t_s), command),
    };
    let mut inputs = vec![
        Input::Clock(Clock {
            mono: MonoTime::from_seconds(1_000.0),
            wall_ms: Some(1_772_434_800_000),
            boot_id: "a".into(),
            utc_offset_min: Some(60),
        }),
        named(1_000.0, "driver_id", "anna"),
        named(1_000.0, "vehicle_id", "van \"7\"\n"),
        named(1_000.0, "tag", "rain"),
        named(1_001.0, "power_save", "on"),
        named(1_002.0, "permission", "while_in_use:reduced"),
        named(1_003.0, "provider", "off"),
        named(1_004.0, "permission", "always"),
        named(1_004.0, "provider", "on"),
        named(1_004.0, "power_save", "off"),
        named(1_005.0, "speed_limit_mps", "8.33"),
    ];
    // Seconds and the speed that is kept for them; a negative one is a hole in which nothing is heard at 14 m/s.
    let story = [
        (60, 0.0),
        (240, 14.0),
        (45, 0.0),
        (200, 13.0),
        (120, -14.0),
        (200, 14.0),
        (700, 0.0),
        (25, 9.0),
        (900, 0.0),
        (120, 14.0),
    ];
    let (mut t_s, mut north_m, mut speed_mps) = (1_010.0, 0.0, 0.0_f64);
    for (seconds, wanted_mps) in story {
        for _ in 0..seconds {
            let goal = f64::abs(wanted_mps);
            speed_mps += (goal - speed_mps).clamp(-4.0, 2.5);
            north_m += speed_mps;
            t_s += 1.0;
            if wanted_mps < 0.0 {
                continue;
            }
            inputs.push(Input::Fix(Fix {
                t: MonoTime::from_seconds(t_s),
                lat_deg: 52.5 + north_m / 111_195.0,
                lon_deg: 13.4,
                alt_m: None,
                speed_mps: Some(speed_mps as f32),
                bearing_deg: (speed_mps > 0.5).then_some(0.0),
                hacc_m: Some(5.0),
                arrived: None,
                wall_ms: None,
                mock: false,
            }));
        }
    }
    inputs.extend([named(t_s + 1.0, "consent", "revoked"), named(t_s + 5.0, "duty", "off")]);
    inputs
}

#[test]
fn a_made_up_day_has_every_record_and_each_is_as_its_schema_says() {
    let lines = replay(Config::default(), made_up_day().into_iter());
    let seen = Schemas::read().check("the made-up day", &lines);
    let missing: Vec<_> = KINDS_OF_RECORDS.iter().filter(|k| !seen.contains(&format!("milepost.{k}/1"))).collect();
    assert_eq!(missing, [&"window"], "a day without a crash");
    let is = |line: &&String, key: &str, word: &str| line.contains(&format!("\"{key}\":\"{word}\""));
    for (key, word) in [("status", "open"), ("status", "ended"), ("type", "driving.speeding"), ("cause", "no_input")] {
        assert!(lines.iter().any(|line| is(&line, key, word)), "no {key} is {word}");
    }
}

#[test]
fn a_crash_is_as_the_schemas_say_with_its_window() {
    let crash = Scenario::crash(3, milepost_sim::Crash::RearEnd, milepost_sim::Keeping::Holder);
    let inputs = crash.world().filter_map(|item| match item {
        milepost_sim::Item::Input(input) => Some(input),
        milepost_sim::Item::State(_) | milepost_sim::Item::Fact(_) => None,
    });
    let lines = replay(Config::default(), inputs);
    let seen = Schemas::read().check("a crash", &lines);
    assert!(seen.contains("milepost.window/1"), "{seen:?}");
}

#[test]
fn simulated_drives_are_as_the_schemas_say() {
    let schemas = Schemas::read();
    for (seed, manual) in [(1, false), (2, true)] {
        let config = Config { manual, ..Config::default() };
        let lines = replay(config, Scenario::drive(seed).minutes(8).temper(1.0).world().inputs());
        let seen = schemas.check(&format!("drive {seed}"), &lines);
        assert!(seen.contains("milepost.trip/1") && seen.contains("milepost.summary/1"), "{seen:?}");
    }
    let poor = Scenario::drive(3).minutes(6).without_gyroscope().gnss_every(5.0).imu_hz(20.0);
    schemas.check("a drive with a poor phone", &replay(Config::default(), poor.world().inputs()));
}

#[test]
fn recorded_drives_are_as_the_schemas_say() {
    let data = std::env::var_os("MILEPOST_DATA").map_or_else(|| root().join("../shared/data"), PathBuf::from);
    let schemas = Schemas::read();
    let mut found = 0;
    for (name, manual) in [("ikhyd_iphone_obd/sample_trip.csv", true), ("ikhyd_iphone_obd/sample_trip.csv", false)] {
        let Ok(recording) = import::open(&data.join(name), &ImportOptions::default()) else {
            println!("skipped: {name} is not there or nothing that is imported");
            continue;
        };
        found += 1;
        let inputs = recording.map(Result::unwrap).filter(|input| *input != Input::End).take(MAX_INPUTS);
        schemas.check(name, &replay(Config { manual, ..Config::default() }, inputs));
    }
    println!("{found} recordings checked");
}

#[test]
fn empty_inputs_have_a_summary() {
    let lines = replay(Config::default(), std::iter::empty());
    assert_eq!(Schemas::read().check("nothing", &lines).into_iter().collect::<Vec<_>>(), ["milepost.summary/1"]);
}

#[test]
fn a_line_with_a_mistake_is_found() {
    let lines = replay(Config::default(), std::iter::empty());
    let good: Value = serde_json::from_str(lines.last().unwrap()).unwrap();
    let found = |how: &str, change: &dyn Fn(&mut Value)| {
        let mut record = good.clone();
        change(&mut record);
        let schemas = Schemas::read();
        let (_, validator) = schemas.0["milepost.summary/1"].iter().find(|(name, _)| *name == how).unwrap();
        !validator.is_valid(&record)
    };
    assert!(!found("strictly", &|_| {}));
    assert!(found("as written", &|r| r["rev"] = json!(0)));
    assert!(found("as written", &|r| r["id"] = json!("1b4e28ba-2fa1-11d2-883f-0016d3cca427")));
    assert!(found("as written", &|r| r["counters"]["imu_taken"] = json!(-1)));
    assert!(found("as written", &|r| drop(r.as_object_mut().unwrap().remove("seq"))));
    // A reader tolerates what is new; we do not write it without saying so.
    assert!(!found("as written", &|r| r["counters"]["new"] = json!(1)));
    assert!(found("strictly", &|r| r["counters"]["new"] = json!(1)));
    assert!(found("strictly", &|r| r["new"] = json!(1)));
}

/// The names of all variants; does not compile when one is left out.
macro_rules! names {
    ($all:expr, $type:ident: $($variant:ident)+) => {{
        let _every_variant_is_named = |x: $type| match x { $($type::$variant => {})+ };
        $all.extend([$($type::$variant.name().to_owned()),+]);
    }};
}

/// The same for types whose names are only in their JSON.
macro_rules! words {
    ($all:expr, $type:ident: $($variant:ident)+) => {{
        let _every_variant_is_named = |x: $type| match x { $($type::$variant => {})+ };
        $all.extend([$($type::$variant),+].map(|x| serde_json::to_value(x).unwrap().as_str().unwrap().to_owned()));
    }};
}

/// Every word that a record can hold, and every name of a counter.
fn vocabulary() -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    words!(all, TripStatus: Open Ended Discarded);
    names!(all, DiscardReason: TooShort TooBrief NoDisplacement OnFoot ModeExcluded TooFast);
    names!(all, EndReason: StopTimeout NoInput Command NotAllowed Reboot InputEnded StateLost);
    names!(all, Mode: Still Walking Running Cycling Automotive Bus Rail Unknown);
    names!(all, GapCause: NoFix NoInput ProviderOff Permission Reboot Planned);
    names!(all, Blocker: NoConsent OffDuty ProviderOff PermissionDenied PermissionWhileInUse ReducedAccuracy PowerSaving NoSensors
        MockLocation ClockNotSet StorageFull);
    words!(all, EventType: HarshBraking HarshAcceleration HarshCornering Swerve Impact Speeding PhoneHandling Idling);
    words!(all, EventStatus: Confirmed Unconfirmed);
    words!(all, Severity: Low Medium High);
    words!(all, StopClass: Light Jam Delivery Break Unknown);
    all.extend(Category::ALL.iter().flat_map(|c| [c.name().to_owned(), c.unseen().to_owned()]));
    all.extend(RULE_SETS.iter().map(|rules| rules.name.to_owned()));
    let Ok(Value::Object(counters)) = serde_json::to_value(Counters::default()) else { panic!() };
    all.extend(counters.keys().cloned());
    all
}

/// Every word of a schema: names of fields, and what they can be.
fn words_of(schema: &Value, words: &mut BTreeSet<String>) {
    let Value::Object(schema) = schema else { return };
    for (key, value) in schema {
        match (key.as_str(), value) {
            ("properties", Value::Object(fields)) => {
                words.extend(fields.keys().cloned());
                fields.values().for_each(|field| words_of(field, words));
            }
            ("examples", Value::Array(known)) => {
                words.extend(known.iter().filter_map(|w| w.as_str()).map(str::to_owned))
            }
            ("items", items) => words_of(items, words),
            _ => {}
        }
    }
}

#[test]
fn every_word_of_the_code_is_in_a_schema() {
    let mut known = BTreeSet::new();
    KINDS_OF_RECORDS.iter().for_each(|kind| words_of(&schema(kind), &mut known));
    let missing: Vec<_> = vocabulary().into_iter().filter(|word| !known.contains(word)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_word_is_explained_in_the_specification() {
    let text = std::fs::read_to_string(root().join("docs/records.md")).unwrap();
    let mut words = vocabulary();
    KINDS_OF_RECORDS.iter().for_each(|kind| words_of(&schema(kind), &mut words));
    names!(words, Reason: NotAllowed Idle Stirring Candidate Driving Standing StopTimeout Lateness Evidence PowerSaving);
    names!(words, TripState: Off Idle Candidate Trip Paused Stop);
    words.extend(KINDS.map(str::to_owned));
    words.extend(Config::default().to_map().into_iter().map(|(key, _)| key));
    let missing: Vec<_> = words.into_iter().filter(|word| !text.contains(&format!("`{word}`"))).collect();
    assert!(missing.is_empty(), "docs/records.md says nothing of {missing:?}");
}
