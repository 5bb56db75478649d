//! A suspended app holds no lock, whatever happens to it then, and what it is told is not lost.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::path::Path;

use milepost::engine::Uuid;
use milepost::store::{Durability, Location, NewRecord, Store};
use milepost::upload::Outcome;
use milepost::{Kernel, Milepost, MilepostError, NextUpload, Options, Place};

fn options(folder: &Path) -> Options {
    let mut options = Options::new(Place::Folder(folder.to_owned()), "", "").unwrap();
    options.seed = Some(9);
    options.upload_url = Some("http://127.0.0.1/ingest".to_owned());
    options
}

/// A phone with something to say at the end of its input.
fn fresh(folder: &Path) -> Milepost {
    let milepost = Milepost::open(options(folder)).unwrap();
    milepost.command(1, "provider", "off").unwrap();
    milepost.flush().unwrap();
    milepost
}

/// A phone that has said it.
fn phone(folder: &Path) -> Milepost {
    let milepost = fresh(folder);
    milepost.end_input().unwrap();
    milepost.flush().unwrap();
    milepost
}

fn sent(milepost: &Milepost) -> String {
    let NextUpload::Send(request) = milepost.next_upload_now().unwrap() else { panic!("nothing to send") };
    request.batch_id.to_string()
}

fn unsent(milepost: &Milepost) -> u64 {
    let all: serde_json::Value = serde_json::from_str(&milepost.diagnostics().unwrap()).unwrap();
    all.pointer("/outbox/unsent").and_then(|n| n.as_u64()).unwrap()
}

#[test]
fn an_answer_that_comes_while_suspended_is_entered_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let milepost = phone(folder.path());
    let id = sent(&milepost);
    milepost.suspend().unwrap();
    let body = format!(r#"{{"acked_batch":"{id}"}}"#).into_bytes();
    let taken = milepost.upload_finished(&id, Outcome::Answer { status: 200, retry_after: None, body });
    assert!(matches!(taken, Err(MilepostError::Storage { .. })), "{taken:?}");
    milepost.resume().unwrap();
    assert_eq!(milepost.next_upload_now().unwrap(), NextUpload::Idle);
    assert_eq!(unsent(&milepost), 0, "the server has them, and nobody sends them again");
}

#[test]
fn a_failure_that_comes_while_suspended_is_tried_again_in_the_same_process() {
    let folder = tempfile::tempdir().unwrap();
    phone(folder.path()).shutdown().unwrap();
    let mut kernel = Kernel::open(&options(folder.path())).unwrap();
    let NextUpload::Send(first) = kernel.next_upload(1_000, true).unwrap() else { panic!("nothing to send") };
    kernel.suspend().unwrap();
    kernel.upload_finished(2_000, first.batch_id, Outcome::NetworkError("no network".to_owned())).unwrap_err();
    kernel.resume().unwrap();
    let NextUpload::Send(again) = kernel.next_upload(60_000, true).unwrap() else { panic!("nothing to send again") };
    assert_eq!(again, first);
}

#[test]
fn suspended_and_resumed_twice_is_as_once() {
    let folder = tempfile::tempdir().unwrap();
    let milepost = phone(folder.path());
    for _ in 0..2 {
        milepost.suspend().unwrap();
    }
    for _ in 0..2 {
        milepost.resume().unwrap();
    }
    assert!(!milepost.drain(0, 10).unwrap().is_empty());
}

#[test]
fn the_locks_go_also_when_nothing_more_can_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let milepost = fresh(folder.path());
    let file = folder.path().join("milepost.db");
    // Another process has written what this one has not: its next record is refused.
    let mut other = Store::open(Location::File(file.clone()), Default::default()).unwrap();
    let foreign = NewRecord {
        seq: 1_000,
        id: Uuid::nil(),
        rev: 1,
        schema: "milepost.other/1".to_owned(),
        trip_id: None,
        t_ns: 0,
        occurred_at_ms: None,
        driver_id: None,
        vehicle_id: None,
        json: "{}".to_owned(),
    };
    other.write(Durability::Process, |tx| tx.append(&[foreign])).unwrap();
    drop(other);
    milepost.end_input().unwrap();
    let said = milepost.suspend();
    assert!(matches!(said, Err(MilepostError::Storage { .. })), "{said:?}");
    let held = std::fs::read_dir("/proc/self/fd").map(|all| {
        all.filter_map(|fd| std::fs::read_link(fd.ok()?.path()).ok())
            .filter(|path| path.to_string_lossy().starts_with(&*file.to_string_lossy()))
            .count()
    });
    assert!(held.as_ref().is_err() || held.as_ref().is_ok_and(|n| *n == 0), "its files are closed: {held:?}");
    milepost.suspend().unwrap();
    milepost.resume().unwrap();
    assert!(!milepost.drain(0, 10).unwrap().is_empty());
}
