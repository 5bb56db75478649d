//! Troubles are in a file beside the database: it tells them, is told in an export, is erased, and may be damaged.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use std::path::Path;

use milepost::engine::contract::Input;
use milepost::engine::sample::{MonoTime, Signal};
use milepost::store::Erase;
use milepost::upload::Outcome;
use milepost::{Kernel, Milepost, NextUpload, Options, Place};
use serde_json::Value;

const NOW_MS: i64 = 1_700_000_000_000;

fn options(folder: &Path) -> Options {
    let mut options = Options::new(Place::Folder(folder.to_owned()), "", "").unwrap();
    options.seed = Some(9);
    options.upload_url = Some("http://127.0.0.1/ingest".to_owned());
    options
}

/// A phone whose server answers 503 and whose network fails, with words that are nobody's business.
fn a_phone_with_troubles(folder: &Path) {
    let mut kernel = Kernel::open(&options(folder)).unwrap();
    kernel.handle(Input::Signal(MonoTime(1), Signal::Provider(false)), &mut |_| {}).unwrap();
    kernel.handle(Input::Tick(MonoTime(60_000_000_000)), &mut |_| {}).unwrap();
    let answers = [
        Outcome::Answer { status: 503, retry_after: None, body: Vec::new() },
        Outcome::NetworkError("reset by 10.1.2.3 with token secret".to_owned()),
    ];
    for (n, answer) in (0..).zip(answers) {
        let now_ms = NOW_MS + n * 3_600_000;
        let NextUpload::Send(request) = kernel.next_upload(now_ms, true).unwrap() else { panic!("nothing to send") };
        kernel.upload_finished(now_ms, request.batch_id, answer).unwrap();
    }
}

fn told(folder: &Path) -> Vec<(String, String)> {
    let milepost = Milepost::open(options(folder)).unwrap();
    let all: Value = serde_json::from_str(&milepost.diagnostics().unwrap()).unwrap();
    let log = all["log"].as_array().unwrap();
    log.iter().map(|entry| (entry["kind"].as_str().unwrap().into(), entry["detail"].as_str().unwrap().into())).collect()
}

fn pair(kind: &str, detail: &str) -> (String, String) {
    (kind.into(), detail.into())
}

#[test]
fn given_troubles_when_asked_after_a_restart_then_they_are_told_newest_first_without_the_hosts_words() {
    let folder = tempfile::tempdir().unwrap();
    a_phone_with_troubles(folder.path());
    assert_eq!(told(folder.path()), [pair("upload", "no answer"), pair("upload", "the server answered 503")]);
    assert!(folder.path().join("diagnostics.db").exists());
}

#[test]
fn given_a_damaged_file_when_opened_then_no_record_suffers_and_it_is_begun_anew() {
    let folder = tempfile::tempdir().unwrap();
    a_phone_with_troubles(folder.path());
    std::fs::write(folder.path().join("diagnostics.db"), vec![b'?'; 9_000]).unwrap();
    let mut kernel = Kernel::open(&options(folder.path())).unwrap();
    assert!(kernel.store().loss().is_none());
    assert!(!kernel.store().read(|db| db.drain(0, 10)).unwrap().is_empty());
    drop(kernel);
    assert!(told(folder.path()).is_empty());
}

#[test]
fn given_a_damaged_database_when_opened_then_the_diagnostics_tell_it() {
    let folder = tempfile::tempdir().unwrap();
    a_phone_with_troubles(folder.path());
    std::fs::write(folder.path().join("milepost.db"), vec![b'?'; 9_000]).unwrap();
    let log = told(folder.path());
    assert_eq!((log.len(), log[0].0.as_str()), (3, "database_lost"));
}

#[test]
fn given_troubles_when_exported_then_everyones_export_has_them_and_a_drivers_has_not() {
    let folder = tempfile::tempdir().unwrap();
    a_phone_with_troubles(folder.path());
    let mut kernel = Kernel::open(&options(folder.path())).unwrap();
    let file = folder.path().join("export.jsonl");
    let lines = kernel.export(None, &file).unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    assert_eq!((text.lines().count() as u64, text.matches("milepost.export_diagnostic/1").count()), (lines, 2));
    kernel.export(Some("anna"), &file).unwrap();
    assert!(!std::fs::read_to_string(&file).unwrap().contains("export_diagnostic"));
}

#[test]
fn given_an_erasure_of_anyone_when_done_then_the_diagnostics_are_gone() {
    for whose in [Erase::Everything, Erase::Driver("anna".into())] {
        let folder = tempfile::tempdir().unwrap();
        a_phone_with_troubles(folder.path());
        let mut kernel = Kernel::open(&options(folder.path())).unwrap();
        kernel.erase(&whose).unwrap();
        drop(kernel);
        assert!(!folder.path().join("diagnostics.db").exists());
        assert!(told(folder.path()).is_empty());
    }
}
