//! The machine in a random world, against a model that is as plain as can be: what must it do at every step?

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use std::collections::{BTreeMap, BTreeSet};

use milepost_engine::Uuid;
use milepost_upload::*;
use proptest::prelude::*;

const MAX_RECORDS: usize = 12;
const INTERVAL_MS: i64 = 60_000;
const BASE_MS: i64 = 2_000;
const CAP_MS: i64 = 900_000;

#[derive(Clone, Debug)]
enum Step {
    Pass(i64),
    Append { n: u8, urgent: bool, poison: bool },
    Poll { flush: bool },
    Answer(Reply),
    Restart,
    Token,
    Network(bool),
}

#[derive(Clone, Debug)]
enum Reply {
    /// The server keeps what is not poison, and says so; the answer may name only the first few.
    Good {
        names: u8,
    },
    /// The server keeps what is not poison, but nobody hears of it.
    Lost,
    /// Nothing came of it.
    Status(u16, Option<i64>),
    Unreachable,
    Unauthorised,
    /// The whole batch is refused if there is poison in it.
    AllOrNothing,
    TooLarge,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let reply = prop_oneof![
        4 => any::<u8>().prop_map(|names| Reply::Good { names }),
        4 => Just(Reply::Good { names: u8::MAX }),
        1 => Just(Reply::Lost),
        2 => (prop::sample::select(vec![408u16, 425, 429, 500, 502, 503, 301, 407]), prop::option::of(0..4_000i64))
            .prop_map(|(status, after)| Reply::Status(status, after)),
        1 => Just(Reply::Unreachable),
        1 => Just(Reply::Unauthorised),
        3 => Just(Reply::AllOrNothing),
        1 => Just(Reply::TooLarge),
    ];
    let step = prop_oneof![
        3 => prop_oneof![0..3_000i64, 0..100_000i64, 0..2_000_000i64].prop_map(Step::Pass),
        2 => (1..20u8, prop::bool::weighted(0.2), prop::bool::weighted(0.2))
            .prop_map(|(n, urgent, poison)| Step::Append { n, urgent, poison }),
        8 => prop::bool::weighted(0.1).prop_map(|flush| Step::Poll { flush }),
        8 => reply.prop_map(Step::Answer),
        1 => Just(Step::Restart),
        1 => Just(Step::Token),
        1 => prop::bool::weighted(0.7).prop_map(Step::Network),
    ];
    prop::collection::vec(step, 1..200)
}

/// When the next batch may go: known to the model as bounds, because the jitter is the machine's own.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    from: i64,
    earliest: i64,
    latest: i64,
}

struct World {
    machine: Machine,
    now: i64,
    next_id: u128,
    unsent: Vec<Item>,
    lease: Option<(Uuid, Vec<Item>, bool)>,
    poison: BTreeSet<Uuid>,
    server: BTreeMap<Uuid, u32>,
    acknowledged: BTreeSet<Uuid>,
    parked: BTreeSet<Uuid>,
    batch_ids: BTreeMap<Uuid, Vec<u8>>,
    online: bool,
    // The model.
    cap: usize,
    failures: u32,
    refusals: u32,
    wait: Option<Bounds>,
    last_good: Option<i64>,
    token: bool,
    wants_token: bool,
}

fn config() -> Config {
    Config {
        max_records: MAX_RECORDS,
        min_interval_ms: INTERVAL_MS,
        backoff_base_ms: BASE_MS,
        backoff_max_ms: CAP_MS,
        compress: false,
        ..Config::new("http://x", "d", 3)
    }
}

impl World {
    fn new() -> Self {
        Self {
            machine: Machine::new(config(), None),
            now: 1_700_000_000_000,
            next_id: 1,
            unsent: Vec::new(),
            lease: None,
            poison: BTreeSet::new(),
            server: BTreeMap::new(),
            acknowledged: BTreeSet::new(),
            parked: BTreeSet::new(),
            batch_ids: BTreeMap::new(),
            online: true,
            cap: MAX_RECORDS,
            failures: 0,
            refusals: 0,
            wait: None,
            last_good: None,
            token: false,
            wants_token: false,
        }
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Pass(ms) => self.now += ms,
            Step::Append { n, urgent, poison } => (0..*n).for_each(|_| self.append(*urgent, *poison)),
            Step::Poll { flush } => self.poll(*flush),
            Step::Answer(reply) => self.answer(reply),
            Step::Restart => self.restart(),
            Step::Token => {
                self.machine.set_token(Some("t".into()));
                (self.token, self.wants_token) = (true, false);
            }
            Step::Network(on) => self.online = *on,
        }
    }

    fn append(&mut self, urgent: bool, poison: bool) {
        let id = Uuid::from_u128(self.next_id);
        self.next_id += 1;
        if poison {
            self.poison.insert(id);
        }
        let urgency = if urgent { Urgency::Now } else { Urgency::Soon };
        self.unsent.push(Item { id, rev: 1, urgency, json: format!(r#"{{"id":"{id}"}}"#) });
    }

    fn poll(&mut self, flush: bool) {
        let limits = self.machine.limits();
        assert_eq!(limits.records, self.cap);
        let retry = self.lease.as_ref().filter(|(_, _, in_flight)| !in_flight);
        let retry = retry.map(|(batch_id, items, _)| Leased { batch_id: *batch_id, items: items.clone() });
        let view = Outbox {
            retry: retry.clone(),
            unsent: self.unsent.iter().take(limits.records).cloned().collect(),
            network: if self.online { Network::Metered } else { Network::None },
            charging: false,
            flush,
        };
        let next = self.machine.next(self.now, &view);
        let wait = |why| Next::Wait { until_ms: None, why };
        if self.lease.as_ref().is_some_and(|(_, _, in_flight)| *in_flight) {
            assert_eq!(next, wait(Why::InFlight));
            return;
        }
        if retry.is_none() && self.unsent.is_empty() {
            assert_eq!(next, Next::Idle);
            return;
        }
        if let Some(bounds) = self.wait {
            if let Next::Wait { until_ms: Some(until), why: Why::Backoff } = next {
                assert!(until > self.now && (bounds.earliest..=bounds.latest).contains(&until), "{bounds:?} {until}");
                return;
            }
            assert!(self.now >= bounds.earliest, "sent {} ms after a failure: {bounds:?}", self.now - bounds.from);
            self.wait = None;
        }
        if !self.online {
            assert_eq!(next, wait(Why::Network));
            return;
        }
        if self.wants_token {
            assert_eq!(next, wait(Why::Token));
            return;
        }
        let expected: Vec<Item> = match &retry {
            Some(leased) => leased.items.clone(),
            None => self.unsent.iter().take(self.cap).cloned().collect(),
        };
        let hurried = flush || expected.len() == self.cap || expected.iter().any(|i| i.urgency == Urgency::Now);
        if retry.is_none() && !hurried && self.last_good.is_some_and(|t| self.now < t + INTERVAL_MS) {
            let until_ms = self.last_good.map(|t| t + INTERVAL_MS);
            assert_eq!(next, Next::Wait { until_ms, why: Why::Interval });
            return;
        }
        let Next::Send(request) = next else { panic!("expected a batch: {next:?}") };
        assert_eq!(request.keys, expected.iter().map(|i| (i.id, i.rev)).collect::<Vec<_>>());
        assert_eq!(request.headers.iter().any(|(name, _)| name == "Authorization"), self.token);
        match retry {
            Some(leased) => {
                assert_eq!(request.batch_id, leased.batch_id);
                assert_eq!(self.batch_ids.get(&request.batch_id), Some(&request.body), "the same id, the same bytes");
            }
            None => {
                let before = self.batch_ids.insert(request.batch_id, request.body.clone());
                assert!(before.is_none(), "a batch id for the second time");
                self.unsent.drain(..expected.len());
            }
        }
        self.lease = Some((request.batch_id, expected, true));
    }

    fn answer(&mut self, reply: &Reply) {
        let Some((batch_id, items, true)) = self.lease.clone() else {
            assert_eq!(self.machine.finished(self.now, Uuid::nil(), Outcome::NetworkError(String::new())), None);
            return;
        };
        let answer = |status, retry_after: Option<i64>, body: &str| Outcome::Answer {
            status,
            retry_after: retry_after.map(|s| s.to_string()),
            body: body.into(),
        };
        let (good, bad): (Vec<&Item>, Vec<&Item>) = items.iter().partition(|i| !self.poison.contains(&i.id));
        let (good, bad): (Vec<Uuid>, Vec<Uuid>) =
            (good.into_iter().map(|i| i.id).collect(), bad.into_iter().map(|i| i.id).collect());
        let keep = |server: &mut BTreeMap<Uuid, u32>| server.extend(good.iter().map(|id| (*id, 1)));
        let list = |ids: &[Uuid]| {
            ids.iter().map(|id| format!(r#"{{"id":"{id}","rev":1,"reason":"poison"}}"#)).collect::<Vec<_>>().join(",")
        };
        let (outcome, expected) = match reply {
            Reply::Good { names } => {
                keep(&mut self.server);
                let acked = &good[..good.len().min(usize::from(*names))];
                let text = format!(r#"{{"acked":[{}],"refused":[{}]}}"#, list(acked), list(&bad));
                if acked.is_empty() && bad.is_empty() {
                    self.failed(None);
                    (answer(200, None, &text), self.halved(&items))
                } else {
                    self.good(!acked.is_empty());
                    let acknowledged = items.iter().filter(|i| acked.contains(&i.id)).map(|i| (i.id, 1)).collect();
                    let parked = bad.iter().map(|id| (*id, 1, "poison".to_owned())).collect();
                    (answer(200, None, &text), Settled { acknowledged, parked, ..Settled::default() })
                }
            }
            Reply::Lost => {
                keep(&mut self.server);
                self.failed(None);
                (answer(200, None, r#"{"acked":[{"#), again())
            }
            Reply::Status(status, after) => {
                self.failed(*after);
                (answer(*status, *after, "busy"), again())
            }
            Reply::Unreachable => {
                self.failed(None);
                (Outcome::NetworkError("no route".into()), again())
            }
            Reply::Unauthorised => {
                if self.token && self.failures > 0 {
                    self.failed(None);
                } else {
                    self.failures += 1;
                }
                (self.token, self.wants_token) = (false, true);
                (answer(401, None, ""), Settled { need_token: true, ..again() })
            }
            Reply::AllOrNothing if bad.is_empty() => {
                keep(&mut self.server);
                self.good(true);
                let acknowledged = items.iter().map(|i| (i.id, 1)).collect();
                let text = format!(r#"{{"acked":[{}]}}"#, list(&good));
                (answer(201, None, &text), Settled { acknowledged, ..Settled::default() })
            }
            Reply::AllOrNothing => (answer(422, None, "poison"), self.halved(&items)),
            Reply::TooLarge => (answer(413, None, ""), self.halved(&items)),
        };
        let settled = self.machine.finished(self.now, batch_id, outcome).expect("it was on its way");
        assert_eq!(settled.acknowledged, expected.acknowledged);
        assert_eq!((settled.keep_lease, settled.need_token), (expected.keep_lease, expected.need_token));
        let ids = |parked: &[(Uuid, u32, String)]| parked.iter().map(|p| p.0).collect::<BTreeSet<_>>();
        assert_eq!(ids(&settled.parked), ids(&expected.parked));
        self.settle(settled, items);
    }

    fn settle(&mut self, settled: Settled, items: Vec<Item>) {
        for (id, _) in &settled.acknowledged {
            assert!(self.server.contains_key(id), "acknowledged, but the server does not have it");
            assert!(self.acknowledged.insert(*id), "acknowledged twice");
        }
        self.parked.extend(settled.parked.iter().map(|p| p.0));
        let Some(lease) = &mut self.lease else { return };
        if settled.keep_lease {
            lease.2 = false;
            return;
        }
        self.lease = None;
        let done = |i: &Item| self.acknowledged.contains(&i.id) || self.parked.contains(&i.id);
        self.unsent.extend(items.into_iter().filter(|i| !done(i)));
        self.unsent.sort_by_key(|i| i.id);
    }

    fn restart(&mut self) {
        self.machine = Machine::new(config(), Some(&self.machine.save()));
        self.token = false;
        // Its own HTTP died with the process.
        if let Some(lease) = &mut self.lease {
            lease.2 = false;
        }
    }

    fn good(&mut self, acknowledged: bool) {
        self.failures = 0;
        if acknowledged {
            self.refusals = 0;
        }
        self.cap = (self.cap * 2).min(MAX_RECORDS);
        self.last_good = Some(self.now);
    }

    fn failed(&mut self, after_s: Option<i64>) {
        self.failures += 1;
        let ceiling = (BASE_MS << (self.failures - 1).min(30)).min(CAP_MS);
        let asked = after_s.unwrap_or(0) * 1_000;
        let new = Bounds { from: self.now, earliest: self.now + asked, latest: self.now + asked.max(ceiling) };
        // A wait that is running and longer stays.
        self.wait = Some(match self.wait {
            Some(old) => Bounds {
                from: new.from,
                earliest: new.earliest.max(old.earliest.min(new.latest)),
                latest: new.latest.max(old.latest),
            },
            None => new,
        });
    }

    /// A batch that is refused is halved; a single record is parked.
    fn halved(&mut self, items: &[Item]) -> Settled {
        if let [only] = items {
            self.refusals += 1;
            if self.refusals >= REFUSALS_IN_A_ROW {
                self.failed(None);
            }
            return Settled { parked: vec![(only.id, 1, String::new())], ..Settled::default() };
        }
        self.cap = (items.len() / 2).max(1);
        Settled::default()
    }

    /// The network and the server are well from now on.
    fn recover(&mut self) {
        self.online = true;
        for _ in 0..5_000 {
            if self.unsent.is_empty() && self.lease.is_none() {
                return;
            }
            self.now += CAP_MS * 5;
            self.step(&Step::Token);
            self.poll(true);
            self.answer(&Reply::AllOrNothing);
        }
        panic!("not everything is delivered: {} left", self.unsent.len());
    }
}

fn again() -> Settled {
    Settled { keep_lease: true, ..Settled::default() }
}

proptest! {
    // PROPTEST_CASES=10000 makes about a million steps.
    #[test]
    fn the_machine_does_what_the_model_does_and_delivers_everything(steps in steps()) {
        let mut world = World::new();
        for step in &steps {
            world.step(step);
        }
        world.recover();
        let all: BTreeSet<Uuid> = (1..world.next_id).map(Uuid::from_u128).collect();
        let settled: BTreeSet<Uuid> = world.acknowledged.union(&world.parked).copied().collect();
        prop_assert_eq!(&settled, &all);
        prop_assert!(world.acknowledged.is_disjoint(&world.poison));
    }
}
