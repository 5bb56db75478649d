//! An engine that panics: the host lives, the last snapshot is restored, and it is counted.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use milepost::{Milepost, MilepostError, Options, Place};
use milepost_engine::contract::Input;
use milepost_engine::id::splitmix64;
use milepost_recording::frame;
use milepost_sim::Scenario;
use serde_json::Value;

/// Inputs that are pushed at a time: some ten seconds.
const PIECE: usize = 25;

fn milepost(folder: &std::path::Path) -> Milepost {
    let mut options = Options::new(Place::Folder(folder.to_owned()), "courier", "").unwrap();
    options.seed = Some(3);
    Milepost::open(options).unwrap()
}

fn push(milepost: &Milepost, inputs: &[Input]) {
    let mut packed = vec![frame::VERSION];
    inputs.iter().for_each(|input| frame::encode(input, &mut packed));
    milepost.push(&packed).unwrap();
    milepost.flush().unwrap();
}

fn diagnosed(milepost: &Milepost) -> Value {
    serde_json::from_str(&milepost.diagnostics().unwrap()).unwrap()
}

/// The ends of the finished trips.
fn ends(milepost: &Milepost) -> Vec<(f64, f64)> {
    let trips = milepost.trips(10).unwrap();
    let trips = trips.iter().map(|trip| serde_json::from_str::<Value>(&trip.json).unwrap());
    let ended = trips.filter(|trip| trip["status"] == "ended");
    ended.map(|trip| (trip["start_t_s"].as_f64().unwrap(), trip["end_t_s"].as_f64().unwrap())).collect()
}

#[test]
fn given_panics_at_random_inputs_the_trip_is_that_of_a_calm_life_but_for_ten_seconds() {
    let inputs: Vec<Input> = Scenario::drive(4).minutes(15).imu_hz(10.0).world().inputs().collect();
    let (calm, wild) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (calm, wild) = (milepost(calm.path()), milepost(wild.path()));
    let mut faults = 0;
    for (n, some) in inputs.chunks(PIECE).enumerate() {
        push(&calm, some);
        // Once in about four pieces, at any input of it.
        let draw = splitmix64(n as u64);
        if draw.is_multiple_of(4) && some.len() == PIECE {
            wild.panic_in(1 + (draw >> 8) % PIECE as u64).unwrap();
            faults += 1;
        }
        push(&wild, some);
    }
    assert!(faults > 10, "{faults}");
    let told = diagnosed(&wild);
    assert_eq!((&told["faults"], &told["disabled"]), (&Value::from(faults), &Value::Null));
    let noted = &told["log"][0];
    assert_eq!((&noted["kind"], &noted["times"]), (&Value::from("engine"), &Value::from(faults)));
    for phone in [&calm, &wild] {
        phone.end_input().unwrap();
        phone.flush().unwrap();
    }
    let (calm, wild) = (ends(&calm), ends(&wild));
    assert_eq!((calm.len(), wild.len()), (1, 1));
    assert!((calm[0].0 - wild[0].0).abs() <= 10.0 && (calm[0].1 - wild[0].1).abs() <= 10.0, "{calm:?} {wild:?}");
}

#[test]
fn given_three_panics_in_a_row_capture_ends_and_says_why() {
    let inputs: Vec<Input> = Scenario::drive(4).minutes(1).imu_hz(10.0).world().inputs().take(40).collect();
    let folder = tempfile::tempdir().unwrap();
    let milepost = milepost(folder.path());
    for input in inputs.chunks(1).take(3) {
        milepost.panic_in(1).unwrap();
        push(&milepost, input);
    }
    assert_eq!(diagnosed(&milepost)["disabled"], "the engine panicked");
    let refused = milepost.push(&[frame::VERSION]).unwrap_err();
    assert!(matches!(refused, MilepostError::Disabled { .. }), "{refused:?}");
    assert!(milepost.trips(10).is_ok(), "what is stored can still be read");
}
