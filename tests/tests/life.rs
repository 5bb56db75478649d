//! The life of the sdk on a phone: pushed in frames, closed and opened again in mid-trip, killed, updated, suspended.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::Path;

use milepost::store::{Durability, Location, Snapshot, Store};
use milepost::{Kernel, Milepost, MilepostError, Options, Place, StoredRecord};
use milepost_engine::contract::Input;
use milepost_recording::frame;
use milepost_sim::{Item, Scenario};

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

#[test]
fn given_an_update_in_mid_trip_the_trip_is_closed_where_it_last_moved() {
    let (inputs, folder) = (drive(), tempfile::tempdir().unwrap());
    {
        let milepost = Milepost::open(options(folder.path())).unwrap();
        push(&milepost, &inputs[..inputs.len() / 2]);
    }
    let mut store = Store::open(Location::File(folder.path().join("milepost.db")), Default::default()).unwrap();
    let newer = Snapshot { version: 999, after_seq: 0, bytes: vec![0xff; 64] };
    store.write(Durability::Process, |tx| tx.set_snapshot(&newer)).unwrap();
    drop(store);
    let milepost = Milepost::open(options(folder.path())).unwrap();
    let trips = milepost.trips(10).unwrap();
    assert_eq!(trips.len(), 1);
    assert!(trips[0].json.contains("\"state_lost\""), "{}", trips[0].json);
    assert!(trips[0].rev >= 2);
    let before = milepost.drain(0, 10_000).unwrap();
    push(&milepost, &inputs[inputs.len() / 2..]);
    milepost.end_input().unwrap();
    milepost.flush().unwrap();
    let after = milepost.drain(before.last().unwrap().seq, 10_000).unwrap();
    assert!(!after.is_empty());
    assert!(after.iter().all(|new| before.iter().all(|old| old.id != new.id)), "ids were used twice");
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
