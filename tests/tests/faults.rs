//! A short run of what `cargo run -p milepost-tests --bin faults -- --minutes 60` does at length.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use milepost_tests::faults::run;

#[test]
fn two_hundred_deaths_lose_double_and_reorder_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let report = run(env!("CARGO_BIN_EXE_faults").as_ref(), dir.path(), 5, |report| report.kills >= 200).unwrap();
    assert_eq!((report.lost, report.doubled, report.out_of_order), (0, 0, 0), "{report:?}");
    assert!(report.announced > 500 && report.requests > 50, "{report:?}");
}
