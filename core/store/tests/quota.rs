//! What goes when there is no room, in which order, and what is said of it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod common;

use common::*;
use milepost_store::*;

fn quota(records: u64) -> Quota {
    Quota { max_records: records, ..Quota::default() }
}

fn schemas(store: &Store) -> Vec<String> {
    store.read(|db| db.drain(0, 10_000)).unwrap().into_iter().map(|s| s.schema).collect()
}

#[test]
fn what_is_delivered_goes_first_and_leaves_no_trace() {
    let mut store = memory();
    let records: Vec<_> = (1..=100).map(event).collect();
    store.write(Durability::Process, |tx| tx.append(&records)).unwrap();
    let keys: Vec<_> = records[50..].iter().map(|r| (r.id, r.rev)).collect();
    store.write(Durability::Process, |tx| tx.lease(id(1), &keys, Carrier::BuiltIn, 0)).unwrap();
    let answer = Settlement { acknowledged: keys, ..Settlement::default() };
    store.write(Durability::Process, |tx| tx.settle(id(1), &answer)).unwrap();
    store.write(Durability::Process, |tx| tx.ack_host(100)).unwrap();
    let evicted = store.write(Durability::Process, |tx| tx.evict(&quota(60), 0)).unwrap();
    assert_eq!(evicted, Evicted { delivered: 50, lost: 0 });
    assert_eq!(store.read(|db| db.unsent(1_000, 1 << 20)).unwrap().len(), 50, "no ledger");
    assert_eq!(store.read(|db| db.last_seq()).unwrap(), 100);
}

#[test]
fn the_least_valuable_goes_first_and_the_server_is_told() {
    let mut store = memory();
    let mut seq = 0;
    let mut records = Vec::new();
    for schema in ["proof", "trip", "score", "event", "health", "window"] {
        for _ in 0..300 {
            seq += 1;
            let more = if schema == "trip" { r#","status":"ended","start_t_s":1.0,"tags":[]"# } else { "" };
            records.push(record(seq, seq.into(), 1, &format!("milepost.{schema}/1"), more));
        }
    }
    store.write(Durability::Process, |tx| tx.append(&records)).unwrap();
    let evicted = store.write(Durability::Process, |tx| tx.evict(&quota(1_000), 0)).unwrap();
    assert!(evicted.delivered == 0 && evicted.lost >= 800, "{evicted:?}");
    let left = schemas(&store);
    let count = |schema: &str| left.iter().filter(|s| s.contains(schema)).count();
    assert_eq!([count("proof"), count("trip"), count("score")], [300; 3]);
    assert_eq!([count("window"), count("health")], [0, 0]);
    assert!(count("event") < 300);

    let ledger: Vec<serde_json::Value> = store
        .read(|db| db.unsent(10_000, 1 << 30))
        .unwrap()
        .iter()
        .filter(|u| u.json.contains("milepost.dropped/1"))
        .map(|u| serde_json::from_str(&u.json).unwrap())
        .collect();
    let total: u64 = ledger.iter().map(|entry| entry["count"].as_u64().unwrap()).sum();
    assert_eq!(total, evicted.lost);
    let windows = ledger.iter().find(|entry| entry["what"] == "milepost.window/1").unwrap();
    assert_eq!((&windows["first_seq"], &windows["last_seq"]), (&1_501.into(), &1_800.into()));
}

#[test]
fn open_trips_and_what_is_on_its_way_stay() {
    let mut store = memory();
    let records = [trip(1, 7, 1, "open", "[]"), event(2), event(3)];
    store.write(Durability::Process, |tx| tx.append(&records)).unwrap();
    store.write(Durability::Process, |tx| tx.lease(id(9), &[(id(2), 1)], Carrier::Host, 0)).unwrap();
    store.write(Durability::Process, |tx| tx.evict(&quota(0), 0)).unwrap();
    assert_eq!(schemas(&store), ["milepost.trip/1", "milepost.event/1"]);
}

#[test]
fn only_delivered_records_age() {
    let mut store = memory();
    store.write(Durability::Process, |tx| tx.append(&[event(1), event(2)])).unwrap();
    store.write(Durability::Process, |tx| tx.lease(id(9), &[(id(1), 1)], Carrier::Host, 0)).unwrap();
    let answer = Settlement { acknowledged: vec![(id(1), 1)], ..Settlement::default() };
    store.write(Durability::Process, |tx| tx.settle(id(9), &answer)).unwrap();
    store.write(Durability::Process, |tx| tx.ack_host(2)).unwrap();
    let in_ten_years = 1_700_000_000_000 + 10 * 365 * 24 * 3_600_000;
    let evicted = store.write(Durability::Process, |tx| tx.evict(&Quota::default(), in_ten_years)).unwrap();
    assert_eq!(evicted, Evicted { delivered: 1, lost: 0 });
    assert_eq!(store.read(|db| db.unsent(10, 1 << 20)).unwrap().len(), 1);
}

/// Ten days without a network, eight hours of driving a day: a trip every half hour with 1 Hz points, thirty events
/// (with waveforms of 2 KB) an hour.
#[test]
fn ten_days_offline_lose_nothing_and_fit() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("m.db");
    let mut store = Store::open(Location::File(path.clone()), Options::default()).unwrap();
    let waveform = format!(r#","evidence":[{}1]"#, "-123,".repeat(400));
    let mut seq = 0;
    for n in 0..160u128 {
        let trip_id = id(1_000_000 + n);
        store
            .write(Durability::Process, |tx| {
                seq += 1;
                tx.append(&[trip(seq, 1_000_000 + n, 1, "open", "[]")])?;
                for part in 0..180 {
                    tx.append_track(trip_id, &points(n as i64 * 1_800 + part * 10, 10))?;
                    if part % 12 == 0 {
                        seq += 1;
                        tx.append(&[record(seq, seq.into(), 1, "milepost.event/1", &waveform)])?;
                    }
                }
                seq += 1;
                tx.append(&[trip(seq, 1_000_000 + n, 2, "ended", "[]")])?;
                tx.seal_track(trip_id)
            })
            .unwrap();
        let evicted = store.write(Durability::Process, |tx| tx.evict(&Quota::default(), i64::MAX)).unwrap();
        assert_eq!(evicted.lost, 0);
    }
    assert_eq!(store.read(|db| db.outbox_counts()).unwrap().unsent, 160 * (1 + 15 + 3));
    assert_eq!(store.read(|db| db.track(id(1_000_000))).unwrap().len(), 1_800);
    store.suspend().unwrap();
    let size = std::fs::metadata(&path).unwrap().len();
    assert!(size < 50_000_000, "{size}");
    println!("ten days: {size} bytes");
}
