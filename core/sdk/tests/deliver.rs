//! Uploads by a transport that the core drives itself.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::cell::Cell;

use milepost::upload::{Outcome, Request, Transport, Why};
use milepost::{Milepost, NextUpload, Options, Place};

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
