//! After an erasure nothing of the person is left anywhere; an export has everything; a zone hides what lies in it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod common;

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use common::northward;
use milepost::engine::contract::Input;
use milepost::engine::sample::{Clock, Command, Fix, MonoTime};
use milepost::store::{Erase, Location, Store};
use milepost::{Kernel, NextUpload, Options, Place};

static LOGGED: Mutex<String> = Mutex::new(String::new());

struct Log;

impl log::Log for Log {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        LOGGED.lock().unwrap().push_str(&format!("{}\n", record.args()));
    }

    fn flush(&self) {}
}

/// A trip of ten minutes to the north from `lat_deg`, driven by `driver`, that begins at `start_s`.
fn trip(driver: &str, lat_deg: f64, start_s: i64) -> Vec<Input> {
    let at = |s: i64| MonoTime((start_s + s) * 1_000_000_000);
    let fix = |s: i64| Fix {
        lon_deg: lat_deg + 1e-4 * s as f64 + 0.1,
        bearing_deg: Some(25.0),
        ..northward(at(s), lat_deg, s)
    };
    let mut inputs =
        vec![Input::Command(at(0), Command::SetDriver(driver.to_owned())), Input::Command(at(1), Command::StartTrip)];
    inputs.extend((2..600).map(|s| Input::Fix(fix(s))));
    inputs.push(Input::Command(at(600), Command::StopTrip));
    inputs.extend((601..640).map(|s| Input::Fix(fix(s))));
    inputs
}

const ANNA: f64 = 52.379_123_4;
const BERT: f64 = 31.648_321_7;

fn options(folder: &Path) -> Options {
    let mut options = Options::new(Place::Folder(folder.to_owned()), "", "").unwrap();
    options.seed = Some(9);
    options.record = true;
    options.upload_url = Some("http://127.0.0.1/ingest".to_owned());
    options
}

fn live(kernel: &mut Kernel, inputs: Vec<Input>) {
    for input in inputs {
        kernel.handle(input, &mut |_| {}).unwrap();
    }
    kernel.commit().unwrap();
}

/// Both drivers, a database that was corrupt and put aside, a batch on its way and a recording.
fn a_used_phone(folder: &Path) -> Kernel {
    let file = folder.join("milepost.db");
    let clock =
        Clock { mono: MonoTime(0), wall_ms: Some(1_700_000_000_000), boot_id: "a".into(), utc_offset_min: None };
    let mut kernel = Kernel::open(&options(folder)).unwrap();
    kernel.handle(Input::Clock(clock), &mut |_| {}).unwrap();
    live(&mut kernel, trip("anna", ANNA, 10));
    kernel.store().suspend().unwrap();
    drop(kernel);
    let mut bytes = std::fs::read(&file).unwrap();
    // The head of the schema's own page, behind the file's header, turns to nonsense.
    bytes[100..108].fill(0xa5);
    std::fs::write(&file, bytes).unwrap();
    let mut kernel = Kernel::open(&options(folder)).unwrap();
    live(&mut kernel, trip("anna", ANNA, 1_000));
    live(&mut kernel, trip("bert", BERT, 3_000));
    assert!(matches!(kernel.next_upload(1_700_000_900_000, true).unwrap(), NextUpload::Send(_)));
    kernel
}

fn files(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect()
}

/// The places in which a coordinate of the drive from `lat_deg` is, as text or as a number.
fn traces(folder: &Path, lat_deg: f64) -> Vec<String> {
    let mut needles = Vec::new();
    for input in trip("", lat_deg, 0) {
        if let Input::Fix(fix) = input {
            for x in [fix.lat_deg, fix.lon_deg] {
                needles.push(format!("{x:.4}").into_bytes()[..6].to_vec());
                needles.push(x.to_le_bytes().to_vec());
                needles.push(x.to_be_bytes().to_vec());
            }
        }
    }
    needles.sort();
    needles.dedup();
    let mut found = Vec::new();
    for path in files(folder) {
        let bytes = std::fs::read(&path).unwrap();
        if needles.iter().any(|needle| bytes.windows(needle.len()).any(|w| w == needle.as_slice())) {
            found.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    let logged = LOGGED.lock().unwrap();
    if needles.iter().any(|needle| std::str::from_utf8(needle).is_ok_and(|text| logged.contains(text))) {
        found.push("log".to_owned());
    }
    found
}

#[test]
fn after_everything_is_erased_no_coordinate_is_left_anywhere() {
    let _ = log::set_logger(&Log);
    log::set_max_level(log::LevelFilter::Info);
    let folder = tempfile::tempdir().unwrap();
    let mut kernel = a_used_phone(folder.path());
    let before = traces(folder.path(), ANNA);
    assert!(before.iter().any(|name| name == "milepost.db" || name == "milepost.db-wal"), "{before:?}");
    assert!(before.iter().any(|name| name.contains("corrupt")), "{before:?}");
    assert!(files(folder.path()).iter().any(|path| path.extension().is_some_and(|e| e == "mprec")));
    kernel.erase(&Erase::Everything).unwrap();
    for _ in 0..2 {
        assert_eq!(traces(folder.path(), ANNA), Vec::<String>::new());
        assert_eq!(traces(folder.path(), BERT), Vec::<String>::new());
        kernel.commit().unwrap();
    }
    let store = kernel.store();
    assert!(store.read(|db| db.drain(0, 10)).unwrap().is_empty());
    assert!(store.read(|db| db.leases()).unwrap().is_empty());
    let ledger = store.read(|db| db.unsent(100, 1 << 20)).unwrap();
    let said: Vec<_> = ledger.iter().filter(|item| item.json.contains("erased")).collect();
    assert_eq!(said.len(), 1);
    assert!(said[0].json.contains("\"what\":\"*\"") && said[0].json.contains("\"count\":null"), "{}", said[0].json);
    // Recordings are compressed: what is left of them is empty.
    for path in files(folder.path()).into_iter().filter(|path| path.extension().is_some_and(|e| e == "mprec")) {
        let reader = milepost::recording::native::Reader::open(std::fs::File::open(path).unwrap()).unwrap();
        assert_eq!(reader.count(), 0);
    }
    drop(kernel);
    // Life goes on, through a restart too.
    let mut kernel = Kernel::open(&options(folder.path())).unwrap();
    live(&mut kernel, trip("carl", 11.5, 9_000));
    assert!(!kernel.store().read(|db| db.drain(0, 10)).unwrap().is_empty());
}

#[test]
fn an_erasure_that_cannot_be_written_changes_nothing_and_can_be_asked_for_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut kernel = a_used_phone(folder.path());
    let (mut inputs, rest) = (trip("carl", 11.5, 9_000), 300);
    let later = inputs.split_off(rest);
    live(&mut kernel, inputs);
    let recording = kernel.recording().unwrap().to_owned();
    kernel.suspend().unwrap();
    kernel.erase(&Erase::Everything).unwrap_err();
    kernel.resume().unwrap();
    assert_eq!(kernel.recording(), Some(recording.as_path()));
    live(&mut kernel, later);
    let newest = kernel.store().read(|db| db.trips(&Default::default())).unwrap().trips.swap_remove(0);
    assert!(newest.json.contains("\"end_reason\":\"command\""), "the open trip goes on to its end: {}", newest.json);
    kernel.erase(&Erase::Everything).unwrap();
    assert_eq!(traces(folder.path(), 11.5), Vec::<String>::new());
    assert!(kernel.recording().is_some(), "the host wants a recording still");
}

#[test]
fn when_one_driver_is_erased_the_other_stays() {
    let folder = tempfile::tempdir().unwrap();
    let mut kernel = a_used_phone(folder.path());
    kernel.erase(&Erase::Driver("anna".to_owned())).unwrap();
    assert_eq!(traces(folder.path(), ANNA), Vec::<String>::new());
    assert!(!traces(folder.path(), BERT).is_empty());
    let left = kernel.store().read(|db| db.drain(0, 1_000)).unwrap();
    assert!(left.iter().any(|record| record.json.contains("\"bert\"")));
    assert!(left.iter().all(|record| !record.json.contains("\"anna\"")));
    live(&mut kernel, trip("bert", BERT, 9_000));
    let store = Store::open(Location::File(folder.path().join("milepost.db")), Default::default()).unwrap();
    assert!(store.check().unwrap().is_empty());
}

#[test]
fn an_export_has_every_record_and_the_track_of_whom_it_is_for() {
    let folder = tempfile::tempdir().unwrap();
    let mut kernel = a_used_phone(folder.path());
    let file = folder.path().join("export.jsonl");
    let lines = kernel.export(Some("bert"), &file).unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    assert_eq!(text.lines().count() as u64, lines);
    assert!(text.contains("milepost.export_track/1") && text.contains("31.65") && !text.contains("\"anna\""));
    let all = kernel.export(None, &file).unwrap();
    assert!(all > lines);
}

#[test]
fn an_export_is_for_the_app_alone_and_never_overwrites_what_it_comes_from() {
    let folder = tempfile::tempdir().unwrap();
    let mut kernel = a_used_phone(folder.path());
    let recording = kernel.recording().unwrap().to_owned();
    for own in ["milepost.db", "milepost.db-wal", "milepost.db.corrupt-1", "diagnostics.db"] {
        let refused = kernel.export(None, &folder.path().join(own));
        assert!(matches!(refused, Err(milepost::MilepostError::InvalidInput { .. })), "{own}: {refused:?}");
    }
    kernel.export(None, &recording).unwrap_err();
    let file = folder.path().join("export.jsonl");
    std::fs::write(&file, "everyone may read this").unwrap();
    kernel.export(None, &file).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn no_position_in_a_privacy_zone_is_stored_or_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = options(folder.path());
    let zone = format!("{{\"privacy_zones\": [[{ANNA}, {}, 2000.0]]}}", ANNA + 0.1);
    options.config = milepost::engine::config::Config::from_json(Default::default(), &zone).unwrap();
    let mut kernel = Kernel::open(&options).unwrap();
    live(&mut kernel, trip("anna", ANNA, 10));
    let trips = kernel.store().read(|db| db.trips(&Default::default())).unwrap().trips;
    assert!(trips[0].json.contains("\"start\":null") && !trips[0].json.contains("\"end\":null"), "{}", trips[0].json);
    let track = kernel.store().read(|db| db.track(trips[0].id)).unwrap();
    let home = milepost::engine::geo::LatLon { lat_deg: ANNA, lon_deg: ANNA + 0.1 };
    assert!(track.len() > 100);
    assert!(track.iter().all(|p| milepost::engine::geo::distance_m(home, p.position) > 2_000.0));
    let file = std::fs::File::open(kernel.recording().unwrap()).unwrap();
    for input in milepost::recording::native::Reader::open(file).unwrap().map_while(Result::ok) {
        if let Input::Fix(fix) = input {
            let place = milepost::engine::geo::LatLon { lat_deg: fix.lat_deg, lon_deg: fix.lon_deg };
            assert!(milepost::engine::geo::distance_m(home, place) > 2_000.0);
        }
    }
    live(&mut kernel, vec![Input::End]);
    let records = kernel.store().read(|db| db.drain(0, 1_000)).unwrap();
    let summary = records.iter().find(|r| r.json.contains("milepost.summary/")).unwrap();
    assert!(summary.json.contains("\"privacy_zones\":[]"), "{}", summary.json);
}
