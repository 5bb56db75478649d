//! What the database costs in time beside plain `rusqlite`, in the same run and by turns: points of a track to disk, and
//! opening a store of 50 MB. Prints a table; read the ratios, machines differ. All data are made up here:
//!
//! - *points*: 200 hours at a point a second due north at 11 m a second, each off by up to 8·10⁻⁶° and 1.5 m/s at random,
//!   given in sixes of 600, an hour to a transaction, as nobody drives but as hard to pack as a real track. The peer
//!   writes each point as a row of four columns, in the same transactions and with the same pragmas.
//! - *store of 50 MB*: 22 000 events with a waveform of 2 KB, open trips between them, a snapshot of 200 KB. Ready is when
//!   the last sequence number and the snapshot are read; the peer opens the file and reads one row.
//!
//! `cargo bench -p milepost-store --bench cost`

#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark")]
#![allow(clippy::disallowed_methods, reason = "a benchmark needs the clock")]

#[path = "../tests/common/mod.rs"]
mod common;

use std::path::Path;
use std::time::{Duration, Instant};

use common::{id, points, record, trip};
use milepost_engine::contract::TrackPoint;
use milepost_engine::id::splitmix64;
use milepost_store::{Durability, Location, Options, Snapshot, Store, StoreError};
use rusqlite::Connection;

/// Hours of driving that are written.
const HOURS: u128 = 200;
/// Points that come at a time, as the engine hands them out.
const AT_A_TIME: i64 = 600;
/// Of issue 9.
const GOAL_POINTS_PER_S: f64 = 1e6;
const GOAL_OPEN_RATIO: f64 = 3.0;
/// Turns of each; the median counts: it withstands what else the machine does.
const INGEST_TURNS: usize = 5;
const OPEN_TURNS: usize = 31;
/// Bytes of the store that is opened.
const STORE_BYTES: u64 = 50_000_000;

fn main() {
    ingest();
    open();
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let begin = Instant::now();
    let done = work();
    (begin.elapsed(), done)
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64()
}

fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "MISSED" }
}

fn restless(mut points: Vec<TrackPoint>) -> Vec<TrackPoint> {
    for (n, point) in points.iter_mut().enumerate() {
        let draw = splitmix64(point.t.0 as u64 ^ n as u64);
        point.position.lat_deg += (draw % 8) as f64 * 1e-6;
        point.position.lon_deg += (draw >> 8 & 7) as f64 * 1e-6;
        point.speed_mps = Some(11.0 + (draw >> 16 & 15) as f64 * 0.1);
    }
    points
}

fn ingest() {
    let hour: Vec<Vec<_>> = (0..6).map(|part| restless(points(part * AT_A_TIME, AT_A_TIME))).collect();
    let dir = tempfile::tempdir().unwrap();
    let ours = |path: &Path| {
        let mut store = Store::open(Location::File(path.to_owned()), Options::default()).unwrap();
        for n in 0..HOURS {
            let written: Result<(), StoreError> = store.write(Durability::Process, |tx| {
                hour.iter().try_for_each(|chunk| tx.append_track(id(n), chunk).map(|_| ()))
            });
            written.unwrap();
        }
        // The log goes into the main file: what is not there yet is not to disk.
        store.suspend().unwrap();
    };
    let plain = |path: &Path| {
        let mut db = Connection::open(path).unwrap();
        db.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())).unwrap();
        db.execute_batch("PRAGMA synchronous = NORMAL; CREATE TABLE point (t INTEGER, lat REAL, lon REAL, speed REAL)")
            .unwrap();
        for _ in 0..HOURS {
            let tx = db.transaction().unwrap();
            for point in hour.iter().flatten() {
                let values = (point.t.0, point.position.lat_deg, point.position.lon_deg, point.speed_mps);
                tx.prepare_cached("INSERT INTO point VALUES (?1, ?2, ?3, ?4)").unwrap().execute(values).unwrap();
            }
            tx.commit().unwrap();
        }
        db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    };
    let (mut mine, mut theirs, mut bytes) = (Vec::new(), Vec::new(), (0, 0));
    for turn in 0..INGEST_TURNS {
        let (a, b) = (dir.path().join(format!("a{turn}.db")), dir.path().join(format!("b{turn}.db")));
        mine.push(timed(|| ours(&a)).0);
        theirs.push(timed(|| plain(&b)).0);
        bytes = (std::fs::metadata(&a).unwrap().len(), std::fs::metadata(&b).unwrap().len());
    }
    let count = HOURS as f64 * 3_600.0;
    let (mine, theirs) = (count / median(mine), count / median(theirs));
    println!("points to disk        milepost-store   plain rows   ratio");
    println!("points a second       {mine:>14.0} {theirs:>12.0}   {:.2}", mine / theirs);
    println!("bytes a point         {:>14.2} {:>12.2}", bytes.0 as f64 / count, bytes.1 as f64 / count);
    println!("goal: at least {GOAL_POINTS_PER_S:.0} points a second: {}\n", verdict(mine >= GOAL_POINTS_PER_S));
}

/// Fills a store; returns its last sequence number.
fn filled(path: &Path) -> u64 {
    let mut store = Store::open(Location::File(path.to_owned()), Options::default()).unwrap();
    let waveform = format!(r#","evidence":[{}1]"#, "-123,".repeat(400));
    let mut seq = 1;
    while std::fs::metadata(path).unwrap().len() < STORE_BYTES {
        let written: Result<(), StoreError> = store.write(Durability::Process, |tx| {
            for _ in 0..1_000 {
                tx.append(&[record(seq, seq.into(), 1, "milepost.event/1", &waveform)])?;
                seq += 1;
            }
            tx.append(&[trip(seq, 1_000_000 + u128::from(seq), 1, "open", "[]")])?;
            tx.set_snapshot(&Snapshot { version: 1, after_seq: seq, bytes: vec![7; 200_000] })?;
            seq += 1;
            Ok(())
        });
        written.unwrap();
    }
    store.suspend().unwrap();
    seq - 1
}

fn open() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("m.db");
    let last = filled(&path);
    let ready = || {
        let store = Store::open(Location::File(path.clone()), Options::default()).unwrap();
        let known = store.read(|db| Ok::<_, StoreError>((db.last_seq()?, db.snapshot()?))).unwrap();
        assert_eq!((known.0, known.1.unwrap().after_seq), (last, last));
        store
    };
    let plain = || {
        let db = Connection::open(&path).unwrap();
        let body: String = db.query_row("SELECT body FROM record WHERE seq = 1", [], |row| row.get(0)).unwrap();
        assert!(body.len() > 1_000);
        db
    };
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..OPEN_TURNS {
        // What is opened is closed outside the time.
        let (took, db) = timed(plain);
        theirs.push(took);
        drop(db);
        let (took, store) = timed(ready);
        ours.push(took);
        drop(store);
    }
    let (ours, theirs) = (median(ours) * 1e3, median(theirs) * 1e3);
    let ratio = ours / theirs;
    println!(
        "open to ready, {:.1} MB  milepost-store   plain rusqlite   ratio",
        std::fs::metadata(&path).unwrap().len() as f64 / 1e6
    );
    println!("ms                    {ours:>14.3} {theirs:>16.3}   {ratio:.2}");
    println!("goal: at most {GOAL_OPEN_RATIO} times: {}", verdict(ratio <= GOAL_OPEN_RATIO));
}
