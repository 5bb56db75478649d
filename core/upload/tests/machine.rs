//! What each answer does, one by one, in virtual time.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use milepost_engine::Uuid;
use milepost_upload::*;

const DAY: i64 = 86_400_000;
const MINUTE: i64 = 60_000;
/// Between batches that are not urgent.
const INTERVAL: i64 = 30 * MINUTE;

fn item(n: u128, urgency: Urgency) -> Item {
    let id = Uuid::from_u128(n);
    Item { id, rev: 1, urgency, json: format!(r#"{{"id":"{id}","rev":1}}"#) }
}

fn outbox(items: impl IntoIterator<Item = Item>) -> Outbox {
    Outbox { unsent: items.into_iter().collect(), ..Outbox::empty(Network::Metered) }
}

fn soon(n: u128) -> Outbox {
    outbox((1..=n).map(|n| item(n, Urgency::Soon)))
}

fn config() -> Config {
    Config { max_records: 8, ..Config::new("http://x/v1/batches", "phone \"7\"", 42) }
}

fn machine() -> Machine {
    Machine::new(config(), None)
}

fn send(next: Next) -> Request {
    let Next::Send(request) = next else { panic!("{next:?}") };
    request
}

fn status(status: u16) -> Outcome {
    Outcome::Answer { status, retry_after: None, body: Vec::new() }
}

fn retry(status: u16, after: &str) -> Outcome {
    Outcome::Answer { status, retry_after: Some(after.into()), body: Vec::new() }
}

fn acked(keys: &[Key]) -> Outcome {
    let list: Vec<_> = keys.iter().map(|(id, rev)| format!(r#"{{"id":"{id}","rev":{rev}}}"#)).collect();
    Outcome::Answer { status: 200, retry_after: None, body: format!(r#"{{"acked":[{}]}}"#, list.join(",")).into() }
}

fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
}

#[test]
fn a_batch_is_an_envelope_around_the_records_as_they_are() {
    let mut machine = machine();
    machine.set_token(Some("secret".into()));
    let request = send(machine.next(0, &soon(2)));
    let text = zstd::decode_all(request.body.as_slice()).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&text).unwrap();
    assert_eq!(json["device_id"], "phone \"7\"");
    assert_eq!(json["records"][1]["id"], request.keys[1].0.to_string());
    assert_eq!(json["batch_id"], request.batch_id.to_string());
    assert_eq!(header(&request, "Idempotency-Key"), Some(format!("\"{}\"", request.batch_id).as_str()));
    assert_eq!(header(&request, "Authorization"), Some("Bearer secret"));
    assert_eq!(request.batch_id.get_version_num(), 7);
    assert!(!machine.save().contains("secret"), "a token is kept in memory only");
}

#[test]
fn what_is_acknowledged_is_settled_and_the_next_batch_waits_its_interval() {
    let mut machine = machine();
    let request = send(machine.next(0, &soon(3)));
    assert_eq!(machine.next(1, &soon(3)), Next::Wait { until_ms: None, why: Why::InFlight });
    let settled = machine.finished(10, request.batch_id, acked(&request.keys)).unwrap();
    assert_eq!(settled, Settled { acknowledged: request.keys.clone(), ..Settled::default() });
    assert_eq!(machine.finished(11, request.batch_id, acked(&request.keys)), None, "an answer that comes twice");
    assert_eq!(machine.next(11, &soon(0)), Next::Idle);
    assert_eq!(machine.next(11, &soon(1)), Next::Wait { until_ms: Some(10 + INTERVAL), why: Why::Interval });
    let mut hurried = [outbox([item(5, Urgency::Now)]), Outbox { flush: true, ..soon(1) }, soon(8), soon(9)];
    for outbox in &mut hurried {
        let mut machine = machine.clone();
        assert!(!send(machine.next(11, outbox)).keys.is_empty());
    }
    assert_eq!(send(machine.next(10 + INTERVAL, &soon(1))).keys.len(), 1);
}

#[test]
fn failures_of_server_and_network_send_the_same_batch_again_later() {
    for outcome in [status(408), status(425), status(429), status(500), status(503), status(302), status(407)]
        .into_iter()
        .chain([Outcome::NetworkError("reset".into()), acked(&[]).truncated(5), status(200)])
    {
        let mut machine = machine();
        let request = send(machine.next(0, &soon(3)));
        let settled = machine.finished(100, request.batch_id, outcome.clone()).unwrap();
        assert_eq!(settled, Settled { keep_lease: true, ..Settled::default() }, "{outcome:?}");
        let leased = Leased { batch_id: request.batch_id, items: soon(3).unsent };
        let again = Outbox { retry: Some(leased), ..soon(0) };
        let later = send(machine.next(100 + 2_001, &again));
        assert_eq!(later, request, "{outcome:?}");
    }
}

trait Truncated {
    fn truncated(self, to: usize) -> Self;
}

impl Truncated for Outcome {
    fn truncated(mut self, to: usize) -> Self {
        if let Outcome::Answer { body, .. } = &mut self {
            body.truncate(to);
        }
        self
    }
}

#[test]
fn backoff_grows_to_its_cap_and_survives_a_restart() {
    let mut machine = machine();
    let (mut now, mut longest) = (0, 0);
    let mut retry = None;
    for n in 1..60 {
        let request = send(machine.next(now, &Outbox { retry: retry.take(), ..soon(3) }));
        machine.finished(now, request.batch_id, status(500)).unwrap();
        retry = Some(Leased { batch_id: request.batch_id, items: soon(3).unsent });
        machine = Machine::new(config(), Some(&machine.save()));
        if let Next::Wait { until_ms, why } = machine.next(now, &Outbox { retry: retry.clone(), ..soon(0) }) {
            assert_eq!(why, Why::Backoff);
            let wait = until_ms.unwrap() - now;
            assert!(wait <= (2_000 << (n - 1).min(20)).min(15 * MINUTE));
            longest = longest.max(wait);
        }
        now += 15 * MINUTE + 1;
    }
    assert!(longest > 12 * MINUTE, "{longest}");
}

#[test]
fn retry_after_is_honoured_but_not_for_ever() {
    for (after, from, to) in [
        ("120", 120_000, 120_000),
        ("Thu, 01 Jan 1970 00:05:00 GMT", 300_000, 300_000),
        ("99999999999", MAX_RETRY_AFTER_MS, MAX_RETRY_AFTER_MS),
        ("soon", 0, 2_000),
    ] {
        let mut machine = machine();
        let request = send(machine.next(0, &soon(3)));
        machine.finished(0, request.batch_id, retry(429, after)).unwrap();
        let until = match machine.next(0, &soon(3)) {
            Next::Wait { until_ms, .. } => until_ms.unwrap(),
            _ => 0,
        };
        assert!((from..=to).contains(&until), "{after}: {until}");
    }
}

#[test]
fn a_wall_clock_that_is_set_back_a_year_or_forward_ten_does_not_stop_the_upload() {
    let year = 365 * 24 * 60 * MINUTE;
    let mut machine = machine();
    let request = send(machine.next(20 * year, &soon(3)));
    machine.finished(20 * year, request.batch_id, retry(503, "60")).unwrap();
    assert_eq!(machine.next(19 * year, &soon(3)), Next::Wait { until_ms: Some(19 * year + MINUTE), why: Why::Backoff });
    send(machine.clone().next(19 * year + MINUTE, &soon(3)));
    send(machine.next(30 * year, &soon(3)));
}

#[test]
fn without_a_good_token_the_host_is_asked() {
    let mut machine = machine();
    machine.set_token(Some("old".into()));
    let request = send(machine.next(0, &soon(3)));
    let settled = machine.finished(0, request.batch_id, status(401)).unwrap();
    assert!(settled.need_token && settled.keep_lease);
    assert_eq!(machine.next(1, &soon(3)), Next::Wait { until_ms: None, why: Why::Token });
    machine.set_token(Some("new".into()));
    let request = send(machine.next(1, &soon(3)));
    assert_eq!(header(&request, "Authorization"), Some("Bearer new"));
    // A second bad token in a row also waits, or two bad programs would talk to each other all day.
    assert!(machine.finished(1, request.batch_id, status(401)).unwrap().need_token);
    machine.set_token(Some("newer".into()));
    let next = machine.next(1, &soon(3));
    assert!(matches!(next, Next::Wait { why: Why::Backoff, .. } | Next::Send(_)));
}

#[test]
fn a_poison_record_in_front_of_a_thousand_is_found_and_parked() {
    for n in [400, 403, 404, 409, 410, 413, 422, 451] {
        let mut machine = machine();
        let mut waiting: Vec<Item> = (0..1_000).map(|n| item(n, Urgency::Soon)).collect();
        let (mut parked, mut arrived, mut requests) = (Vec::new(), 0, 0);
        while !waiting.is_empty() {
            requests += 1;
            assert!(requests < 200);
            let request = send(machine.next(0, &outbox(waiting.clone())));
            let poisoned = request.keys.contains(&(Uuid::from_u128(0), 1));
            let outcome = if poisoned { status(n) } else { acked(&request.keys) };
            let settled = machine.finished(0, request.batch_id, outcome).unwrap();
            waiting
                .retain(|i| !settled.acknowledged.contains(&(i.id, 1)) && !settled.parked.iter().any(|p| p.0 == i.id));
            arrived += settled.acknowledged.len();
            parked.extend(settled.parked);
        }
        assert_eq!(arrived, 999);
        assert_eq!(parked.len(), 1);
        assert!(parked[0].2.contains(&n.to_string()) || n == 413, "{}", parked[0].2);
    }
}

#[test]
fn a_server_that_refuses_everything_is_asked_ever_more_rarely() {
    let mut machine = machine();
    let mut asked_at_once = 0;
    for n in 0..200 {
        match machine.next(0, &outbox((n..n + 1).map(|n| item(n, Urgency::Now)))) {
            Next::Send(request) => {
                asked_at_once += 1;
                machine.finished(0, request.batch_id, status(404)).unwrap();
            }
            Next::Wait { why, .. } => assert_eq!(why, Why::Backoff),
            Next::Idle => panic!(),
        }
    }
    assert!((REFUSALS_IN_A_ROW..REFUSALS_IN_A_ROW + 8).contains(&asked_at_once), "{asked_at_once}");
}

#[test]
fn refused_records_are_parked_with_the_servers_reason_and_unnamed_ones_stay() {
    let mut machine = machine();
    let request = send(machine.next(0, &soon(3)));
    let [(a, _), (b, _), (c, _)] = request.keys[..] else { panic!() };
    let body = format!(
        r#"{{"acked":[{{"id":"{a}","rev":9}},{{"id":"{}","rev":1}}],"refused":[{{"id":"{b}","rev":1,"reason":"no"}},{{"id":"{c}","rev":7}}]}}"#,
        Uuid::max()
    );
    let outcome = Outcome::Answer { status: 207, retry_after: None, body: body.into() };
    let settled = machine.finished(0, request.batch_id, outcome).unwrap();
    assert_eq!(settled.acknowledged, [(a, 1)]);
    assert_eq!(settled.parked, [(b, 1, "no".into())]);
    assert!(!settled.keep_lease);
}

#[test]
fn a_server_that_cannot_read_zstd_gets_plain_json() {
    let mut machine = machine();
    let request = send(machine.next(0, &soon(3)));
    assert_eq!(header(&request, "Content-Encoding"), Some("zstd"));
    assert!(machine.finished(0, request.batch_id, status(415)).unwrap().keep_lease);
    let leased = Leased { batch_id: request.batch_id, items: soon(3).unsent };
    let again = send(machine.next(0, &Outbox { retry: Some(leased), ..soon(0) }));
    assert_eq!((again.batch_id, header(&again, "Content-Encoding")), (request.batch_id, None));
    assert!(again.body.starts_with(b"{\"schema\":\"milepost.batch/1\""));
    // It had its chance.
    let settled = machine.finished(0, again.batch_id, status(415)).unwrap();
    assert!(!settled.keep_lease && machine.limits().records == 1);
}

#[test]
fn network_rules_hold_back_what_they_say() {
    let bulk = Config { bulk_rule: NetworkRule::UnmeteredCharging, ..config() };
    let mixed = outbox([item(1, Urgency::Soon), item(2, Urgency::Bulk)]);
    let none = Outbox { network: Network::None, ..mixed.clone() };
    let wait = Next::Wait { until_ms: None, why: Why::Network };
    let new = || Machine::new(bulk.clone(), None);
    assert_eq!(new().next(0, &none), wait);
    assert_eq!(send(new().next(0, &mixed)).keys.len(), 1);
    assert_eq!(new().next(0, &outbox([item(2, Urgency::Bulk)])), wait);
    let charging = Outbox { network: Network::Unmetered, charging: true, ..mixed.clone() };
    assert_eq!(send(new().next(0, &charging)).keys.len(), 2);
    let mut strict = Machine::new(Config { rule: NetworkRule::Unmetered, ..config() }, None);
    assert_eq!(strict.next(0, &mixed), wait);
}

#[test]
fn the_server_can_slow_down_and_stop_its_senders() {
    let mut machine = machine();
    let request = send(machine.next(0, &soon(3)));
    let mut outcome = acked(&request.keys);
    if let Outcome::Answer { body, .. } = &mut outcome {
        body.pop();
        body.extend_from_slice(br#","control":{"min_interval_s":600,"pause_s":3600000}}"#);
    }
    let settled = machine.finished(0, request.batch_id, outcome).unwrap();
    assert_eq!(settled.acknowledged.len(), 3);
    let mut machine = Machine::new(config(), Some(&machine.save()));
    let flush = Outbox { flush: true, ..soon(3) };
    assert_eq!(machine.next(9, &flush), Next::Wait { until_ms: Some(MAX_PAUSE_MS), why: Why::Paused });
    let request = send(machine.next(MAX_PAUSE_MS, &flush));
    machine.finished(MAX_PAUSE_MS, request.batch_id, acked(&request.keys)).unwrap();
    let until = Some(MAX_PAUSE_MS + 10 * MINUTE);
    assert_eq!(machine.next(MAX_PAUSE_MS, &soon(3)), Next::Wait { until_ms: until, why: Why::Interval });
}

#[test]
fn the_server_can_hurry_its_senders_but_not_to_more_than_once_a_minute() {
    for (asked_s, waits) in [(120, 2 * MINUTE), (1, MINUTE), (0, config().min_interval_ms)] {
        let mut machine = machine();
        let request = send(machine.next(0, &soon(3)));
        let mut outcome = acked(&request.keys);
        if let Outcome::Answer { body, .. } = &mut outcome {
            body.pop();
            body.extend_from_slice(format!(r#","control":{{"min_interval_s":{asked_s}}}}}"#).as_bytes());
        }
        machine.finished(0, request.batch_id, outcome).unwrap();
        assert_eq!(machine.next(0, &soon(3)), Next::Wait { until_ms: Some(waits), why: Why::Interval }, "{asked_s} s");
    }
}

#[test]
fn a_whole_batch_is_acknowledged_by_its_own_id_and_by_no_other() {
    let answer = |body: String| Outcome::Answer { status: 200, retry_after: None, body: body.into_bytes() };
    let mut machine = machine();
    let request = send(machine.next(0, &soon(3)));
    let (refused, rev) = request.keys[1];
    let body = format!(r#"{{"acked_batch":"{}","refused":[{{"id":"{refused}","rev":{rev}}}]}}"#, request.batch_id);
    let settled = machine.finished(0, request.batch_id, answer(body)).unwrap();
    assert_eq!(settled.acknowledged, [request.keys[0], request.keys[2]]);
    assert_eq!(settled.parked, [(refused, rev, "refused".to_owned())]);

    let request = send(machine.next(DAY, &soon(3)));
    let settled = machine.finished(DAY, request.batch_id, answer(format!(r#"{{"acked_batch":"{refused}"}}"#))).unwrap();
    assert_eq!((settled.acknowledged.len(), settled.parked.len()), (0, 0));
}

#[test]
fn a_batch_left_by_a_former_process_is_adopted() {
    let mut machine = machine();
    let request = send(machine.next(0, &soon(3)));
    let mut next_process = Machine::new(config(), Some(&machine.save()));
    assert_eq!(next_process.finished(1, request.batch_id, acked(&request.keys)), None);
    next_process.adopt(request.batch_id, request.keys.clone());
    assert_eq!(next_process.finished(1, request.batch_id, acked(&request.keys)).unwrap().acknowledged.len(), 3);
    let other = send(next_process.next(1, &Outbox { flush: true, ..soon(1) }));
    assert_ne!(other.batch_id, request.batch_id);
}

#[test]
fn a_state_that_cannot_be_read_is_a_fresh_start() {
    for saved in ["", "{}", "null", "{\"batches\":-1}"] {
        assert!(matches!(Machine::new(config(), Some(saved)).next(0, &soon(1)), Next::Send(_)));
    }
}

fn offers(keys: &[Key], version: u32) -> Outcome {
    let Outcome::Answer { status, retry_after, body } = acked(keys) else { panic!() };
    let body =
        String::from_utf8(body).unwrap().replacen('{', &format!(r#"{{"control":{{"dictionary":{version}}},"#), 1);
    Outcome::Answer { status, retry_after, body: body.into() }
}

#[test]
fn given_a_server_that_offers_the_dictionary_then_bodies_refer_to_it_until_it_offers_it_no_more() {
    let mut machine = machine();
    let first = send(machine.next(0, &soon(8)));
    assert_eq!(header(&first, "Content-Encoding"), Some("zstd"), "before anything was offered");
    machine.finished(1, first.batch_id, offers(&first.keys, 1)).unwrap();
    let mut machine = Machine::new(config(), Some(&machine.save()));
    let second = send(machine.next(2, &soon(8)));
    assert_eq!(header(&second, "Content-Encoding"), Some("zstd-milepost-1"), "a restart forgets nothing");
    assert!(second.body.len() < first.body.len());
    let text = Encoding::Dictionary.unpack(&second.body, 1 << 20).unwrap();
    assert!(String::from_utf8(text).unwrap().contains(&second.batch_id.to_string()));
    machine.finished(3, second.batch_id, acked(&second.keys)).unwrap();
    let third = send(machine.next(4, &soon(8)));
    assert_eq!(header(&third, "Content-Encoding"), Some("zstd"), "an older server took over");
    machine.finished(5, third.batch_id, offers(&third.keys, 2)).unwrap();
    assert_eq!(header(&send(machine.next(6, &soon(8))), "Content-Encoding"), Some("zstd"), "a version of others");
}

#[test]
fn given_a_server_that_offers_the_dictionary_and_refuses_it_then_the_batch_goes_with_plain_zstd_and_so_do_all_others() {
    let mut machine = machine();
    let first = send(machine.next(0, &soon(8)));
    machine.finished(1, first.batch_id, offers(&first.keys, 1)).unwrap();
    let second = send(machine.next(2, &soon(8)));
    let settled = machine.finished(3, second.batch_id, status(415)).unwrap();
    assert!(settled.keep_lease && settled.parked.is_empty());
    let retry = Outbox { retry: Some(Leased { batch_id: second.batch_id, items: soon(8).unsent }), ..soon(0) };
    let again = send(machine.next(4, &retry));
    assert_eq!((header(&again, "Content-Encoding"), again.batch_id), (Some("zstd"), second.batch_id));
    machine.finished(5, again.batch_id, offers(&again.keys, 1)).unwrap();
    assert_eq!(
        header(&send(machine.next(6, &soon(8))), "Content-Encoding"),
        Some("zstd"),
        "it will not be asked again"
    );
}

#[test]
fn what_a_machine_saved_before_there_was_a_dictionary_is_read() {
    let mut machine = machine();
    send(machine.next(0, &soon(1)));
    let saved = machine.save().replace(r#","dictionary":"unknown""#, "");
    assert!(!saved.contains("dictionary") && Machine::new(config(), Some(&saved)).save() == machine.save());
}
