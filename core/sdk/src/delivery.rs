//! Carries values between the store and the upload machine, which never see each other.

use milepost_engine::Uuid;
use milepost_engine::record::{EventType, TripStatus};
use milepost_store::{Carrier, Class, Durability, Settlement, Store, StoreError, Unsent};
use milepost_upload::{Config, Item, Leased, Machine, Network, Next, Outbox, Outcome, Request, Urgency, Why};

/// Where the machine's state is kept.
const META: &str = "upload";

/// The upload machine and what it must know of the phone.
pub struct Delivery {
    machine: Machine,
    carrier: Carrier,
    /// What the phone is connected to.
    pub network: Network,
    /// The phone is on a charger.
    pub charging: bool,
    /// What came of a batch while the store could not be written: a suspended app gets its answers, too.
    unsettled: Option<(Uuid, Settlement)>,
}

/// What is to be done for the upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NextUpload {
    /// Send this, then say how it went.
    Send(Request),
    /// Ask again at this time (epoch milliseconds), or when what it waits for has happened.
    Wait {
        /// When, if it is only a matter of time.
        until_ms: Option<i64>,
        /// What for.
        why: Why,
    },
    /// Nothing to send.
    Idle,
}

/// What follows from how an upload went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Finished {
    /// The server wants another token.
    pub need_token: bool,
    /// So many records it will never take.
    pub parked: usize,
}

impl Delivery {
    /// Goes on where the last process stopped. `in_flight` are the batches that the host's own HTTP still carries.
    pub fn open(store: &mut Store, config: Config, carrier: Carrier, in_flight: &[Uuid]) -> Result<Self, StoreError> {
        store.write(Durability::Process, |tx| tx.reconcile(in_flight))?;
        let mut machine = Machine::new(config, store.read(|db| db.meta(META))?.as_deref());
        for lease in store.read(|db| db.leases())?.into_iter().filter(|lease| lease.in_flight) {
            let keys = store.read(|db| db.leased(lease.batch_id))?.into_iter().map(|u| (u.id, u.rev)).collect();
            machine.adopt(lease.batch_id, keys);
        }
        Ok(Self { machine, carrier, network: Network::Unmetered, charging: false, unsettled: None })
    }

    /// What to do now. With `flush`, what is neither urgent nor much goes too.
    pub fn next(&mut self, store: &mut Store, now_ms: i64, flush: bool) -> Result<NextUpload, StoreError> {
        self.settle(store)?;
        let outbox = self.outbox(store, flush)?;
        let next = self.machine.next(now_ms, &outbox);
        Ok(match next {
            Next::Idle => NextUpload::Idle,
            Next::Wait { until_ms, why } => NextUpload::Wait { until_ms, why },
            Next::Send(request) => {
                let (machine, carrier) = (&self.machine, self.carrier);
                let leased = store.write(Durability::Process, |tx| {
                    tx.lease(request.batch_id, &request.keys, carrier, now_ms)?;
                    tx.set_meta(META, &machine.save())
                });
                if let Err(error) = leased {
                    // Not leased is not sent; without this the machine would wait for its outcome for ever.
                    let never_left = Outcome::NetworkError(error.to_string());
                    self.machine.finished(now_ms, request.batch_id, never_left);
                    return Err(error);
                }
                NextUpload::Send(request)
            }
        })
    }

    /// How it went, and what follows. If that cannot be written now, it is before the next batch: the host need not say it
    /// again.
    pub fn finished(
        &mut self,
        store: &mut Store,
        now_ms: i64,
        batch_id: Uuid,
        outcome: Outcome,
    ) -> Result<Finished, StoreError> {
        let Some(settled) = self.machine.finished(now_ms, batch_id, outcome) else { return Ok(Finished::default()) };
        let settlement =
            Settlement { acknowledged: settled.acknowledged, parked: settled.parked, keep_lease: settled.keep_lease };
        let finished = Finished { need_token: settled.need_token, parked: settlement.parked.len() };
        // Nothing else can wait here: a batch leaves only when the one before is entered.
        self.unsettled = Some((batch_id, settlement));
        self.settle(store)?;
        Ok(finished)
    }

    /// Enters what is still to be entered.
    fn settle(&mut self, store: &mut Store) -> Result<(), StoreError> {
        let Some((batch_id, settlement)) = &self.unsettled else { return Ok(()) };
        store.write(Durability::Process, |tx| {
            tx.settle(*batch_id, settlement)?;
            tx.set_meta(META, &self.machine.save())
        })?;
        self.unsettled = None;
        Ok(())
    }

    /// The token that goes into every request; `None` takes it away.
    pub fn set_token(&mut self, token: Option<String>) {
        self.machine.set_token(token);
    }

    fn outbox(&self, store: &Store, flush: bool) -> Result<Outbox, StoreError> {
        let limits = self.machine.limits();
        store.read(|db| {
            let waiting = db.leases()?.into_iter().find(|lease| !lease.in_flight);
            let retry = match waiting {
                None => None,
                Some(lease) => {
                    let items = db.leased(lease.batch_id)?.into_iter().map(item).collect();
                    Some(Leased { batch_id: lease.batch_id, items })
                }
            };
            let unsent = db.unsent(limits.records, limits.bytes)?.into_iter().map(item).collect();
            Ok(Outbox { retry, unsent, network: self.network, charging: self.charging, flush })
        })
    }
}

fn item(unsent: Unsent) -> Item {
    let urgency = match unsent.class {
        Class::Position | Class::Proof => Urgency::Now,
        Class::Event | Class::Trip if is_urgent(&unsent.json) => Urgency::Now,
        Class::Trip | Class::Event | Class::Score | Class::Other => Urgency::Soon,
        Class::Track | Class::Window => Urgency::Bulk,
    };
    Item { id: unsent.id, rev: unsent.rev, urgency, json: unsent.json }
}

/// Whoever may be hurt waits for no other record, and a trip that is over takes along all that was said of it.
fn is_urgent(json: &str) -> bool {
    #[derive(serde::Deserialize)]
    struct Told {
        #[serde(rename = "type")]
        kind: Option<EventType>,
        status: Option<serde_json::Value>,
    }
    let Ok(Told { kind, status }) = serde_json::from_str(json) else { return false };
    let ended = serde_json::to_value(TripStatus::Ended).ok();
    kind == Some(EventType::Impact) || status.is_some() && status == ended
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_crash_and_the_end_of_a_trip_wait_for_no_other_record_and_the_rest_does() {
        let urgency = |class: Class, json: serde_json::Value| {
            item(Unsent { id: Uuid::nil(), rev: 1, class, json: json.to_string() }).urgency
        };
        let event = |kind: EventType| urgency(Class::Event, json!({"type": kind, "status": "confirmed"}));
        assert_eq!((event(EventType::Impact), event(EventType::HarshBraking)), (Urgency::Now, Urgency::Soon));
        let trip = |status: TripStatus| urgency(Class::Trip, json!({"status": status, "tags": []}));
        let all = [TripStatus::Open, TripStatus::Ended, TripStatus::Discarded].map(trip);
        assert_eq!(all, [Urgency::Soon, Urgency::Now, Urgency::Soon]);
        assert_eq!(urgency(Class::Trip, json!("torn")), Urgency::Soon);
    }
}
