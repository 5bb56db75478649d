//! Delivers: a sans-I/O upload machine; the reqwest transport is a feature.
//!
//! Decides when to send which of the things it is shown, and what an answer means. Knows no store, no clock, no thread;
//! `docs/protocol.md` describes what goes over the wire.
//!
//! # How the shell carries values between store and machine
//!
//! ```
//! use milepost_store::{Carrier, Class, Db, Durability, Settlement, Store, StoreError, Unsent};
//! use milepost_upload::{Config, Item, Leased, Machine, Network, Next, Outbox, Outcome, Urgency};
//!
//! fn item(unsent: Unsent) -> Item {
//!     let urgency = match unsent.class {
//!         Class::Position | Class::Proof => Urgency::Now,
//!         Class::Trip | Class::Event | Class::Score | Class::Other => Urgency::Soon,
//!         Class::Track | Class::Window => Urgency::Bulk,
//!     };
//!     Item { id: unsent.id, rev: unsent.rev, urgency, json: unsent.json }
//! }
//!
//! fn outbox(db: &Db<'_>, machine: &Machine, network: Network) -> Result<Outbox, StoreError> {
//!     let retry = match db.leases()?.into_iter().find(|lease| !lease.in_flight) {
//!         None => None,
//!         Some(lease) => {
//!             let items = db.leased(lease.batch_id)?.into_iter().map(item).collect();
//!             Some(Leased { batch_id: lease.batch_id, items })
//!         }
//!     };
//!     let limits = machine.limits();
//!     let unsent = db.unsent(limits.records, limits.bytes)?.into_iter().map(item).collect();
//!     Ok(Outbox { retry, unsent, network, charging: false, flush: false })
//! }
//!
//! /// One step; the request goes to the host or to the built-in transport, the outcome comes back to `enter`.
//! fn step(store: &mut Store, machine: &mut Machine, now_ms: i64) -> Result<Next, StoreError> {
//!     let outbox = store.read(|db| outbox(db, machine, Network::Unmetered))?;
//!     let next = machine.next(now_ms, &outbox);
//!     if let Next::Send(request) = &next {
//!         store.write(Durability::Process, |tx| {
//!             tx.lease(request.batch_id, &request.keys, Carrier::BuiltIn, now_ms)?;
//!             tx.set_meta("upload", &machine.save())
//!         })?;
//!     }
//!     Ok(next)
//! }
//!
//! fn enter(
//!     store: &mut Store,
//!     machine: &mut Machine,
//!     now_ms: i64,
//!     batch_id: milepost_engine::Uuid,
//!     outcome: Outcome,
//! ) -> Result<(), StoreError> {
//!     let Some(settled) = machine.finished(now_ms, batch_id, outcome) else { return Ok(()) };
//!     if settled.need_token {
//!         // Tell the host; it answers with machine.set_token(Some(…)).
//!     }
//!     let settlement = Settlement {
//!         acknowledged: settled.acknowledged,
//!         parked: settled.parked,
//!         keep_lease: settled.keep_lease,
//!     };
//!     store.write(Durability::Process, |tx| {
//!         tx.settle(batch_id, &settlement)?;
//!         tx.set_meta("upload", &machine.save())
//!     })
//! }
//!
//! // At start: what the host still carries (by its own list) is adopted, the rest is to be sent again.
//! fn start(store: &mut Store, config: Config, still_in_flight: &[milepost_engine::Uuid]) -> Result<Machine, StoreError> {
//!     store.write(Durability::Process, |tx| tx.reconcile(still_in_flight))?;
//!     let mut machine = Machine::new(config, store.read(|db| db.meta("upload"))?.as_deref());
//!     for lease in store.read(|db| db.leases())?.into_iter().filter(|lease| lease.in_flight) {
//!         let keys = store.read(|db| db.leased(lease.batch_id))?.into_iter().map(|u| (u.id, u.rev)).collect();
//!         machine.adopt(lease.batch_id, keys);
//!     }
//!     Ok(machine)
//! }
//! # fn main() -> Result<(), StoreError> {
//! # let mut store = Store::open(milepost_store::Location::memory(), milepost_store::Options::default())?;
//! # let mut machine = start(&mut store, Config::new("http://127.0.0.1:1/v1/batches", "d", 1), &[])?;
//! # assert_eq!(step(&mut store, &mut machine, 0)?, Next::Idle);
//! # enter(&mut store, &mut machine, 0, milepost_engine::Uuid::nil(), Outcome::NetworkError(String::new()))
//! # }
//! ```

mod answer;
mod batch;
mod config;
mod encoding;
#[cfg(feature = "reqwest")]
mod http;
mod machine;
mod patience;
#[cfg(feature = "reqwest")]
mod pins;
mod types;

pub use config::{Config, Network, NetworkRule};
pub use encoding::{DICTIONARY_VERSION, Encoding};
#[cfg(feature = "reqwest")]
pub use http::{Http, HttpError, HttpOptions};
pub use machine::{MAX_PAUSE_MS, MAX_RETRY_AFTER_MS, Machine, REFUSALS_IN_A_ROW};
#[cfg(feature = "reqwest")]
pub use pins::Pin;
pub use types::{Item, Key, Leased, Limits, Next, Outbox, Outcome, Request, Settled, Urgency, Why};

/// Something that can carry a request to a server. Blocks until there is an outcome.
pub trait Transport {
    /// Sends it once; every failure is an outcome.
    fn send(&self, request: &Request) -> Outcome;
}
