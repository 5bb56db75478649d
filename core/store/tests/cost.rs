//! What the database costs in time: points a second to disk, and opening beside plain `rusqlite`. Run alone, released:
//! `cargo test --release -p milepost-store --test cost -- --nocapture`. The bounds that fail the test are the goals
//! in a release build and a fraction of them otherwise.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod common;

use std::time::{Duration, Instant};

use common::{id, points, record, trip};
use milepost_engine::contract::TrackPoint;
use milepost_engine::id::splitmix64;
use milepost_store::{Durability, Location, Options, Snapshot, Store};

/// Hours of driving at a point a second that are written.
const HOURS: u128 = 200;
/// Points that come at a time, as the engine hands them out.
const AT_A_TIME: i64 = 600;
/// Of issue 9.
const POINTS_PER_S: f64 = 1e6;
const OPEN_RATIO: f64 = 3.0;
/// Medians of so many turns: they withstand what else the machine does.
const TURNS: usize = 15;

#[expect(clippy::disallowed_methods, reason = "a cost is measured; nothing is decided by it")]
fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let begin = Instant::now();
    let done = work();
    (begin.elapsed(), done)
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64()
}

/// As hard to pack as a real track: some decimetres and decimetres a second that nobody could foretell.
fn restless(mut points: Vec<TrackPoint>) -> Vec<TrackPoint> {
    for (n, point) in points.iter_mut().enumerate() {
        let draw = splitmix64(point.t.0 as u64 ^ n as u64);
        point.position.lat_deg += (draw % 8) as f64 * 1e-6;
        point.position.lon_deg += (draw >> 8 & 7) as f64 * 1e-6;
        point.speed_mps = Some(11.0 + (draw >> 16 & 15) as f64 * 0.1);
    }
    points
}

#[test]
fn points_go_to_disk_at_a_million_a_second() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::open(Location::File(dir.path().join("m.db")), Options::default()).unwrap();
    let chunks: Vec<Vec<_>> = (0..6).map(|part| restless(points(part * AT_A_TIME, AT_A_TIME))).collect();
    let (took, ()) = timed(|| {
        for n in 0..HOURS {
            store
                .write(Durability::Process, |tx| {
                    chunks.iter().try_for_each(|chunk| tx.append_track(id(n), chunk).map(|_| ()))
                })
                .unwrap();
        }
        store.suspend().unwrap();
    });
    let rate = HOURS as f64 * 3_600.0 / took.as_secs_f64();
    println!("ingest: {rate:.0} points a second to disk (goal ≥ {POINTS_PER_S})");
    let goal = if cfg!(debug_assertions) { POINTS_PER_S / 20.0 } else { POINTS_PER_S / 2.0 };
    assert!(rate >= goal, "{rate} points a second");
}

#[test]
fn a_store_of_50_mb_is_ready_soon_after_plain_rusqlite() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("m.db");
    let mut store = Store::open(Location::File(path.clone()), Options::default()).unwrap();
    let waveform = format!(r#","evidence":[{}1]"#, "-123,".repeat(400));
    let mut seq = 0;
    while store.read(|db| db.used_bytes()).unwrap() < 50 << 20 {
        store
            .write(Durability::Process, |tx| {
                for _ in 0..500 {
                    seq += 1;
                    tx.append(&[record(seq, seq.into(), 1, "milepost.event/1", &waveform)])?;
                }
                seq += 1;
                tx.append(&[trip(seq, 1_000_000 + u128::from(seq), 1, "open", "[]")])?;
                tx.set_snapshot(&Snapshot { version: 1, after_seq: seq, bytes: vec![7; 200_000] })
            })
            .unwrap();
    }
    store.suspend().unwrap();
    drop(store);
    // Ready: where the engine goes on is known.
    let ready = || {
        let store = Store::open(Location::File(path.clone()), Options::default()).unwrap();
        assert_eq!(
            store.read(|db| Ok::<_, milepost_store::StoreError>((db.last_seq()?, db.snapshot()?))).unwrap().0,
            seq
        );
        store
    };
    let plain = || {
        let db = rusqlite::Connection::open(&path).unwrap();
        let sql = "SELECT body FROM record WHERE seq = 1";
        assert!(db.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap().len() > 1_000);
        db
    };
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        let (took, db) = timed(plain);
        theirs.push(took);
        drop(db);
        let (took, store) = timed(ready);
        ours.push(took);
        drop(store);
    }
    let (ours, theirs) = (median(ours), median(theirs));
    let ratio = ours / theirs;
    println!(
        "open to ready: {:.2} ms, rusqlite {:.2} ms, ratio {ratio:.2} (goal ≤ {OPEN_RATIO})",
        ours * 1e3,
        theirs * 1e3
    );
    assert!(ratio < 2.0 * OPEN_RATIO, "{ratio}");
}
