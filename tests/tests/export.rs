//! `milepost export`: the trips of a replay's folder, and those of a phone's own export, are the same.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::fs;
use std::path::Path;

use milepost::{Kernel, Options, Place};
use milepost_engine::contract::Input;
use milepost_sim::Scenario;
use milepost_tests::command::milepost;
use serde_json::Value;

/// Exports and reads what came of it.
fn export(from: &Path, to: &str, more: &[&str]) -> String {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    let ran = milepost().arg("export").arg(from).args(["--to", to]).args(more).arg("--out").arg(&out).output().unwrap();
    assert!(ran.status.success(), "{to}: {}", String::from_utf8_lossy(&ran.stderr));
    fs::read_to_string(out).unwrap()
}

#[test]
fn a_replays_folder_and_a_phones_export_give_the_same_trips() {
    let dir = tempfile::tempdir().unwrap();
    let inputs: Vec<Input> = Scenario::drive(4).minutes(12).imu_hz(10.0).world().inputs().collect();
    let mut options = Options::new(Place::Folder(dir.path().join("phone")), "courier", "").unwrap();
    options.record = true;
    let mut kernel = Kernel::open(&options).unwrap();
    for input in inputs.into_iter().chain([Input::End]) {
        kernel.handle(input, &mut |_| {}).unwrap();
    }
    let recording = kernel.recording().unwrap().to_owned();
    let exported = dir.path().join("export.jsonl");
    kernel.export(None, &exported).unwrap();
    drop(kernel);
    let replayed = dir.path().join("replay");
    let ran = milepost().arg("replay").arg(recording).arg("--out").arg(&replayed).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));

    let (mut points, mut seen) = (0, 0);
    for from in [&exported, &replayed] {
        let table = export(from, "csv", &[]);
        assert!(table.lines().count() > 600, "{}", table.lines().count());
        assert!(points == 0 || table.lines().count().abs_diff(points) <= 2);
        points = table.lines().count();
        let thinned = export(from, "csv", &["--tolerance-m", "5"]);
        assert!(thinned.lines().count() < points / 3, "{}", thinned.lines().count());
        let line: Value = serde_json::from_str(&export(from, "polyline6", &["--tolerance-m", "5"])).unwrap();
        assert_eq!(line["precision"], 6);
        for to in ["gpx", "geojson", "traccar", "owntracks"] {
            assert!(export(from, to, &["--device-id", "van-17"]).len() > 10_000, "{to}");
        }
        seen += 1;
    }
    assert_eq!(seen, 2);
    let nothing = milepost().args(["export", "no/such/place", "--out", "x"]).output().unwrap();
    assert!(!nothing.status.success());
}
