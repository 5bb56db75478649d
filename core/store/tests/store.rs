//! The store as the shell uses it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod common;

use common::*;
use milepost_engine::sample::MonoTime;
use milepost_store::*;

type R<T> = Result<T, StoreError>;

fn unsent_keys(store: &Store) -> Vec<(milepost_engine::Uuid, u32)> {
    store.read(|db| db.unsent(1_000, 1 << 20)).unwrap().into_iter().map(|u| (u.id, u.rev)).collect()
}

#[test]
fn appending_twice_stores_once_and_drains_in_order() {
    let mut store = memory();
    let records: Vec<_> = (1..=5).map(event).collect();
    assert_eq!(store.write(Durability::Process, |tx| tx.append(&records)).unwrap(), 5);
    assert_eq!(store.write(Durability::Process, |tx| tx.append(&records)).unwrap(), 0);
    let drained = store.read(|db| db.drain(2, 2)).unwrap();
    assert_eq!(drained.iter().map(|s| s.seq).collect::<Vec<_>>(), [3, 4]);
    assert_eq!(drained[0].json, records[2].json);
    store.write(Durability::Process, |tx| tx.ack_host(4)).unwrap();
    store.write(Durability::Process, |tx| tx.ack_host(2)).unwrap();
    assert_eq!(store.read(|db| db.host_seq()).unwrap(), 4);
    store.write(Durability::Process, |tx| tx.ack_host(u64::MAX)).unwrap();
    assert_eq!(store.read(|db| db.host_seq()).unwrap(), 5);
}

#[test]
fn an_engine_that_contradicts_itself_is_refused_and_nothing_is_kept() {
    let mut store = memory();
    store.write(Durability::Process, |tx| tx.append(&[event(1), event(5)])).unwrap();
    let back = store.write(Durability::Process, |tx| tx.append(&[event(6), event(3)]));
    assert!(matches!(back, Err(StoreError::SeqNotRising { seq: 3, last: 6 })));
    let other = record(9, 1, 1, "milepost.event/1", "");
    assert!(matches!(store.write(Durability::Process, |tx| tx.append(&[other])), Err(StoreError::Rewritten { .. })));
    assert_eq!(store.read(|db| db.last_seq()).unwrap(), 5);
    assert_eq!(store.read(|db| db.drain(0, 10)).unwrap().len(), 2);
}

#[test]
fn a_later_revision_supersedes_an_unsent_one_and_both_are_drained() {
    let mut store = memory();
    let revs = [trip(1, 7, 1, "open", "[]"), trip(2, 7, 2, "ended", "[]")];
    store.write(Durability::Power, |tx| tx.append(&revs)).unwrap();
    assert_eq!(unsent_keys(&store), [(id(7), 2)]);
    assert_eq!(store.read(|db| db.drain(0, 10)).unwrap().len(), 2);
    assert_eq!(store.read(|db| db.record(id(7))).unwrap().unwrap().rev, 2);
}

#[test]
fn the_outbox_goes_by_class_then_age_and_positions_newest_first() {
    let mut store = memory();
    let schemas = ["health", "score", "position", "event", "position", "trip", "proof"];
    let records: Vec<_> =
        (1..).zip(schemas).map(|(seq, s)| record(seq, seq.into(), 1, &format!("milepost.{s}/1"), "")).collect();
    store.write(Durability::Process, |tx| tx.append(&records)).unwrap();
    let order: Vec<u128> = unsent_keys(&store).iter().map(|(id, _)| id.as_u128() & 0xff).collect();
    assert_eq!(order, [5, 3, 7, 6, 4, 2, 1]);
    let three = store.read(|db| db.unsent(3, 1 << 20)).unwrap();
    assert_eq!(three.len(), 3);
    let by_bytes = store.read(|db| db.unsent(10, three[0].json.len() * 2 + 10)).unwrap();
    assert_eq!(by_bytes.len(), 2);
    assert_eq!(store.read(|db| db.unsent(10, 0)).unwrap().len(), 1, "one at least");
}

#[test]
fn a_lease_hides_survives_and_comes_back_in_the_same_order() {
    let dir = tempfile::tempdir().unwrap();
    let at = Location::File(dir.path().join("milepost.db"));
    let batch = id(0xb);
    let all = {
        let mut store = Store::open(at.clone(), Options::default()).unwrap();
        let records = [
            record(1, 1, 1, "milepost.position/1", ""),
            record(2, 2, 1, "milepost.position/1", ""),
            event(3),
            event(4),
        ];
        store.write(Durability::Process, |tx| tx.append(&records)).unwrap();
        store.write(Durability::Process, |tx| tx.append_track(id(70), &points(0, 5))).unwrap();
        store.write(Durability::Process, |tx| tx.seal_track(id(70))).unwrap();
        let all = store.read(|db| db.unsent(10, 1 << 20)).unwrap();
        assert_eq!(all.len(), 5);
        let keys: Vec<_> = all.iter().map(|u| (u.id, u.rev)).collect();
        store.write(Durability::Process, |tx| tx.lease(batch, &keys, Carrier::Host, 1)).unwrap();
        assert!(unsent_keys(&store).is_empty());
        all
    };
    let mut store = Store::open(at, Options::default()).unwrap();
    assert!(store.loss().is_none());
    assert_eq!(store.read(|db| db.leased(batch)).unwrap(), all);
    store.write(Durability::Process, |tx| tx.reconcile(&[batch])).unwrap();
    assert!(store.read(|db| db.leases()).unwrap()[0].in_flight);
    store.write(Durability::Process, |tx| tx.reconcile(&[])).unwrap();
    assert!(!store.read(|db| db.leases()).unwrap()[0].in_flight);

    let answer = Settlement {
        acknowledged: vec![(all[0].id, 1), (all[4].id, 1)],
        parked: vec![(all[1].id, 1, "too old".into())],
        keep_lease: false,
    };
    store.write(Durability::Process, |tx| tx.settle(batch, &answer)).unwrap();
    assert_eq!(unsent_keys(&store), [(all[2].id, 1), (all[3].id, 1)]);
    assert!(store.read(|db| db.leases()).unwrap().is_empty());
    assert_eq!(store.read(|db| db.outbox_counts()).unwrap(), OutboxCounts { unsent: 2, parked: 1 });
    assert_eq!(store.write(Durability::Process, |tx| tx.unpark()).unwrap(), 1);
    assert_eq!(unsent_keys(&store).len(), 3);
}

#[test]
fn a_revision_overtaken_while_on_its_way_is_not_sent_again() {
    let mut store = memory();
    store.write(Durability::Process, |tx| tx.append(&[trip(1, 7, 1, "open", "[]")])).unwrap();
    store.write(Durability::Process, |tx| tx.lease(id(9), &[(id(7), 1)], Carrier::BuiltIn, 0)).unwrap();
    store.write(Durability::Process, |tx| tx.append(&[trip(2, 7, 2, "ended", "[]")])).unwrap();
    assert_eq!(store.read(|db| db.leased(id(9))).unwrap().len(), 1);
    store.write(Durability::Process, |tx| tx.settle(id(9), &Settlement::default())).unwrap();
    assert_eq!(unsent_keys(&store), [(id(7), 2)]);
}

#[test]
fn what_is_parked_gets_another_chance_at_its_last_revision_and_what_is_on_its_way_is_left_alone() {
    let mut store = memory();
    let (parked, refused) = (id(8), |rev| Settlement { parked: vec![(id(7), rev, "no".into())], ..Default::default() });
    let park = |store: &mut Store, rev: u32| {
        store.write(Durability::Process, |tx| tx.append(&[trip(rev.into(), 7, rev, "open", "[]")])).unwrap();
        store.write(Durability::Process, |tx| tx.lease(parked, &[(id(7), rev)], Carrier::Host, 0)).unwrap();
        store.write(Durability::Process, |tx| tx.settle(parked, &refused(rev))).unwrap();
    };
    park(&mut store, 1);
    park(&mut store, 2);
    store.write(Durability::Process, |tx| tx.append(&[trip(3, 6, 1, "open", "[]")])).unwrap();
    store.write(Durability::Process, |tx| tx.lease(id(9), &[(id(6), 1)], Carrier::Host, 0)).unwrap();
    store.write(Durability::Process, |tx| tx.append(&[trip(4, 6, 2, "ended", "[]")])).unwrap();
    assert_eq!(store.write(Durability::Process, |tx| tx.unpark()).unwrap(), 1);
    assert_eq!(unsent_keys(&store), [(id(7), 2), (id(6), 2)]);
    assert_eq!(store.read(|db| db.outbox_counts()).unwrap().parked, 0);
    let leased = store.read(|db| db.leased(id(9))).unwrap();
    assert_eq!(leased.iter().map(|u| (u.id, u.rev)).collect::<Vec<_>>(), [(id(6), 1)]);
    assert_eq!(store.write(Durability::Process, |tx| tx.unpark()).unwrap(), 0);
}

#[test]
fn trips_are_found_by_time_driver_vehicle_and_tag_and_paged() {
    let mut store = memory();
    let mut trips: Vec<_> = (1..=7).map(|n| trip(n, n.into(), 1, "ended", r#"["shift"]"#)).collect();
    trips[2].driver_id = Some("ben".into());
    trips[3].vehicle_id = Some("van".into());
    trips.push(trip(8, 1, 2, "ended", r#"["other"]"#));
    trips.push(trip(9, 2, 2, "discarded", r#"["shift"]"#));
    store.write(Durability::Power, |tx| tx.append(&trips)).unwrap();
    let find = |store: &Store, query: TripQuery| -> Vec<u128> {
        store.read(|db| db.trips(&query)).unwrap().trips.iter().map(|t| t.id.as_u128() & 0xff).collect()
    };
    let all = TripQuery::default();
    assert_eq!(find(&store, all.clone()), [7, 6, 5, 4, 3, 1]);
    assert_eq!(find(&store, TripQuery { discarded: true, ..all.clone() }).len(), 7);
    assert_eq!(find(&store, TripQuery { tag: Some("shift".into()), ..all.clone() }), [7, 6, 5, 4, 3]);
    assert_eq!(find(&store, TripQuery { tag: Some("other".into()), ..all.clone() }), [1]);
    assert_eq!(find(&store, TripQuery { driver_id: Some("ben".into()), ..all.clone() }), [3]);
    assert_eq!(find(&store, TripQuery { vehicle_id: Some("van".into()), ..all.clone() }), [4]);
    // Trip n begins a second before its record.
    let from = 1_700_000_000_000 + 4_000;
    assert_eq!(find(&store, TripQuery { from_ms: Some(from), to_ms: Some(from + 1_001), ..all.clone() }), [6, 5]);
    let page = store.read(|db| db.trips(&TripQuery { limit: 4, ..all.clone() })).unwrap();
    assert_eq!((page.trips.len(), page.next), (4, Some(4)));
    assert_eq!(find(&store, TripQuery { limit: 4, before: page.next, ..all.clone() }), [3, 1]);

    let before = store.read(|db| db.trips(&all)).unwrap();
    store.write(Durability::Process, |tx| tx.rebuild()).unwrap();
    assert_eq!(store.read(|db| db.trips(&all)).unwrap(), before, "rebuilding changes nothing");
    assert_eq!(find(&store, TripQuery { tag: Some("shift".into()), ..all }), [7, 6, 5, 4, 3]);
    assert_eq!(store.read(|db| db.trip_records(id(1))).unwrap().len(), 1);
}

#[test]
fn trips_are_found_by_where_they_began_or_ended() {
    let mut store = memory();
    let ends =
        [("[13.4,52.5]", "[13.5,52.6]"), ("[2.3,48.8]", "[13.45,52.55]"), ("[179.9,-17.0]", "null"), ("null", "null")];
    store
        .write::<_, StoreError>(Durability::Process, |tx| {
            for (seq, (start, end)) in (1..).zip(ends) {
                let more = format!(r#","status":"ended","start_t_s":1.0,"end_t_s":2.0,"start":{start},"end":{end}"#);
                tx.append(&[record(seq, seq.into(), 1, "milepost.trip/1", &more)])?;
            }
            Ok(())
        })
        .unwrap();
    let near = |lat_deg, lon_deg, radius_m| -> Vec<u64> {
        let near = Some(Near { centre: milepost_engine::geo::LatLon { lat_deg, lon_deg }, radius_m });
        let page = store.read(|db| db.trips(&TripQuery { near, ..TripQuery::default() })).unwrap();
        page.trips.iter().map(|trip| trip.seq).collect()
    };
    // A hundredth of a degree of longitude is 678 m in Berlin.
    assert_eq!((near(52.5, 13.41, 677.0), near(52.5, 13.41, 680.0)), (vec![], vec![1]));
    assert_eq!(near(52.55, 13.45, 10_000.0), [2, 1]);
    assert_eq!(near(48.8, 2.3, 0.0), [2], "the rim is included, and a beginning is enough");
    assert_eq!(near(0.5, 0.5, 100_000.0), [0u64; 0], "a trip whose ends are unknown is nowhere");
    assert_eq!(near(-17.0, -179.9, 25_000.0), [3], "across the antimeridian");
}

#[test]
fn a_stretch_of_a_track_is_read_without_the_rest() {
    let mut store = memory();
    store.write(Durability::Process, |tx| tx.append_track(id(1), &points(0, 2_000))).unwrap();
    let at = |s: i64| MonoTime(s * 1_000_000_000);
    for (from, to) in [(0, 1_999), (595, 605), (1_300, 1_300), (1_900, 5_000), (3_000, 4_000)] {
        let some = store.read(|db| db.track_between(id(1), at(from), at(to))).unwrap();
        let times: Vec<i64> = some.iter().map(|p| p.t.0 / 1_000_000_000).collect();
        assert_eq!(times, (from..=to.min(1_999)).collect::<Vec<_>>());
    }
}

#[test]
fn a_track_grows_in_chunks_and_comes_back_whole() {
    let mut store = memory();
    let all = points(0, 1_500);
    for (n, some) in all.chunks(7).enumerate() {
        // A crash between two of these makes the shell say some again.
        let again = &all[(n * 7).saturating_sub(3)..n * 7 + some.len()];
        let new = store.write(Durability::Process, |tx| tx.append_track(id(7), again)).unwrap();
        assert_eq!(new, some.len());
    }
    assert_eq!(unsent_keys(&store).len(), 2, "full chunks are ready, the last grows");
    store.write(Durability::Process, |tx| tx.seal_track(id(7))).unwrap();
    let unsent = store.read(|db| db.unsent(10, 1 << 20)).unwrap();
    assert_eq!(unsent.len(), 3);
    assert!(unsent.iter().all(|u| u.class == Class::Track && u.json.contains("milepost.track/1")));
    let back = store.read(|db| db.track(id(7))).unwrap();
    assert_eq!(back.iter().map(|p| p.t).collect::<Vec<_>>(), all.iter().map(|p| p.t).collect::<Vec<_>>());
    store.write(Durability::Process, |tx| tx.discard_track(id(7))).unwrap();
    assert!(store.read(|db| db.track(id(7))).unwrap().is_empty());
}

#[test]
fn points_that_come_after_the_end_of_their_trip_are_ready_at_once() {
    let mut store = memory();
    store.write(Durability::Power, |tx| tx.append(&[trip(1, 7, 1, "ended", "[]")])).unwrap();
    store.write(Durability::Process, |tx| tx.append_track(id(7), &points(0, 3))).unwrap();
    assert_eq!(unsent_keys(&store).len(), 2);
}

#[test]
fn snapshot_and_records_are_one_transaction() {
    let mut store = memory();
    let failed: R<()> = store.write(Durability::Process, |tx| {
        tx.append(&[event(1)])?;
        tx.set_snapshot(&Snapshot { version: 3, after_seq: 1, bytes: vec![1, 2] })?;
        Err(StoreError::Busy)
    });
    assert!(failed.is_err());
    assert_eq!(store.read(|db| db.snapshot()).unwrap(), None);
    assert_eq!(store.read(|db| db.last_seq()).unwrap(), 0);
    let snapshot = Snapshot { version: 3, after_seq: 0, bytes: vec![9; 100_000] };
    store.write(Durability::Process, |tx| tx.set_snapshot(&snapshot)).unwrap();
    assert_eq!(store.read(|db| db.snapshot()).unwrap(), Some(snapshot));
    store.write(Durability::Process, |tx| tx.set_meta("device_id", "d1")).unwrap();
    assert_eq!(store.read(|db| db.meta("device_id")).unwrap().as_deref(), Some("d1"));
}

#[test]
fn suspend_lets_go_of_everything_and_resume_takes_it_back() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("milepost.db");
    let mut store = Store::open(Location::File(path.clone()), Options::default()).unwrap();
    let reader = store.reader();
    store.write(Durability::Process, |tx| tx.append(&[event(1)])).unwrap();
    assert_eq!(reader.read(|db| db.last_seq()).unwrap(), 1);
    store.suspend().unwrap();
    assert!(matches!(reader.read(|db| db.last_seq()), Err(StoreError::Suspended)));
    assert!(matches!(store.write(Durability::Process, |tx| tx.ack_host(1)), Err(StoreError::Suspended)));
    assert!(!dir.path().join("milepost.db-wal").exists(), "no log, no lock");
    store.resume().unwrap();
    store.resume().unwrap();
    assert_eq!(reader.read(|db| db.last_seq()).unwrap(), 1);
    store.write(Durability::Process, |tx| tx.append(&[event(2)])).unwrap();
    assert_eq!(reader.read(|db| db.last_seq()).unwrap(), 2);
}

#[test]
fn a_reader_in_the_middle_neither_blocks_the_writer_nor_sees_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::open(Location::File(dir.path().join("m.db")), Options::default()).unwrap();
    let reader = store.reader();
    reader
        .read(|db| {
            assert_eq!(db.last_seq()?, 0);
            store.write(Durability::Process, |tx| tx.append(&[event(1)]))?;
            assert_eq!(db.last_seq()?, 0);
            Ok::<_, StoreError>(())
        })
        .unwrap();
    assert_eq!(reader.read(|db| db.last_seq()).unwrap(), 1);
}

#[test]
fn a_memory_store_has_readers_too() {
    let mut store = memory();
    let reader = store.reader();
    store.write(Durability::Process, |tx| tx.append(&[event(1)])).unwrap();
    assert_eq!(reader.read(|db| db.last_seq()).unwrap(), 1);
    store.suspend().unwrap();
    store.resume().unwrap();
    assert_eq!(reader.read(|db| db.last_seq()).unwrap(), 1);
    assert_eq!(memory().read(|db| db.last_seq()).unwrap(), 0, "another one");
}
