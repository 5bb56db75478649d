//! The same bytes of records, whatever the way in which the same measurements arrive: whole, in batches of any size,
//! with streams out of step, with every tick dropped, and with a snapshot and restore at every hundredth input.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::path::{Path, PathBuf};

use milepost_engine::config::{Config, Preset};
use milepost_engine::contract::{Input, Output};
use milepost_engine::sample::{ImuSample, MonoTime};
use milepost_engine::{Engine, Session};
use milepost_recording::import::{self, ImportOptions};
use milepost_sim::{Item, Scenario};

/// A drive to be delivered in many ways: inputs in order of time, IMU one sample each.
struct Drive {
    name: String,
    manual: bool,
    inputs: Vec<Input>,
}

#[test]
fn batches_of_any_size_give_the_same_bytes() {
    for drive in drives() {
        let whole = records(&drive, batched(&drive.inputs, usize::MAX), |_| {});
        assert!(whole.lines().count() >= 2, "{}: too little happens", drive.name);
        assert_eq!(whole.contains("mock_location"), drive.name == "mocked", "{}", drive.name);
        for size in [1, 7, 100] {
            assert_same(
                &drive,
                &whole,
                &records(&drive, batched(&drive.inputs, size), |_| {}),
                &format!("batches of {size}"),
            );
        }
    }
}

#[test]
fn streams_up_to_the_allowed_lateness_out_of_step_give_the_same_bytes() {
    for drive in drives() {
        let whole = records(&drive, batched(&drive.inputs, 100), |_| {});
        for (imu_s, fix_s) in [(0.0, 9.9), (9.9, 0.0), (3.3, 0.0), (0.0, 1.7)] {
            let late = delayed(&drive.inputs, imu_s, fix_s);
            let what = format!("IMU {imu_s} s, fixes {fix_s} s late");
            assert_same(&drive, &whole, &records(&drive, late, |_| {}), &what);
        }
    }
}

#[test]
fn ticks_change_nothing() {
    for drive in drives() {
        let without = records(&drive, batched(&drive.inputs, 100), |_| {});
        for every_s in [0.7, 13.0, 61.0] {
            assert_same(&drive, &without, &records(&drive, ticked(&drive.inputs, every_s), |_| {}), "ticks");
        }
    }
}

#[test]
fn a_snapshot_and_restore_at_every_hundredth_input_changes_nothing() {
    for drive in drives() {
        let whole = records(&drive, batched(&drive.inputs, 20), |_| {});
        let mut count = 0;
        let restored = records(&drive, batched(&drive.inputs, 20), |engine| {
            count += 1;
            if count % 100 == 0 {
                let snapshot = engine.snapshot().unwrap();
                *engine = Engine::restore(&snapshot).unwrap();
                assert_eq!(engine.snapshot().unwrap(), snapshot, "{}: a restored engine is another one", drive.name);
            }
        });
        assert!(count > 100, "{}: nothing was restored", drive.name);
        assert_same(&drive, &whole, &restored, "restored");
    }
}

/// The records of the drive, a line each.
fn records(drive: &Drive, inputs: Vec<Input>, mut between: impl FnMut(&mut Engine)) -> String {
    let mut config = Config::preset(Preset::Courier);
    config.manual = drive.manual;
    let mut engine = Engine::new(config, &Session { seed: 7, first_seq: 1 });
    let mut lines = String::new();
    for input in inputs {
        engine.handle(input);
        while let Some(output) = engine.poll() {
            if let Output::Record(record) = output {
                lines.push_str(&record.to_json());
                lines.push('\n');
            }
        }
        between(&mut engine);
    }
    lines
}

fn assert_same(drive: &Drive, whole: &str, other: &str, what: &str) {
    if whole == other {
        return;
    }
    let differ = whole.lines().zip(other.lines()).position(|(a, b)| a != b);
    let line = differ.unwrap_or(whole.lines().count().min(other.lines().count()));
    let at = |text: &str| text.lines().nth(line).unwrap_or("(nothing)").to_owned();
    panic!("{}, {what}: line {} is\n{}\ninstead of\n{}", drive.name, line + 1, at(other), at(whole));
}

fn drives() -> Vec<Drive> {
    let mut all = vec![
        simulated("short_drive", Scenario::drive(3).minutes(10), false),
        simulated("everyday", Scenario::everyday_drive(5).minutes(8), true),
        mocked(simulated("mocked", Scenario::drive(4).minutes(8), false)),
    ];
    match data() {
        None => println!("skipped: no recordings (set MILEPOST_DATA, or put them at ../shared/data)"),
        Some(data) => all.push(recorded(&data.join("ikhyd_iphone_obd/sample_trip.csv"))),
    }
    all
}

fn simulated(name: &str, scenario: Scenario, manual: bool) -> Drive {
    let mut inputs: Vec<Input> = scenario
        .world()
        .filter_map(|item| match item {
            Item::Input(input) => Some(input),
            Item::State(_) | Item::Fact(_) => None,
        })
        .collect();
    inputs.push(Input::End);
    Drive { name: name.to_owned(), manual, inputs: single(inputs) }
}

/// For a minute a mock provider gives the fixes: that it does is told, and when must not depend on who was asked first.
fn mocked(mut drive: Drive) -> Drive {
    let begins = drive.inputs.iter().map(time).min().unwrap();
    for input in &mut drive.inputs {
        if let Input::Fix(fix) = input {
            fix.mock = (100.0..160.0).contains(&fix.t.since(begins));
        }
    }
    drive
}

fn recorded(path: &Path) -> Drive {
    let recording = import::open(path, &ImportOptions::default()).unwrap();
    let inputs = recording.map(Result::unwrap).collect();
    Drive { name: path.display().to_string(), manual: true, inputs: single(inputs) }
}

fn data() -> Option<PathBuf> {
    let path = std::env::var_os("MILEPOST_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from);
    path.is_dir().then_some(path)
}

/// In order of time, one sample an input, no ticks.
fn single(inputs: Vec<Input>) -> Vec<Input> {
    let mut all: Vec<Input> = inputs
        .into_iter()
        .filter(|input| !matches!(input, Input::Tick(_)))
        .flat_map(|input| match input {
            Input::Imu(batch) => batch.into_iter().map(|s| Input::Imu(vec![s])).collect(),
            other => vec![other],
        })
        .collect();
    all.sort_by_key(time);
    all
}

fn time(input: &Input) -> MonoTime {
    match input {
        Input::Imu(batch) => batch.last().unwrap().t,
        Input::Fix(fix) => fix.t,
        Input::Signal(t, _) | Input::Command(t, _) | Input::Tick(t) => *t,
        Input::Clock(clock) => clock.mono,
        Input::End => MonoTime(i64::MAX),
    }
}

/// Samples in batches of so many, each delivered with its last; a batch spans at most half of the allowed lateness.
fn batched(inputs: &[Input], size: usize) -> Vec<Input> {
    let mut out = Vec::new();
    let mut batch: Vec<ImuSample> = Vec::new();
    for input in inputs {
        match input {
            Input::Imu(samples) => {
                let full = batch.first().is_some_and(|first| time(input).since(first.t) > 5.0);
                if full || batch.len() >= size {
                    out.push(Input::Imu(std::mem::take(&mut batch)));
                }
                batch.extend(samples);
            }
            Input::End => {
                if !batch.is_empty() {
                    out.push(Input::Imu(std::mem::take(&mut batch)));
                }
                out.push(Input::End);
            }
            other => out.push(other.clone()),
        }
    }
    out
}

fn delayed(inputs: &[Input], imu_s: f64, fix_s: f64) -> Vec<Input> {
    let mut all = inputs.to_vec();
    all.sort_by_key(|input| match input {
        Input::Imu(_) => time(input).plus(imu_s),
        Input::Fix(_) => time(input).plus(fix_s),
        Input::Signal(..) | Input::Command(..) | Input::Tick(_) | Input::Clock(_) | Input::End => time(input),
    });
    all
}

fn ticked(inputs: &[Input], every_s: f64) -> Vec<Input> {
    let mut out = Vec::new();
    let mut next: Option<MonoTime> = None;
    for input in batched(inputs, 100) {
        let t = time(&input);
        if t < MonoTime(i64::MAX) {
            let mut due = next.unwrap_or(t);
            while due <= t {
                out.push(Input::Tick(due));
                due = due.plus(every_s);
            }
            next = Some(due);
        }
        out.push(input);
    }
    out
}
