//! Store, upload machine, HTTP and a server on loopback: everything arrives exactly once, whatever goes wrong between.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use milepost_engine::Uuid;
use milepost_ingest::{Fault, Ingest};
use milepost_store::{Db, Durability, Location, Options, OutboxCounts, Quota, Store};
use milepost_tests::conformance::{self, Subject};
use milepost_tests::made_up::{self, PER_TRIP};
use milepost_tests::phone::{Phone, Step};
use milepost_upload::{Config, Http, HttpOptions, Outcome, Request, Transport, Why};

fn config(server: &Ingest) -> Config {
    Config { max_records: 20, ..Config::new(server.url(), "phone-1", 9) }
}

fn http() -> Http {
    Http::new(&HttpOptions::default()).unwrap()
}

fn phone(server: &Ingest, records: u64) -> Phone {
    let mut store = Store::open(Location::memory(), Options::default()).unwrap();
    let all: Vec<_> = (1..=records).map(|seq| made_up::record(1, seq)).collect();
    store.write(Durability::Process, |tx| tx.append(&all)).unwrap();
    Phone::start(store, config(server)).unwrap()
}

fn counts(phone: &Phone) -> OutboxCounts {
    phone.store.read(|db: &Db<'_>| db.outbox_counts()).unwrap()
}

/// The highest revision of every record, byte for byte, and nothing else.
fn assert_holds_all(server: &Ingest, records: u64) {
    let mut newest = std::collections::BTreeMap::new();
    for record in (1..=records).map(|seq| made_up::record(1, seq)) {
        newest.insert(record.id, record.json);
    }
    let held: std::collections::BTreeMap<Uuid, String> =
        server.records().into_iter().map(|held| (held.id, held.json)).collect();
    assert_eq!(held, newest);
    assert_eq!(server.tally().contradicted, 0);
}

#[test]
fn everything_arrives_once_in_order_and_as_it_was() {
    let server = Ingest::start(0).unwrap();
    let mut phone = phone(&server, 100);
    assert_eq!(phone.deliver(&http(), 50).unwrap(), Some(Step::Idle));
    assert_holds_all(&server, 100);
    let tally = server.tally();
    assert_eq!((tally.repeated, tally.outdated, tally.kept), (0, 0, 90), "first revisions were superseded");
    assert_eq!(counts(&phone), OutboxCounts::default());
    server.stop();
}

#[test]
fn a_track_arrives_and_unpacks_to_the_points_that_were_stored() {
    let server = Ingest::start(0).unwrap();
    let mut phone = phone(&server, PER_TRIP - 1);
    let trip = made_up::trip_id(1, 0);
    let store = &mut phone.store;
    for seq in 1..=PER_TRIP {
        store.write(Durability::Process, |tx| tx.append_track(trip, &made_up::points(seq))).unwrap();
    }
    store.write(Durability::Process, |tx| tx.seal_track(trip)).unwrap();
    assert_eq!(phone.deliver(&http(), 50).unwrap(), Some(Step::Idle));
    let held = server.records();
    let track = held.iter().find(|held| held.json.contains("milepost.track/1")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&track.json).unwrap();
    assert_eq!(json["points"], 100);
    assert_eq!(json["trip_id"], trip.to_string());
    server.stop();
}

#[test]
fn resets_truncations_repeats_and_bad_days_of_the_server_lose_and_double_nothing() {
    let server = Ingest::start(0).unwrap();
    let after = |s: &str| Some(s.to_owned());
    server.misbehave(move |seen| match seen.number % 11 {
        0 => Fault::ResetBefore,
        1 => Fault::Status(500, None),
        2 => Fault::ResetAfter,
        3 => Fault::Status(429, after("30")),
        4 => Fault::Truncate,
        5 => Fault::Repeat,
        6 => Fault::Status(503, after("Thu, 01 Jan 1970 00:00:00 GMT")),
        7 => Fault::Status(408, None),
        8 => Fault::Status(302, None),
        _ => Fault::None,
    });
    let mut phone = phone(&server, 500);
    assert_eq!(phone.deliver(&http(), 1_000).unwrap(), Some(Step::Idle));
    assert_holds_all(&server, 500);
    let tally = server.tally();
    assert!(tally.repeated > 0, "answers were lost, so some came twice: {tally:?}");
    assert_eq!(tally.outdated, 0);
    assert_eq!(counts(&phone), OutboxCounts::default());
    server.stop();
}

#[test]
fn a_process_that_dies_after_every_batch_still_delivers_everything_once() {
    let dir = tempfile::tempdir().unwrap();
    let at = Location::File(dir.path().join("m.db"));
    let server = Ingest::start(0).unwrap();
    server.misbehave(|seen| if seen.number % 3 == 0 { Fault::ResetAfter } else { Fault::None });
    let transport = http();
    let mut store = Store::open(at.clone(), Options::default()).unwrap();
    let all: Vec<_> = (1..=300).map(|seq| made_up::record(1, seq)).collect();
    store.write(Durability::Process, |tx| tx.append(&all)).unwrap();
    drop(store);
    for _ in 0..200 {
        let mut phone = Phone::start(Store::open(at.clone(), Options::default()).unwrap(), config(&server)).unwrap();
        loop {
            match phone.step(&transport, &mut || ()).unwrap() {
                Step::Waited(_) => {}
                Step::Sent(_) => break,
                Step::Idle => {
                    assert_holds_all(&server, 300);
                    return;
                }
                Step::Stuck(why) => panic!("{why:?}"),
            }
        }
    }
    panic!("not delivered after 200 processes");
}

#[test]
fn a_poison_record_is_parked_and_the_thousand_behind_it_arrive() {
    let server = Ingest::start(0).unwrap();
    // Trips go first: this one stands in front of everything.
    let poison = made_up::trip_id(1, 0);
    server.misbehave(move |seen| match seen.keys.iter().any(|(id, _)| *id == poison) {
        true => Fault::Status(422, None),
        false => Fault::None,
    });
    let mut phone = phone(&server, 1_120);
    assert_eq!(phone.deliver(&http(), 1_000).unwrap(), Some(Step::Idle));
    assert_eq!(server.records().len(), 1_120 / 10 * 9 - 1);
    assert_eq!(counts(&phone), OutboxCounts { unsent: 0, parked: 1 });

    // The server is mended.
    server.behave();
    phone.store.write(Durability::Process, |tx| tx.unpark()).unwrap();
    assert_eq!(phone.deliver(&http(), 1_000).unwrap(), Some(Step::Idle));
    assert_holds_all(&server, 1_120);
    server.stop();
}

#[test]
fn records_refused_one_by_one_are_parked_with_the_reason() {
    let server = Ingest::start(0).unwrap();
    let refused = [made_up::trip_id(1, 1), made_up::record(1, 5).id];
    server.misbehave(move |_| Fault::Refuse(refused.to_vec()));
    let mut phone = phone(&server, 100);
    assert_eq!(phone.deliver(&http(), 100).unwrap(), Some(Step::Idle));
    assert_eq!(server.records().len(), 88);
    assert_eq!(counts(&phone).parked, 2);
    server.stop();
}

#[test]
fn a_server_that_asks_for_a_token_gets_it() {
    let server = Ingest::start(0).unwrap();
    server.require_token(Some("sesame"));
    let mut phone = phone(&server, 30);
    assert_eq!(phone.deliver(&http(), 10).unwrap(), Some(Step::Stuck(Why::Token)));
    assert!(server.records().is_empty());
    phone.machine.set_token(Some("sesame".into()));
    assert_eq!(phone.deliver(&http(), 10).unwrap(), Some(Step::Idle));
    assert_holds_all(&server, 30);
    server.stop();
}

#[test]
fn nobody_listening_is_a_wait_and_no_loss() {
    let server = Ingest::start(0).unwrap();
    let mut phone = phone(&server, 30);
    let config = config(&server);
    server.stop();
    assert_eq!(phone.deliver(&http(), 5).unwrap(), None, "it goes on trying");
    assert_eq!(counts(&phone), OutboxCounts { unsent: 27, parked: 0 });

    let server = Ingest::start(0).unwrap();
    let moved = Config { url: server.url(), ..config };
    let mut phone = Phone::start(phone.store, moved).unwrap();
    assert_eq!(phone.deliver(&http(), 5).unwrap(), Some(Step::Idle));
    assert_holds_all(&server, 30);
}

#[test]
fn the_server_of_the_examples_keeps_to_the_protocol() {
    let server = Ingest::start(0).unwrap();
    server.require_token(Some("sesame"));
    let subject = Subject { url: server.url(), token: Some("sesame".into()), seed: 3 };
    for (question, finding) in conformance::ask(&http(), &subject) {
        assert_eq!(finding, Ok(()), "{question}");
    }
    assert_eq!(server.records().iter().map(|held| held.rev).collect::<Vec<_>>(), [1, 2, 1]);
    let wrong = Subject { token: None, ..subject };
    assert!(conformance::ask(&http(), &wrong)[0].1.is_err(), "the questions can be answered wrongly");
    server.stop();
}

#[test]
fn requests_and_answers_are_of_the_documented_shape() {
    let schema = |text: &str| jsonschema::validator_for(&serde_json::from_str(text).unwrap()).unwrap();
    let (batch, answer) =
        (schema(include_str!("../../docs/schema/batch.json")), schema(include_str!("../../docs/schema/answer.json")));

    struct Watch<'a>(Http, &'a jsonschema::Validator, &'a jsonschema::Validator);
    impl Transport for Watch<'_> {
        fn send(&self, request: &Request) -> Outcome {
            let text = request.encoding().unwrap().unpack(&request.body, 1 << 20).unwrap();
            let json = serde_json::from_slice(&text).unwrap();
            self.1.validate(&json).unwrap();
            let outcome = self.0.send(request);
            let Outcome::Answer { body, .. } = &outcome else { panic!("{outcome:?}") };
            self.2.validate(&serde_json::from_slice(body).unwrap()).unwrap();
            outcome
        }
    }

    let server = Ingest::start(0).unwrap();
    let refused = [made_up::trip_id(1, 1)];
    server.misbehave(move |_| Fault::Refuse(refused.to_vec()));
    let mut phone = phone(&server, 400);
    let trip = made_up::trip_id(1, 0);
    let store = &mut phone.store;
    store.write(Durability::Process, |tx| tx.append_track(trip, &made_up::points(1))).unwrap();
    store.write(Durability::Process, |tx| tx.seal_track(trip)).unwrap();
    // Something is dropped, too.
    let small = Quota { max_records: 300, ..Quota::default() };
    store.write(Durability::Process, |tx| tx.evict(&small, 0)).unwrap();
    let watch = Watch(http(), &batch, &answer);
    assert_eq!(phone.deliver(&watch, 50).unwrap(), Some(Step::Idle));
    let held = server.records();
    assert!(
        ["trip", "event", "track", "dropped"]
            .iter()
            .all(|s| held.iter().any(|h| h.json.contains(&format!("milepost.{s}/1"))))
    );
    server.stop();
}
