//! Decides when to send what, and what an answer means. Sans-I/O: time and the outbox are arguments, requests and
//! settlements are values.

use milepost_engine::Uuid;
use milepost_engine::id::{IdKind, uuid7};
use serde::{Deserialize, Serialize};

use crate::answer::{self, Answer, Control};
use crate::batch;
use crate::config::{Config, Network};
use crate::encoding::{DICTIONARY_VERSION, Encoding};
use crate::patience::{Pause, full_jitter_ms};
use crate::types::{Item, Key, Limits, Next, Outbox, Outcome, Request, Settled, Urgency, Why};

/// A server cannot silence a device for longer with one Retry-After: a day.
pub const MAX_RETRY_AFTER_MS: i64 = 24 * 3_600_000;
/// No server may have phones wake their radio more often than this.
const SHORTEST_INTERVAL_MS: i64 = 60_000;
/// Nor for longer with one `pause_s`: a week. A kill switch answers each later try with the same.
pub const MAX_PAUSE_MS: i64 = 7 * 24 * 3_600_000;
/// So many records refused with no acknowledgement between them look like a server that is wrong, not like records that
/// are: from then on each refusal also backs off.
pub const REFUSALS_IN_A_ROW: u32 = 16;
/// Byte limits are never halved below this: a batch of one record may be larger anyway.
const MIN_BYTES: usize = 4 << 10;
/// How much of a refusal's text is kept as the reason.
const REASON_CHARS: usize = 200;

/// What survives the process, beside the leases. What another version did not save is as at the first start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct State {
    /// Batches made so far: a part of their ids.
    batches: u64,
    /// Failures in a row.
    failures: u32,
    /// Failures so far: what makes the jitter differ.
    draws: u64,
    /// Refusals since the last acknowledgement.
    refusals: u32,
    pause: Option<Pause>,
    /// Since the last batch that was taken.
    interval: Option<Pause>,
    /// The server's wish.
    min_interval_ms: i64,
    limits: Option<(usize, usize)>,
    /// The server cannot read zstd.
    plain: bool,
    dictionary: Dictionary,
    wants_token: bool,
}

/// Whether the server reads what refers to our dictionary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Dictionary {
    /// Its last answer did not say so.
    #[default]
    Unknown,
    /// Its last answer said so.
    Offered,
    /// It said so, and then did not.
    Refused,
}

/// The upload of one device to one server.
#[derive(Clone, Debug)]
pub struct Machine {
    config: Config,
    state: State,
    token: Option<String>,
    in_flight: Option<(Uuid, Vec<Key>)>,
}

impl Machine {
    /// `saved` is what [`Machine::save`] gave last; what cannot be read counts as nothing.
    pub fn new(config: Config, saved: Option<&str>) -> Self {
        let state = saved.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        Self { config, state, token: None, in_flight: None }
    }

    /// What must be remembered, with the lease before a batch is sent and with the settlement after it.
    pub fn save(&self) -> String {
        // Numbers and names: this cannot fail.
        serde_json::to_string(&self.state).unwrap_or_default()
    }

    /// A batch that a former process left on its way with the host: its outcome may still come.
    pub fn adopt(&mut self, batch_id: Uuid, keys: Vec<Key>) {
        self.in_flight = Some((batch_id, keys));
    }

    /// The batch on its way.
    pub fn in_flight(&self) -> Option<Uuid> {
        self.in_flight.as_ref().map(|(batch_id, _)| *batch_id)
    }

    /// A token for `Authorization: Bearer`, or none. Kept in memory only.
    pub fn set_token(&mut self, token: Option<String>) {
        self.state.wants_token &= token.is_none();
        self.token = token;
    }

    /// How much of the outbox the next batch can hold.
    pub fn limits(&self) -> Limits {
        let (records, bytes) = self.state.limits.unwrap_or((self.config.max_records, self.config.max_bytes));
        Limits { records: records.clamp(1, self.config.max_records.max(1)), bytes: bytes.min(self.config.max_bytes) }
    }

    /// What to do now. `now_ms` is the wall clock's epoch milliseconds; it may jump.
    pub fn next(&mut self, now_ms: i64, outbox: &Outbox) -> Next {
        if self.in_flight.is_some() {
            return Next::Wait { until_ms: None, why: Why::InFlight };
        }
        if outbox.retry.as_ref().is_none_or(|r| r.items.is_empty()) && outbox.unsent.is_empty() {
            return Next::Idle;
        }
        if let Some(wait) = running(&mut self.state.pause, now_ms) {
            return wait;
        }
        if !self.config.rule.allows(outbox.network, outbox.charging) {
            return Next::Wait { until_ms: None, why: Why::Network };
        }
        if self.state.wants_token {
            return Next::Wait { until_ms: None, why: Why::Token };
        }
        if let Some(leased) = outbox.retry.as_ref().filter(|leased| !leased.items.is_empty()) {
            return Next::Send(self.send(leased.batch_id, &leased.items));
        }
        self.next_new(now_ms, outbox)
    }

    /// What a batch came to. `None` for a batch that is not on its way: an answer that came twice, or too late.
    pub fn finished(&mut self, now_ms: i64, batch_id: Uuid, outcome: Outcome) -> Option<Settled> {
        let (_, keys) = self.in_flight.take_if(|(on_its_way, _)| *on_its_way == batch_id)?;
        let (status, retry_after, body) = match outcome {
            Outcome::NetworkError(_) => return Some(self.again(now_ms, None)),
            Outcome::Answer { status, retry_after, body } => (status, retry_after, body),
        };
        let (sent, answer) = (self.encoding(), answer::parse(&body));
        if let Some(answer) = &answer {
            self.obey(now_ms, &answer.control);
        }
        let settled =
            answer.as_ref().map(|answer| by_record(batch_id, &keys, answer)).filter(|s| *s != Settled::default());
        Some(match (status, settled) {
            (200..=299 | 400..=499, Some(settled)) if status != 401 => self.enter(now_ms, settled),
            (200..=299, None) if answer.is_some() => {
                self.back_off(now_ms, retry_after.as_deref());
                self.refused(now_ms, &keys, "not named in the server's answer", false)
            }
            (401, _) => self.unauthorised(now_ms),
            (413, _) => self.refused(now_ms, &keys, "too large for the server", true),
            (415, _) if sent != Encoding::Identity => {
                match sent {
                    Encoding::Dictionary => self.state.dictionary = Dictionary::Refused,
                    Encoding::Zstd | Encoding::Identity => self.state.plain = true,
                }
                Settled { keep_lease: true, ..Settled::default() }
            }
            // 407 is a proxy's, not the server's.
            (407 | 408 | 425 | 429, _) => self.again(now_ms, retry_after.as_deref()),
            (400..=499, _) => {
                let text: String = String::from_utf8_lossy(&body).chars().take(REASON_CHARS).collect();
                self.refused(now_ms, &keys, format!("HTTP {status} {text}").trim_end(), false)
            }
            _ => self.again(now_ms, retry_after.as_deref()),
        })
    }

    fn next_new(&mut self, now_ms: i64, outbox: &Outbox) -> Next {
        let bulk = self.config.bulk_rule.allows(outbox.network, outbox.charging);
        let allowed: Vec<Item> =
            outbox.unsent.iter().filter(|item| bulk || item.urgency != Urgency::Bulk).cloned().collect();
        if allowed.is_empty() {
            return Next::Wait { until_ms: None, why: Why::Network };
        }
        let limits = self.limits();
        let n = batch::fitting(&allowed, limits);
        let full = n < allowed.len() || n >= limits.records;
        let hurried = outbox.flush || full || allowed.iter().any(|item| item.urgency == Urgency::Now);
        if !hurried && let Some(wait) = running(&mut self.state.interval, now_ms) {
            return wait;
        }
        self.state.batches += 1;
        let batch_id = uuid7(self.config.seed, IdKind::Batch, self.state.batches, now_ms);
        Next::Send(self.send(batch_id, allowed.get(..n).unwrap_or_default()))
    }

    fn send(&mut self, batch_id: Uuid, items: &[Item]) -> Request {
        let request = batch::request(&self.config, self.encoding(), self.token.as_deref(), batch_id, items);
        self.in_flight = Some((batch_id, request.keys.clone()));
        request
    }

    fn encoding(&self) -> Encoding {
        match self.state.dictionary {
            _ if !self.config.compress || self.state.plain => Encoding::Identity,
            Dictionary::Offered => Encoding::Dictionary,
            Dictionary::Unknown | Dictionary::Refused => Encoding::Zstd,
        }
    }

    fn enter(&mut self, now_ms: i64, settled: Settled) -> Settled {
        self.state.failures = 0;
        if !settled.acknowledged.is_empty() {
            self.state.refusals = 0;
        }
        // Grow back after a halving, slowly enough that the next poison record costs little.
        let Limits { records, bytes } = self.limits();
        self.limit(records.saturating_mul(2), bytes.saturating_mul(2));
        let Config { min_interval_ms: own, .. } = self.config;
        let interval = if self.state.min_interval_ms > 0 { self.state.min_interval_ms } else { own };
        self.state.interval = Some(Pause { from_ms: now_ms, for_ms: interval, why: Why::Interval });
        settled
    }

    /// The server will not have the batch: halve it, until it is the one record that is at fault.
    fn refused(&mut self, now_ms: i64, keys: &[Key], reason: &str, too_large: bool) -> Settled {
        if let [(id, rev)] = keys {
            self.state.refusals = self.state.refusals.saturating_add(1);
            if self.state.refusals >= REFUSALS_IN_A_ROW {
                self.back_off(now_ms, None);
            }
            return Settled { parked: vec![(*id, *rev, reason.to_owned())], ..Settled::default() };
        }
        let bytes = self.limits().bytes;
        self.limit(keys.len() / 2, if too_large { bytes / 2 } else { bytes });
        Settled::default()
    }

    /// Nobody knows what became of it: the same batch again, later.
    fn again(&mut self, now_ms: i64, retry_after: Option<&str>) -> Settled {
        self.back_off(now_ms, retry_after);
        Settled { keep_lease: true, ..Settled::default() }
    }

    fn unauthorised(&mut self, now_ms: i64) -> Settled {
        // A token that has just been given is refused: the next one may be as bad.
        if self.token.take().is_some() && self.state.failures > 0 {
            self.back_off(now_ms, None);
        } else {
            self.state.failures = self.state.failures.saturating_add(1);
        }
        self.state.wants_token = true;
        Settled { keep_lease: true, need_token: true, ..Settled::default() }
    }

    fn back_off(&mut self, now_ms: i64, retry_after: Option<&str>) {
        self.state.failures = self.state.failures.saturating_add(1);
        self.state.draws = self.state.draws.wrapping_add(1);
        let Config { seed, backoff_base_ms, backoff_max_ms, .. } = self.config;
        let draw = seed.wrapping_add(self.state.draws.rotate_left(32));
        let jitter = full_jitter_ms(backoff_base_ms, backoff_max_ms, self.state.failures, draw);
        let asked = retry_after.and_then(|value| answer::retry_after_ms(value, now_ms)).unwrap_or(0);
        let for_ms = jitter.max(asked.min(MAX_RETRY_AFTER_MS));
        self.pause(Pause { from_ms: now_ms, for_ms, why: Why::Backoff });
    }

    fn obey(&mut self, now_ms: i64, control: &Control) {
        if self.state.dictionary != Dictionary::Refused {
            let reads = control.dictionary == Some(DICTIONARY_VERSION);
            self.state.dictionary = if reads { Dictionary::Offered } else { Dictionary::Unknown };
        }
        if let Some(s) = control.min_interval_s {
            let asked_ms = (i64::from(s) * 1_000).min(MAX_RETRY_AFTER_MS);
            self.state.min_interval_ms = if s == 0 { 0 } else { asked_ms.max(SHORTEST_INTERVAL_MS) };
        }
        if let Some(s) = control.pause_s {
            let for_ms = (i64::from(s) * 1_000).min(MAX_PAUSE_MS);
            self.pause(Pause { from_ms: now_ms, for_ms, why: Why::Paused });
        }
    }

    /// The longer of two waits counts.
    fn pause(&mut self, new: Pause) {
        let running = self.state.pause.as_mut().and_then(|old| old.ends_ms(new.from_ms));
        if running.is_none_or(|end| end < new.from_ms.saturating_add(new.for_ms)) {
            self.state.pause = Some(new);
        }
    }

    fn limit(&mut self, records: usize, bytes: usize) {
        let Config { max_records, max_bytes, .. } = self.config;
        let (records, bytes) = (records.clamp(1, max_records.max(1)), bytes.max(MIN_BYTES).min(max_bytes));
        self.state.limits = (records < max_records || bytes < max_bytes).then_some((records, bytes));
    }
}

/// An answer record by record. What it does not name is unsent as before.
fn by_record(batch_id: Uuid, keys: &[Key], answer: &Answer) -> Settled {
    let mut settled = Settled::default();
    let all = answer.acked_batch == Some(batch_id);
    for (id, rev) in keys {
        // A server that holds a later revision has no use for this one.
        if answer.acked.iter().any(|acked| acked.id == *id && acked.rev >= *rev) {
            settled.acknowledged.push((*id, *rev));
        } else if let Some(refused) = answer.refused.iter().find(|r| r.id == *id && r.rev == *rev) {
            let reason = refused.reason.as_deref().unwrap_or("refused").chars().take(REASON_CHARS).collect();
            settled.parked.push((*id, *rev, reason));
        } else if all {
            settled.acknowledged.push((*id, *rev));
        }
    }
    settled
}

fn running(pause: &mut Option<Pause>, now_ms: i64) -> Option<Next> {
    match pause.as_mut()?.ends_ms(now_ms) {
        Some(end) => Some(Next::Wait { until_ms: Some(end), why: pause.as_ref()?.why }),
        None => {
            *pause = None;
            None
        }
    }
}

impl Outbox {
    /// Nothing in it.
    pub fn empty(network: Network) -> Self {
        Self { retry: None, unsent: Vec::new(), network, charging: false, flush: false }
    }
}
