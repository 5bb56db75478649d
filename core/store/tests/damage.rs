//! Files that are damaged, foreign, from the future, or in a bad place.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod common;

use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use common::*;
use milepost_store::*;

fn open(path: &Path) -> Result<Store, StoreError> {
    Store::open(Location::File(path.to_owned()), Options::default())
}

/// A closed store with this many events and a tagged trip behind them.
fn filled(path: &Path, events: u64) {
    let mut store = open(path).unwrap();
    let mut records: Vec<_> = (1..=events).map(event).collect();
    records.push(trip(events + 1, 0xfff_ffff, 1, "ended", r#"["x"]"#));
    store.write(Durability::Power, |tx| tx.append(&records)).unwrap();
    store.write(Durability::Power, |tx| tx.set_meta("device_id", "d")).unwrap();
    store.suspend().unwrap();
}

fn overwrite(path: &Path, at: u64, bytes: &[u8]) {
    let mut file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(bytes).unwrap();
}

#[test]
fn a_bad_page_is_quarantined_reported_and_what_can_be_read_is_saved() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("m.db");
    filled(&path, 2_000);
    let size = std::fs::metadata(&path).unwrap().len();
    let mut saved_most = 0;
    let page = 4096;
    for at in (page..size - page).step_by(page as usize * 7) {
        let damaged = dir.path().join(format!("{at}.db"));
        std::fs::copy(&path, &damaged).unwrap();
        overwrite(&damaged, at, &[0xa5; 4096]);
        let store = open(&damaged).unwrap();
        let Some(loss) = store.loss() else {
            // A page on the free list is nobody's.
            assert_eq!(store.read(|db| db.drain(0, 5_000)).unwrap().len(), 2_001);
            continue;
        };
        assert!(loss.quarantined.exists());
        let records = store.read(|db| db.drain(0, 5_000)).unwrap();
        assert_eq!(records.len() as u64, loss.salvaged);
        assert!(records.iter().all(|r| r.schema.contains("trip") || r.json == event(r.seq).json));
        saved_most = saved_most.max(records.len());
        let ledger = store.read(|db| db.unsent(5_000, 1 << 30)).unwrap();
        assert!(ledger.iter().any(|u| u.json.contains(r#""cause":"corrupt""#)));
        assert!(store.check().unwrap().is_empty());
        if let Some(last) = records.last() {
            assert!(store.read(|db| db.last_seq()).unwrap() >= last.seq);
        }
        drop(store);
        assert!(open(&damaged).unwrap().loss().is_none(), "once is enough");
    }
    assert!(saved_most >= 1_900, "a page holds few records: {saved_most}");
}

#[test]
fn a_file_that_is_no_database_is_put_aside_and_only_two_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("m.db");
    for n in 0..4 {
        std::fs::write(
            &path,
            format!(
                "hello {n}, I am not a database at all, but I am long enough to be looked at. {}",
                "x".repeat(5_000)
            ),
        )
        .unwrap();
        let loss = open(&path).unwrap().loss().unwrap().clone();
        assert_eq!(loss.salvaged, 0);
        let mut text = String::new();
        std::fs::File::open(&loss.quarantined).unwrap().read_to_string(&mut text).unwrap();
        assert!(text.starts_with(&format!("hello {n}")));
    }
    let aside = std::fs::read_dir(dir.path())
        .unwrap()
        .filter(|e| e.as_ref().unwrap().file_name().to_string_lossy().contains("corrupt"));
    assert_eq!(aside.count(), 2);
}

#[test]
fn a_truncated_log_loses_only_the_end() {
    let dir = tempfile::tempdir().unwrap();
    let (path, copy) = (dir.path().join("m.db"), dir.path().join("copy.db"));
    let mut store = open(&path).unwrap();
    for seq in 1..=50 {
        store.write(Durability::Process, |tx| tx.append(&[event(seq)])).unwrap();
    }
    // As a sudden end leaves it: the log is not in the main file yet.
    let log = std::fs::read(dir.path().join("m.db-wal")).unwrap();
    let mut before = 51;
    for cut in (0..log.len()).rev().step_by(9_001) {
        std::fs::copy(&path, &copy).unwrap();
        std::fs::write(dir.path().join("copy.db-wal"), &log[..cut]).unwrap();
        let _ = std::fs::remove_file(dir.path().join("copy.db-shm"));
        let found = open(&copy).unwrap();
        assert!(found.loss().is_none());
        let records = found.read(|db| db.drain(0, 100)).unwrap();
        let last = found.read(|db| db.last_seq()).unwrap();
        assert_eq!(records.iter().map(|r| r.seq).collect::<Vec<_>>(), (1..=last).collect::<Vec<_>>());
        assert!(last <= before);
        before = last;
    }
}

#[test]
fn a_file_of_newer_code_is_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("m.db");
    filled(&path, 3);
    // `user_version` is at byte 60 of the header.
    overwrite(&path, 60, &(SCHEMA as u32 + 1).to_be_bytes());
    assert!(matches!(open(&path), Err(StoreError::TooNew { found, known }) if found == known + 1));
    overwrite(&path, 60, &(SCHEMA as u32).to_be_bytes());
    assert_eq!(open(&path).unwrap().read(|db| db.drain(0, 10)).unwrap().len(), 4);
}

#[test]
fn a_place_that_is_no_place_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    assert!(open(&dir.path().join("no/such/folder/m.db")).is_err());
    assert!(open(dir.path()).is_err(), "a folder is no file");
}

#[test]
fn corruption_found_in_the_middle_of_work_is_healed_by_opening_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("m.db");
    filled(&path, 3_000);
    let unchecked = Options { always_check_bytes: 0, ..Options::default() };
    for at in (60..90).map(|n| n * 4096) {
        overwrite(&path, at, &[0xa5; 4096]);
    }
    let mut store = Store::open(Location::File(path), unchecked).unwrap();
    assert!(store.loss().is_none());
    assert!(matches!(store.read(|db| db.drain(0, 10_000)), Err(StoreError::Corrupt(_))));
    store.reopen().unwrap();
    assert!(store.loss().is_some_and(|loss| loss.salvaged > 100));
    assert!(store.read(|db| db.drain(0, 10_000)).is_ok());
    store.suspend().unwrap();
    store.resume().unwrap();
}

#[cfg(unix)]
#[test]
fn the_file_is_for_the_app_alone() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("m.db");
    let mut store = open(&path).unwrap();
    store.write(Durability::Process, |tx| tx.append(&[event(1)])).unwrap();
    for name in ["m.db", "m.db-wal", "m.db-shm"] {
        assert_eq!(std::fs::metadata(dir.path().join(name)).unwrap().permissions().mode() & 0o077, 0, "{name}");
    }
}

#[test]
fn a_chunk_that_cannot_be_read_costs_itself_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("m.db");
    for nonsense in [vec![], vec![3, 200, 1, 7], vec![0xa5; 900], vec![0x28, 0xb5, 0x2f, 0xfd, 1]] {
        let _ = std::fs::remove_file(&path);
        let mut store = open(&path).unwrap();
        store.write(Durability::Process, |tx| tx.append_track(id(1), &points(0, 650))).unwrap();
        store.suspend().unwrap();
        let other = rusqlite::Connection::open(&path).unwrap();
        other.execute("UPDATE track SET body = ?1 WHERE sealed = 0", [&nonsense]).unwrap();
        drop(other);
        store.resume().unwrap();
        assert_eq!(store.read(|db| db.track(id(1))).unwrap().len(), 600);
        store.write(Durability::Process, |tx| tx.append_track(id(1), &points(650, 10))).unwrap();
        store.write(Durability::Process, |tx| tx.seal_track(id(1))).unwrap();
        let times: Vec<i64> = store.read(|db| db.track(id(1))).unwrap().iter().map(|p| p.t.0 / 1_000_000_000).collect();
        assert_eq!(times, (0..600).chain(650..660).collect::<Vec<_>>());
        let told = store.read(|db| db.unsent(100, 1 << 20)).unwrap();
        let lost: Vec<_> = told.iter().filter(|item| item.json.contains(r#""cause":"corrupt""#)).collect();
        assert!(matches!(lost[..], [one] if one.json.contains(r#""what":"milepost.track/1""#)), "{lost:?}");
    }
}
