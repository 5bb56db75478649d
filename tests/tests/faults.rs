//! A short run of what `cargo run -p milepost-tests --bin faults -- --minutes 60` does at length.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use milepost_tests::disasters::{DISASTERS, Verdict};
use milepost_tests::{drives, faults};

const FAULTS: &str = env!("CARGO_BIN_EXE_faults");

#[test]
fn two_hundred_deaths_lose_double_and_reorder_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let report = faults::run(FAULTS.as_ref(), dir.path(), 5, |report| report.kills >= 200).unwrap();
    assert_eq!((report.lost, report.doubled, report.out_of_order), (0, 0, 0), "{report:?}");
    assert!(report.announced > 500 && report.requests > 50, "{report:?}");
}

#[test]
fn a_drive_with_many_deaths_has_the_trip_of_one_without() {
    let dir = tempfile::tempdir().unwrap();
    let driven = drives::run(FAULTS.as_ref(), dir.path(), 5, |driven| driven.drives >= 1).unwrap();
    assert_eq!((driven.lost, driven.doubled, driven.different), (0, 0, 0), "{driven:?}");
    assert!(driven.kills >= 3 && driven.trips == 1 && driven.announced >= 2, "{driven:?}");
}

#[test]
fn full_read_only_and_damaged_storage_is_survived() {
    let dir = tempfile::tempdir().unwrap();
    for (n, (name, disaster)) in DISASTERS.iter().enumerate() {
        let folder = dir.path().join(n.to_string());
        std::fs::create_dir_all(&folder).unwrap();
        match disaster(&folder) {
            Ok(Verdict::Survived) => {}
            Ok(Verdict::Skipped(why)) => println!("skipped: {name}: {why}"),
            Err(error) => panic!("{name}: {error}"),
        }
    }
}
