//! Uploads by a transport that the core drives itself.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use std::cell::Cell;

use milepost::engine::Uuid;
use milepost::upload::{Outcome, Request, Transport, Why};
use milepost::{Milepost, NextUpload, Options, Place};
use serde_json::{Value, json};

/// Answers with one status after the other, and then with none.
struct Server {
    statuses: Vec<u16>,
    sent: Cell<usize>,
}

impl Transport for Server {
    fn send(&self, request: &Request) -> Outcome {
        let n = self.sent.replace(self.sent.get() + 1);
        match self.statuses.get(n) {
            Some(status) => {
                let body = format!(r#"{{"acked_batch":"{}"}}"#, request.batch_id).into_bytes();
                Outcome::Answer { status: *status, retry_after: None, body }
            }
            None => Outcome::NetworkError("no such host".to_owned()),
        }
    }
}

fn server(statuses: &[u16]) -> Server {
    Server { statuses: statuses.to_vec(), sent: Cell::new(0) }
}

/// Refuses every record until it is updated.
struct Refusing {
    updated: Cell<bool>,
}

impl Transport for Refusing {
    fn send(&self, request: &Request) -> Outcome {
        let told = |(id, rev): &(Uuid, u32)| json!({"id": id.to_string(), "rev": rev, "reason": "unknown kind"});
        let all: Vec<_> = request.keys.iter().map(told).collect();
        let answer = if self.updated.get() { json!({"acked": all}) } else { json!({"refused": all}) };
        Outcome::Answer { status: 200, retry_after: None, body: answer.to_string().into_bytes() }
    }
}

/// What is unsent and what is parked.
fn outbox(milepost: &Milepost) -> (u64, u64) {
    let all: Value = serde_json::from_str(&milepost.diagnostics().unwrap()).unwrap();
    (all["outbox"]["unsent"].as_u64().unwrap(), all["outbox"]["parked"].as_u64().unwrap())
}

/// A phone with something to say.
fn phone(folder: &std::path::Path) -> Milepost {
    let mut options = Options::new(Place::Folder(folder.to_owned()), "", "").unwrap();
    options.seed = Some(9);
    options.upload_url = Some("http://127.0.0.1/ingest".to_owned());
    let milepost = Milepost::open(options).unwrap();
    milepost.command(1, "provider", "off").unwrap();
    milepost.end_input().unwrap();
    milepost.flush().unwrap();
    milepost
}

#[test]
fn given_records_when_delivered_then_they_go_until_nothing_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let milepost = phone(folder.path());
    let server = server(&[200, 200]);
    assert_eq!(milepost.deliver(&server, true).unwrap(), NextUpload::Idle);
    let sent = server.sent.get();
    assert!(sent > 0);
    assert_eq!(milepost.deliver(&server, true).unwrap(), NextUpload::Idle);
    assert_eq!(server.sent.get(), sent, "nothing is sent twice");
}

#[test]
fn given_a_server_that_fails_or_wants_a_token_when_delivered_then_it_stops_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let milepost = phone(folder.path());
    milepost.set_token(Some("old".to_owned())).unwrap();
    let next = milepost.deliver(&server(&[401]), true).unwrap();
    assert!(matches!(next, NextUpload::Wait { why: Why::Token, .. }), "{next:?}");
    milepost.set_token(Some("new".to_owned())).unwrap();
    let next = milepost.deliver(&server(&[]), true).unwrap();
    assert!(matches!(next, NextUpload::Wait { why: Why::Backoff, until_ms: Some(_) }), "{next:?}");
}

#[test]
fn given_records_that_a_server_refused_when_unparked_then_they_are_sent_again_and_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let milepost = phone(folder.path());
    let server = Refusing { updated: Cell::new(false) };
    assert_eq!(milepost.deliver(&server, true).unwrap(), NextUpload::Idle);
    let (unsent, parked) = outbox(&milepost);
    assert!(unsent == 0 && parked > 0, "{unsent} {parked}");
    server.updated.set(true);
    assert_eq!(milepost.deliver(&server, true).unwrap(), NextUpload::Idle);
    assert_eq!(outbox(&milepost), (0, parked), "refused is refused, until somebody asks");
    assert_eq!(milepost.unpark().unwrap(), parked);
    assert_eq!(outbox(&milepost), (parked, 0));
    assert_eq!(milepost.deliver(&server, true).unwrap(), NextUpload::Idle);
    assert_eq!(outbox(&milepost), (0, 0));
    assert_eq!(milepost.unpark().unwrap(), 0);
}
