//! Whatever a server answers, and whatever state an older version saved: the machine settles only what it sent, and goes
//! on. The first two bytes are the status, the third how much of the rest is the Retry-After.

#![no_main]

use libfuzzer_sys::fuzz_target;
use milepost_engine::Uuid;
use milepost_upload::{Config, Item, Machine, Network, Next, Outbox, Outcome, Urgency};

fuzz_target!(|bytes: &[u8]| {
    let [high, low, after, rest @ ..] = bytes else { return };
    let status = u16::from_le_bytes([*low, *high]) % 700;
    let (retry_after, body) = rest.split_at(usize::from(*after).min(rest.len()));
    let text = String::from_utf8_lossy(retry_after).into_owned();
    // What was saved is read as it is, too.
    let mut machine = Machine::new(config(), Some(&text));
    let item = |n: u128| Item { id: Uuid::from_u128(n), rev: 1, urgency: Urgency::Now, json: "{}".into() };
    let outbox = Outbox { unsent: (1..4).map(item).collect(), ..Outbox::empty(Network::Unmetered) };
    let now_ms = 1_700_000_000_000;
    let Next::Send(request) = machine.next(now_ms, &outbox) else { return };
    let outcome = Outcome::Answer { status, retry_after: Some(text), body: body.to_vec() };
    let settled = machine.finished(now_ms, request.batch_id, outcome).expect("it was on its way");
    assert!(settled.acknowledged.iter().all(|key| request.keys.contains(key)));
    assert!(settled.parked.iter().all(|(id, rev, _)| request.keys.contains(&(*id, *rev))));
    assert!(settled.acknowledged.is_empty() || (200..500).contains(&status));
    let mut next = Machine::new(config(), Some(&machine.save()));
    let _ = next.next(now_ms, &outbox);
});

fn config() -> Config {
    Config { compress: false, ..Config::new("https://example.org/v1/batches", "device", 1) }
}
