//! Files of every schema that was shipped, with everything in them, are brought to the newest: the same shape as a fresh
//! one, the same contents, and all of it can still be read and delivered. `fixtures/make_v1.rs` says how they were made.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod common;

use std::path::{Path, PathBuf};

use common::*;
use milepost_engine::sample::MonoTime;
use milepost_store::*;
use rusqlite::Connection;
use rusqlite::types::Value;

/// By schema, oldest first.
const FIXTURES: [&str; 1] = [include_str!("fixtures/v1.sql")];
/// Whose columns no migration so far has touched.
const UNTOUCHED: [&str; 7] = ["record", "track", "dropped", "lease", "snapshot", "meta", "trip_tag"];
const TRIP_1: &str = "id, seq, first_seq, status, start_ms, end_ms, driver_id, vehicle_id";

fn written(path: &Path, fixture: &str) {
    Connection::open(path).unwrap().execute_batch(fixture).unwrap();
}

/// A file of schema 1; it lives as long as its folder.
fn of_schema_1() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("m.db");
    written(&path, FIXTURES[0]);
    (dir, path)
}

fn rows(path: &Path, select: &str) -> Vec<Vec<Value>> {
    let db = Connection::open(path).unwrap();
    let mut statement = db.prepare(select).unwrap();
    let width = statement.column_count();
    let rows = statement.query_map([], |row| (0..width).map(|n| row.get(n)).collect()).unwrap();
    rows.collect::<rusqlite::Result<_>>().unwrap()
}

fn shape(path: &Path) -> Vec<Vec<Value>> {
    rows(path, "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name")
}

fn contents(path: &Path) -> Vec<Vec<Vec<Value>>> {
    let all = UNTOUCHED.map(|table| format!("SELECT * FROM {table} ORDER BY 1, 2"));
    all.iter().cloned().chain([format!("SELECT {TRIP_1} FROM trip ORDER BY id")]).map(|sql| rows(path, &sql)).collect()
}

fn opened(path: &Path) -> Store {
    let store = Store::open(Location::File(path.to_owned()), Options::default()).unwrap();
    assert!(store.loss().is_none());
    store
}

fn closed(mut store: Store) {
    store.suspend().unwrap();
}

#[test]
fn given_a_file_of_every_shipped_schema_when_opened_then_shape_and_contents_are_those_of_today() {
    assert_eq!(FIXTURES.len() as i64 + 1, SCHEMA, "each schema before the newest has a fixture with contents");
    let dir = tempfile::tempdir().unwrap();
    let fresh = dir.path().join("fresh.db");
    closed(opened(&fresh));
    for (n, fixture) in FIXTURES.iter().enumerate() {
        let path = dir.path().join(format!("{n}.db"));
        written(&path, fixture);
        let before = contents(&path);
        assert!(before.iter().all(|table| !table.is_empty()), "the fixture has something in every table");
        closed(opened(&path));
        assert_eq!(shape(&path), shape(&fresh), "from schema {}", n + 1);
        assert_eq!(rows(&path, "PRAGMA user_version"), [[Value::Integer(SCHEMA)]]);
        assert_eq!(contents(&path), before, "from schema {}", n + 1);
        assert_eq!(rows(&path, "PRAGMA quick_check"), [[Value::Text("ok".into())]]);
    }
}

#[test]
fn given_a_file_of_schema_1_when_opened_then_trips_are_found_where_they_began_and_a_rebuild_changes_nothing() {
    let (_dir, path) = of_schema_1();
    let mut store = opened(&path);
    let near =
        |lat_deg, lon_deg, radius_m| Near { centre: milepost_engine::geo::LatLon { lat_deg, lon_deg }, radius_m };
    let found = |store: &Store, near| {
        let page = store.read(|db| db.trips(&TripQuery { near: Some(near), ..TripQuery::default() })).unwrap();
        page.trips.iter().map(|trip| trip.id).collect::<Vec<_>>()
    };
    assert_eq!(found(&store, near(52.0, 13.001, 100.0)), [id(0x71)]);
    assert!(found(&store, near(52.0, 13.001, 50.0)).is_empty());
    let all = TripQuery { discarded: true, ..TripQuery::default() };
    let before = store.read(|db| db.trips(&all)).unwrap();
    assert_eq!(before.trips.len(), 3);
    store.write(Durability::Process, |tx| tx.rebuild()).unwrap();
    assert_eq!(store.read(|db| db.trips(&all)).unwrap(), before);
    assert_eq!(found(&store, near(52.07, 13.0, 1.0)), [id(0x71)], "where it ended");
}

#[test]
fn given_tracks_and_windows_from_before_the_range_coder_when_read_then_they_are_what_they_were() {
    let (_dir, path) = of_schema_1();
    let zstd_frames = rows(&path, "SELECT sealed FROM track WHERE hex(substr(body, 1, 4)) = '28B52FFD'");
    assert_eq!(zstd_frames, [[Value::Integer(1)], [Value::Integer(1)]], "the fixture is of the old form");
    let mut store = opened(&path);

    // Sealed chunks, and a stretch of them.
    let same = |read: &[milepost_engine::contract::TrackPoint], meant: &[milepost_engine::contract::TrackPoint]| {
        assert_eq!(read.len(), meant.len());
        for (a, b) in read.iter().zip(meant) {
            assert_eq!((a.t, a.speed_mps), (b.t, b.speed_mps));
            assert!((a.position.lat_deg - b.position.lat_deg).abs() < 5.1e-7);
            assert!((a.position.lon_deg - b.position.lon_deg).abs() < 5.1e-7);
        }
    };
    same(&store.read(|db| db.track(id(0x71))).unwrap(), &points(0, 700));
    let at = |s: i64| MonoTime(s * 1_000_000_000);
    same(&store.read(|db| db.track_between(id(0x71), at(590), at(610))).unwrap(), &points(590, 21));

    // They are sent as what they are; a server is told which form that is, and undoes it by the protocol's page.
    let unsent = store.read(|db| db.unsent(100, 1 << 20)).unwrap();
    let tracks: Vec<serde_json::Value> = unsent
        .iter()
        .filter(|item| item.class == Class::Track)
        .map(|item| serde_json::from_str(&item.json).unwrap())
        .collect();
    assert_eq!(tracks.len(), 2);
    assert!(tracks.iter().all(|track| track["encoding"] == "milepost-track-1+zstd+base64"), "{tracks:?}");

    // The open chunk grows on, and is sealed as today.
    store.write(Durability::Process, |tx| tx.append_track(id(0x72), &points(1_035, 25))).unwrap();
    store.write(Durability::Process, |tx| tx.seal_track(id(0x72))).unwrap();
    same(&store.read(|db| db.track(id(0x72))).unwrap(), &points(1_000, 60));

    // A window was a record of columns; it is told and sent as it was said.
    let drained = store.read(|db| db.drain(0, 100)).unwrap();
    let window = drained.iter().find(|record| record.schema == "milepost.window/1").unwrap();
    assert!(window.json.contains(r#""az_cmps2":[981,6000,979]"#), "{}", window.json);
    assert!(unsent.iter().any(|item| item.class == Class::Window && item.json == window.json));
}

#[test]
fn given_a_file_of_schema_1_when_opened_then_its_outbox_goes_on_where_it_was() {
    let (_dir, path) = of_schema_1();
    let mut store = opened(&path);
    let leases = store.read(|db| db.leases()).unwrap();
    let told: Vec<_> = leases.iter().map(|lease| (lease.batch_id, lease.carrier, lease.in_flight)).collect();
    assert_eq!(told, [(id(0xb2), Carrier::Host, true), (id(0xb3), Carrier::BuiltIn, false)]);
    assert_eq!(store.read(|db| db.leased(id(0xb2))).unwrap()[0].id, id(5));
    assert_eq!(store.read(|db| db.outbox_counts()).unwrap().parked, 1);
    assert_eq!(store.read(|db| db.host_seq()).unwrap(), 8);
    assert_eq!(rows(&path, "SELECT count(*) FROM dropped WHERE cause = 'erased'"), [[Value::Integer(1)]]);
    assert_eq!(store.read(|db| db.snapshot()).unwrap().unwrap().bytes, [1, 2, 3, 250]);
    let last = store.read(|db| db.last_seq()).unwrap();
    store.write(Durability::Process, |tx| tx.append(&[event(last + 1)])).unwrap();
    assert_eq!(store.write(Durability::Process, |tx| tx.unpark()).unwrap(), 1);
}

#[test]
fn given_a_damaged_file_of_schema_1_when_opened_then_what_can_be_read_is_saved() {
    let (_dir, path) = of_schema_1();
    // The root page of the trips' projection turns to nonsense: the migration meets it first.
    let root = rows(&path, "SELECT rootpage FROM sqlite_schema WHERE name = 'trip'");
    let [Value::Integer(page)] = root[0][..] else { panic!("{root:?}") };
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[(page as usize - 1) * 4096..page as usize * 4096].fill(0xa5);
    std::fs::write(&path, bytes).unwrap();
    let store = Store::open(Location::File(path), Options::default()).unwrap();
    assert_eq!(store.loss().unwrap().salvaged, 10);
    assert_eq!(store.read(|db| db.track(id(0x71))).unwrap().len(), 700);
    assert_eq!(store.read(|db| db.trips(&TripQuery::default())).unwrap().trips.len(), 2);
}
