//! A store that cannot be written for a while costs nothing.

#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use common::northward;
use milepost::engine::contract::{Input, Output};
use milepost::engine::sample::{Command, MonoTime};
use milepost::{Kernel, Options, Place};

/// A drive of a quarter of an hour at 1 Hz, 15 m/s to the north, begun by hand.
fn drive() -> Vec<Input> {
    let fix = |s: i64| northward(MonoTime(s * 1_000_000_000), 52.0, s);
    let mut inputs = vec![Input::Command(MonoTime(0), Command::StartTrip)];
    inputs.extend((1..900).map(|s| Input::Fix(fix(s))));
    inputs.push(Input::Command(MonoTime(900_000_000_000), Command::StopTrip));
    inputs.extend((901..1_000).map(|s| Input::Fix(fix(s))));
    inputs.push(Input::End);
    inputs
}

/// What is stored after the drive, with the store suspended between two of its inputs.
fn stored(unwritable: std::ops::Range<usize>) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    let options = Options { seed: Some(5), ..Options::new(Place::Folder(dir.path().into()), "", "").unwrap() };
    let mut kernel = Kernel::open(&options).unwrap();
    let mut failures = 0;
    let mut watched = 0;
    for (n, input) in drive().into_iter().enumerate() {
        if n == unwritable.start {
            kernel.store().suspend().unwrap();
        }
        if n == unwritable.end {
            kernel.store().resume().unwrap();
        }
        let mut count = |output: &Output| {
            if let Output::Track(chunk) = output {
                watched += chunk.points.len();
            }
        };
        failures += usize::from(kernel.handle(input, &mut count).is_err());
    }
    kernel.store().resume().unwrap();
    kernel.commit().unwrap();
    assert!(failures > 0 || unwritable.len() <= 1);
    let records = kernel.store().read(|db| db.drain(0, 10_000)).unwrap();
    let mut tracks = std::collections::BTreeMap::new();
    let mut all: Vec<String> = records.iter().map(|record| record.json.clone()).collect();
    for trip in records.iter().filter(|record| record.schema == "milepost.trip/1") {
        let track = kernel.store().read(|db| db.track(trip.id)).unwrap();
        tracks.insert(trip.id, track.len());
        all.push(format!("{track:?}"));
    }
    if unwritable.is_empty() {
        assert_eq!(watched, tracks.values().sum::<usize>(), "everything is told, and once");
        assert!(watched > 500, "{watched}");
    }
    all
}

#[test]
fn what_was_said_while_the_store_was_not_writable_is_stored_afterwards() {
    let whole = stored(0..0);
    assert!(whole.len() >= 4, "{whole:?}");
    for unwritable in [899..900, 1..400, 350..1_001, 0..1_001, 890..1_005] {
        assert_eq!(stored(unwritable.clone()), whole, "{unwritable:?}");
    }
}
