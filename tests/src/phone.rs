//! A phone's delivery in virtual time: store, upload machine and a transport, joined as the shell joins them. It never
//! sleeps: a wait moves its clock.

use milepost_engine::Uuid;
use milepost_store::{Carrier, Class, Durability, Settlement, Store, StoreError, Unsent};
use milepost_upload::{
    Config, Item, Leased, Machine, Network, Next, Outbox, Outcome, Request, Transport, Urgency, Why,
};

/// Where the upload machine's state is kept.
const UPLOAD: &str = "upload";
/// Where the clock is kept.
const CLOCK: &str = "test_clock_ms";
/// The clock of a new store: in November 2023.
const BEGIN_MS: i64 = 1_700_000_000_000;

/// Store, machine and clock.
#[derive(Debug)]
pub struct Phone {
    /// Everything that survives the process.
    pub store: Store,
    /// Decides.
    pub machine: Machine,
    /// Wall time.
    pub now_ms: i64,
}

/// What one step came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A batch was sent and its outcome entered.
    Sent(Outcome),
    /// The clock was moved to the end of a wait.
    Waited(Why),
    /// Nothing can happen before the host acts.
    Stuck(Why),
    /// All is delivered.
    Idle,
}

impl Phone {
    /// As after the start of the process, whatever happened before it.
    pub fn start(mut store: Store, config: Config) -> Result<Self, StoreError> {
        store.write(Durability::Process, |tx| tx.reconcile(&[]))?;
        let (saved, clock) = store.read(|db| Ok::<_, StoreError>((db.meta(UPLOAD)?, db.meta(CLOCK)?)))?;
        let now_ms = clock.and_then(|text| text.parse().ok()).unwrap_or(BEGIN_MS);
        Ok(Self { store, machine: Machine::new(config, saved.as_deref()), now_ms })
    }

    /// One step; `between` is called before and after everything that a death could come between.
    pub fn step(&mut self, transport: &dyn Transport, between: &mut dyn FnMut()) -> Result<Step, StoreError> {
        let outbox = self.outbox()?;
        let request = match self.machine.next(self.now_ms, &outbox) {
            Next::Send(request) => request,
            Next::Idle => return Ok(Step::Idle),
            Next::Wait { until_ms: None, why } => return Ok(Step::Stuck(why)),
            Next::Wait { until_ms: Some(until), why } => {
                self.now_ms = until;
                return Ok(Step::Waited(why));
            }
        };
        between();
        self.lease(&request, between)?;
        between();
        let outcome = transport.send(&request);
        between();
        self.enter(request.batch_id, outcome.clone(), between)?;
        between();
        Ok(Step::Sent(outcome))
    }

    /// Steps until nothing is left to do; `Stuck` with why, or `Idle`. Gives up after so many batches.
    pub fn deliver(&mut self, transport: &dyn Transport, max_batches: usize) -> Result<Option<Step>, StoreError> {
        let mut sent = 0;
        while sent < max_batches {
            match self.step(transport, &mut || ())? {
                Step::Sent(_) => sent += 1,
                Step::Waited(_) => {}
                end @ (Step::Stuck(_) | Step::Idle) => return Ok(Some(end)),
            }
        }
        Ok(None)
    }

    fn outbox(&self) -> Result<Outbox, StoreError> {
        self.store.read(|db| {
            let retry = match db.leases()?.into_iter().find(|lease| !lease.in_flight) {
                None => None,
                Some(lease) => {
                    let items = db.leased(lease.batch_id)?.into_iter().map(item).collect();
                    Some(Leased { batch_id: lease.batch_id, items })
                }
            };
            let limits = self.machine.limits();
            let unsent = db.unsent(limits.records, limits.bytes)?.into_iter().map(item).collect();
            Ok(Outbox { retry, unsent, ..Outbox::empty(Network::Unmetered) })
        })
    }

    fn lease(&mut self, request: &Request, between: &mut dyn FnMut()) -> Result<(), StoreError> {
        let (now_ms, saved) = (self.now_ms, self.machine.save());
        self.store.write(Durability::Process, |tx| {
            tx.lease(request.batch_id, &request.keys, Carrier::BuiltIn, now_ms)?;
            between();
            tx.set_meta(CLOCK, &now_ms.to_string())?;
            tx.set_meta(UPLOAD, &saved)
        })
    }

    fn enter(&mut self, batch_id: Uuid, outcome: Outcome, between: &mut dyn FnMut()) -> Result<(), StoreError> {
        let Some(settled) = self.machine.finished(self.now_ms, batch_id, outcome) else { return Ok(()) };
        let settlement =
            Settlement { acknowledged: settled.acknowledged, parked: settled.parked, keep_lease: settled.keep_lease };
        let saved = self.machine.save();
        self.store.write(Durability::Process, |tx| {
            tx.settle(batch_id, &settlement)?;
            between();
            tx.set_meta(UPLOAD, &saved)
        })
    }
}

fn item(unsent: Unsent) -> Item {
    let urgency = match unsent.class {
        Class::Position | Class::Proof => Urgency::Now,
        Class::Trip | Class::Event | Class::Score | Class::Other => Urgency::Soon,
        Class::Track | Class::Window => Urgency::Bulk,
    };
    Item { id: unsent.id, rev: unsent.rev, urgency, json: unsent.json }
}
