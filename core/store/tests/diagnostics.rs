//! Diagnostics are kept apart, are few, and may be lost.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::path::Path;

use milepost_store::{Diagnostic, Diagnostics, Location, MAX_DIAGNOSTICS};

fn at(path: &Path) -> Diagnostics {
    Diagnostics::new(Location::File(path.to_owned()))
}

fn entry(at_ms: i64, kind: &str, detail: &str, times: u64) -> Diagnostic {
    Diagnostic { at_ms, kind: kind.into(), detail: detail.into(), times }
}

#[test]
fn given_troubles_when_noted_then_they_are_read_newest_first_and_after_a_restart_and_repetitions_are_counted() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("d.db");
    let mut log = at(&path);
    assert!(log.newest(10).is_empty() && !path.exists(), "asking makes no file");
    log.note(1, "storage", "the disk is full");
    log.note(2, "storage", "the disk is full");
    log.note(3, "upload", "HTTP\n503");
    drop(log);
    let told = [entry(3, "upload", "HTTP 503", 1), entry(2, "storage", "the disk is full", 2)];
    assert_eq!(at(&path).newest(10), told);
    assert_eq!(at(&path).newest(1), told[..1]);
}

#[test]
fn given_a_flood_when_noted_then_file_and_entries_stay_bounded() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("d.db");
    let mut log = at(&path);
    let long = "ü".repeat(5_000);
    for n in 0..3_000 {
        log.note(n, "flood", &format!("{n} {long}"));
    }
    let kept = log.newest(usize::MAX >> 1);
    assert_eq!((kept.len(), kept[0].at_ms), (MAX_DIAGNOSTICS, 2_999));
    assert!(kept.iter().all(|entry| entry.detail.len() <= 400));
    assert!(std::fs::metadata(&path).unwrap().len() <= 1 << 20);
}

#[test]
fn given_a_file_that_is_damaged_or_foreign_when_used_then_it_is_begun_anew() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("d.db");
    for n in 0..300 {
        at(&path).note(n, "engine", &format!("{n} {}", "x".repeat(300)));
    }
    let good = std::fs::read(&path).unwrap();
    let with = |range: std::ops::Range<usize>, byte: u8| {
        let mut bytes = good.clone();
        bytes[range].fill(byte);
        bytes
    };
    // A head, a page, the schema's version, half a file, no database at all.
    for bad in [with(0..100, 7), with(8_192..12_288, 0xa5), with(60..64, 9), good[..9_000].to_vec(), vec![b'?'; 5_000]]
    {
        std::fs::write(&path, bad).unwrap();
        let mut log = at(&path);
        assert!(log.newest(10).is_empty());
        log.note(1, "engine", "after");
        assert_eq!(log.newest(10), [entry(1, "engine", "after", 1)]);
    }
}

#[test]
fn given_an_erasure_when_done_then_nothing_is_left_and_it_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("d.db");
    let mut log = at(&path);
    log.note(1, "engine", "a secret");
    log.erase().unwrap();
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    log.note(2, "engine", "later");
    assert_eq!(log.newest(10), [entry(2, "engine", "later", 1)]);
    let mut memory = Diagnostics::new(Location::memory());
    memory.note(1, "engine", "a secret");
    memory.erase().unwrap();
    assert!(memory.newest(10).is_empty());
}

#[test]
fn given_a_suspended_log_or_no_place_when_noted_then_nothing_happens() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("d.db");
    let mut log = at(&path);
    log.suspend();
    log.note(1, "engine", "meanwhile");
    assert!(log.newest(10).is_empty() && !path.exists());
    log.resume();
    log.note(2, "engine", "afterwards");
    assert_eq!(log.newest(10).len(), 1);
    let mut nowhere = at(&dir.path().join("no/such/folder/d.db"));
    nowhere.note(1, "engine", "lost");
    assert!(nowhere.newest(10).is_empty());
}

#[cfg(unix)]
#[test]
fn the_file_is_for_the_app_alone() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    at(&dir.path().join("d.db")).note(1, "engine", "x");
    for file in std::fs::read_dir(dir.path()).unwrap() {
        assert_eq!(file.unwrap().metadata().unwrap().permissions().mode() & 0o077, 0);
    }
}
