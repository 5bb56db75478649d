//! The life of the sdk on a phone: pushed in frames, closed and opened again in mid-trip, killed, updated, suspended.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::Path;

use milepost::store::{Durability, Location, Snapshot, Store};
use milepost::{Kernel, Milepost, MilepostError, Options, Place, StoredRecord};
use milepost_engine::contract::Input;
use milepost_engine::sample::{Clock, MonoTime};
use milepost_recording::frame;
use milepost_sim::{Item, Scenario};
use serde_json::{Value, json};

const SEED: u64 = 11;

/// Twelve minutes of driving and then the end of the input.
fn drive() -> Vec<Input> {
    let world = Scenario::drive(4).minutes(12).world();
    let mut inputs: Vec<Input> = world
        .filter_map(|item| match item {
            Item::Input(input) => Some(input),
            Item::State(_) | Item::Fact(_) => None,
        })
        .collect();
    inputs.push(Input::End);
    inputs
}

fn options(folder: &Path) -> Options {
    let mut options = Options::new(Place::Folder(folder.to_owned()), "courier", "").unwrap();
    options.seed = Some(SEED);
    options
}

/// What a run without any interruption gives, straight through the kernel.
fn reference(inputs: &[Input]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let mut kernel = Kernel::open(&options(folder.path())).unwrap();
    inputs.iter().for_each(|input| {
        kernel.handle(input.clone(), &mut |_| {}).unwrap();
    });
    let stored = kernel.store().read(|db| db.drain(0, 10_000)).unwrap();
    stored.into_iter().map(|s| s.json).collect()
}

fn push(milepost: &Milepost, inputs: &[Input]) {
    for some in inputs.chunks(50) {
        let mut packed = vec![frame::VERSION];
        some.iter().filter(|input| !matches!(input, Input::End)).for_each(|input| frame::encode(input, &mut packed));
        milepost.push(&packed).unwrap();
        milepost.flush().unwrap();
    }
}

fn lines(records: Vec<StoredRecord>) -> Vec<String> {
    records.into_iter().map(|r| r.json).collect()
}

#[test]
fn given_packed_frames_the_records_are_those_of_a_replay() {
    let (inputs, folder) = (drive(), tempfile::tempdir().unwrap());
    let milepost = Milepost::open(options(folder.path())).unwrap();
    push(&milepost, &inputs);
    milepost.end_input().unwrap();
    milepost.flush().unwrap();
    let expected = reference(&inputs);
    assert!(expected.len() >= 3);
    assert_eq!(lines(milepost.drain(0, 10_000).unwrap()), expected);
}

#[test]
fn given_a_process_that_is_closed_in_mid_trip_the_next_goes_on_as_if_nothing_had_been() {
    let (inputs, folder) = (drive(), tempfile::tempdir().unwrap());
    for part in inputs.chunks(inputs.len() / 3 + 1) {
        let milepost = Milepost::open(options(folder.path())).unwrap();
        push(&milepost, part);
        milepost.shutdown().unwrap();
        assert_eq!(milepost.drain(0, 1), Err(MilepostError::Closed));
    }
    let milepost = Milepost::open(options(folder.path())).unwrap();
    milepost.end_input().unwrap();
    milepost.flush().unwrap();
    assert_eq!(lines(milepost.drain(0, 10_000).unwrap()), reference(&inputs));
}

/// The first half of the drive, and then an app whose engine cannot read what the last one left.
fn updated(inputs: &[Input], folder: &Path) -> Milepost {
    let milepost = Milepost::open(options(folder)).unwrap();
    push(&milepost, inputs.split_at(inputs.len() / 2).0);
    drop(milepost);
    let mut store = Store::open(Location::File(folder.join("milepost.db")), Default::default()).unwrap();
    let newer = Snapshot { version: 999, after_seq: 0, bytes: vec![0xff; 64] };
    store.write(Durability::Process, |tx| tx.set_snapshot(&newer)).unwrap();
    drop(store);
    Milepost::open(options(folder)).unwrap()
}

/// Every trip as it is now.
fn trips(milepost: &Milepost) -> Vec<Value> {
    milepost.trips(10).unwrap().iter().map(|t| serde_json::from_str(&t.json).unwrap()).collect()
}

fn last_s(inputs: &[Input]) -> f64 {
    inputs.iter().filter_map(Input::newest).max().unwrap().seconds()
}

fn number(record: &Value, key: &str) -> f64 {
    record[key].as_f64().unwrap()
}

#[test]
fn given_an_update_in_mid_trip_the_trip_goes_on_under_its_id() {
    let (inputs, folder) = (drive(), tempfile::tempdir().unwrap());
    let expected: Vec<Value> = reference(&inputs).iter().map(|json| serde_json::from_str(json).unwrap()).collect();
    let expected = expected.iter().rfind(|r| r["schema"] == "milepost.trip/1").unwrap();
    let milepost = updated(&inputs, folder.path());
    let [open] = &trips(&milepost)[..] else { panic!("one trip") };
    assert_eq!(open["status"], "open");
    let before = milepost.drain(0, 10_000).unwrap();
    push(&milepost, &inputs[inputs.len() / 2..]);
    milepost.end_input().unwrap();
    milepost.flush().unwrap();
    let [trip] = &trips(&milepost)[..] else { panic!("one trip, not {:?}", trips(&milepost)) };
    assert_eq!((&trip["id"], &trip["status"]), (&open["id"], &json!("ended")));
    assert!((number(trip, "end_t_s") - number(expected, "end_t_s")).abs() < 10.0, "{trip}");
    assert!((number(trip, "start_t_s") - number(expected, "start_t_s")).abs() < 10.0, "{trip}");
    // Minutes of the track were not stored yet: they are crossed as the crow flies.
    assert!((0.8..1.05).contains(&(number(trip, "distance_m") / number(expected, "distance_m"))), "{trip} {expected}");
    assert!(number(trip, "rev") >= 2.0);
    let after = milepost.drain(before.last().unwrap().seq, 10_000).unwrap();
    let is_anew = |new: &&StoredRecord| before.iter().any(|old| old.id == new.id && old.rev >= new.rev);
    assert_eq!(after.iter().find(is_anew), None, "ids and revisions were used twice");
}

#[test]
fn given_an_update_after_the_last_ride_the_trip_ends_where_it_last_moved() {
    let (inputs, folder) = (drive(), tempfile::tempdir().unwrap());
    let milepost = updated(&inputs, folder.path());
    let killed_s = last_s(&inputs[..inputs.len() / 2]);
    push(&milepost, &[Input::Tick(MonoTime::from_seconds(killed_s + 320.0))]);
    let [trip] = &trips(&milepost)[..] else { panic!("one trip") };
    assert_eq!(trip["status"], "ended");
    assert!((-15.0..=0.0).contains(&(number(trip, "end_t_s") - killed_s)), "{trip}");
    assert!(number(trip, "distance_m") > 500.0, "{trip}");
}

#[test]
fn given_an_update_and_a_restart_of_the_phone_the_trip_ends_and_the_next_is_another() {
    let (mut inputs, folder) = (drive(), tempfile::tempdir().unwrap());
    let told =
        Clock { mono: MonoTime(0), wall_ms: Some(1_700_000_000_000), boot_id: "one".into(), utc_offset_min: None };
    inputs.retain(|input| !matches!(input, Input::Clock(_)));
    inputs.insert(0, Input::Clock(told.clone()));
    let milepost = updated(&inputs, folder.path());
    let restarted = Clock { wall_ms: Some(1_700_000_900_000), boot_id: "two".into(), ..told };
    push(&milepost, &[Input::Clock(restarted)]);
    push(&milepost, &inputs[1..]);
    milepost.end_input().unwrap();
    milepost.flush().unwrap();
    let reasons: Vec<_> = trips(&milepost).iter().map(|t| t["end_reason"].clone()).collect();
    assert_eq!(reasons, ["input_ended", "reboot"]);
}

#[test]
fn given_a_kill_in_mid_trip_it_goes_on_within_five_minutes_and_else_ended_where_it_last_moved() {
    let inputs = drive();
    let half = inputs.len() / 2;
    let killed_s = last_s(&inputs[..half]);
    let later = |seconds: f64| {
        let folder = tempfile::tempdir().unwrap();
        let milepost = Milepost::open(options(folder.path())).unwrap();
        push(&milepost, &inputs[..half]);
        drop(milepost);
        let milepost = Milepost::open(options(folder.path())).unwrap();
        push(&milepost, &[Input::Tick(MonoTime::from_seconds(killed_s + seconds))]);
        trips(&milepost)
    };
    let [open] = &later(240.0)[..] else { panic!("one trip") };
    assert_eq!(open["status"], "open");
    let [trip] = &later(1200.0)[..] else { panic!("one trip") };
    assert_eq!(trip["status"], "ended");
    assert!((-30.0..=0.0).contains(&(number(trip, "end_t_s") - killed_s)), "{trip}");
}

#[test]
fn given_a_suspended_app_inputs_wait_and_the_database_is_free() {
    let (inputs, folder) = (drive(), tempfile::tempdir().unwrap());
    let milepost = Milepost::open(options(folder.path())).unwrap();
    let third = inputs.len() / 3;
    push(&milepost, &inputs[..third]);
    milepost.suspend().unwrap();
    assert!(matches!(milepost.drain(0, 10), Err(MilepostError::Storage { .. })));
    let mut packed = vec![frame::VERSION];
    inputs[third..third + 40].iter().for_each(|input| frame::encode(input, &mut packed));
    milepost.push(&packed).unwrap();
    let other = Store::open(Location::File(folder.path().join("milepost.db")), Default::default()).unwrap();
    other.read(|db| db.last_seq()).unwrap();
    drop(other);
    milepost.resume().unwrap();
    push(&milepost, &inputs[third + 40..]);
    milepost.end_input().unwrap();
    milepost.flush().unwrap();
    assert_eq!(lines(milepost.drain(0, 10_000).unwrap()), reference(&inputs));
}

#[test]
fn given_malformed_frames_nothing_of_them_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let milepost = Milepost::open(options(folder.path())).unwrap();
    let mut packed = vec![frame::VERSION];
    frame::encode(&drive()[5], &mut packed);
    let whole = packed.len();
    packed.extend([1, 2, 3]);
    for bad in [&[][..], &[9, 9, 9], &packed, &packed[..whole - 1]] {
        assert!(matches!(milepost.push(bad), Err(MilepostError::InvalidInput { .. })), "{bad:?}");
    }
    milepost.flush().unwrap();
    assert!(milepost.diagnostics().unwrap().contains("\"imu_taken\":0"));
}

#[test]
fn given_a_recording_made_on_the_phone_a_replay_gives_its_records() {
    let (inputs, folder) = (drive(), tempfile::tempdir().unwrap());
    let mut recorded = options(folder.path());
    recorded.record = true;
    let milepost = Milepost::open(recorded).unwrap();
    push(&milepost, &inputs);
    milepost.end_input().unwrap();
    milepost.flush().unwrap();
    let expected = lines(milepost.drain(0, 10_000).unwrap());
    milepost.shutdown().unwrap();
    let file = folder.path().join("drive-1.mprec");
    let recording = milepost_recording::import::open(&file, &Default::default()).unwrap();
    assert_eq!((recording.session.seed, recording.session.first_seq), (SEED, Some(1)));
    let replayed: Vec<Input> = recording.map(Result::unwrap).collect();
    assert_eq!(reference(&replayed), expected);
}
