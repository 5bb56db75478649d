//! Remembers: records, outbox, tracks and snapshots in SQLite. The only crate that knows SQLite.
//!
//! Decides nothing about driving or about when to send; gives the engine's records back in order, keeps what is unsent
//! until someone says that the server has it, and stays within its quota. `docs/store.md` tells the whole story.
//!
//! # How the shell uses it
//!
//! ```
//! use milepost_store::{Carrier, Durability, Location, NewRecord, Options, Quota, Settlement, Snapshot, Store, StoreError, TripQuery};
//!
//! # fn main() -> Result<(), StoreError> {
//! # let records: Vec<milepost_engine::record::Record> = Vec::new();
//! # let (engine_bytes, now_ms) = (vec![1u8, 2, 3], 1_700_000_000_000);
//! # let batch_id = milepost_engine::Uuid::from_u128(7);
//! let mut store = Store::open(Location::memory(), Options { seed: 42, ..Options::default() })?;
//! if let Some(loss) = store.loss() {
//!     // A corrupt file was put aside: tell the host.
//!     log::error!("{}", loss.why);
//! }
//!
//! // At start: where the engine goes on, and what was on its way.
//! let (last_seq, snapshot) = store.read(|db| Ok::<_, StoreError>((db.last_seq()?, db.snapshot()?)))?;
//! store.write(Durability::Process, |tx| tx.reconcile(&[]))?;
//!
//! // Persist first: the engine's records, the track's points and the snapshot that covers them, in one transaction.
//! let new: Vec<NewRecord> = records.iter().map(NewRecord::from).collect();
//! store.write(Durability::of_all(&records), |tx| {
//!     tx.append(&new)?;
//!     // tx.append_track(trip_id, &chunk.points)?;  and at the end of a trip:  tx.seal_track(trip_id)?;
//!     tx.set_snapshot(&Snapshot { version: 1, after_seq: tx.last_seq()?, bytes: engine_bytes.clone() })
//! })?;
//!
//! // Then act: the host drains, and acknowledges what it has handled.
//! let news = store.read(|db| db.drain(db.host_seq()?, 100))?;
//! if let Some(last) = news.last() {
//!     store.write(Durability::Process, |tx| tx.ack_host(last.seq))?;
//! }
//!
//! // Upload: lease before sending, settle with the answer.
//! let unsent = store.read(|db| db.unsent(500, 256 << 10))?;
//! let keys: Vec<_> = unsent.iter().map(|item| (item.id, item.rev)).collect();
//! store.write(Durability::Process, |tx| tx.lease(batch_id, &keys, Carrier::BuiltIn, now_ms))?;
//! let answer = Settlement { acknowledged: keys, ..Settlement::default() };
//! store.write(Durability::Process, |tx| tx.settle(batch_id, &answer))?;
//!
//! // Now and then, for instance at the end of a trip.
//! store.write(Durability::Process, |tx| tx.evict(&Quota::default(), now_ms))?;
//! let page = store.read(|db| db.trips(&TripQuery { tag: Some("shift 7".into()), ..TripQuery::default() }))?;
//! # assert!(page.trips.is_empty() && snapshot.is_none() && last_seq == 0);
//! # Ok(())
//! # }
//! ```

mod class;
mod diagnostics;
mod erase;
mod error;
mod evict;
mod meta;
mod migrate;
mod open;
mod outbox;
mod place;
mod query;
mod record;
mod salvage;
mod store;
mod track;
mod wire;

pub use class::{Class, Durability};
pub use diagnostics::{Diagnostic, Diagnostics, MAX_DIAGNOSTICS};
pub use erase::Erase;
pub use error::{Result, StoreError};
pub use evict::{Evicted, Quota, Retention};
pub use meta::Snapshot;
pub use migrate::SCHEMA;
pub use open::{Location, Loss, Options};
pub use outbox::{Carrier, Lease, OutboxCounts, Settlement, Unsent};
pub use place::Near;
pub use query::{PAGE, TripPage, TripQuery};
pub use record::{NewRecord, Stored};
pub use store::{Db, Reader, Store, Tx};
pub use track::CHUNK_POINTS;
