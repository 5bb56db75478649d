//! What a host sees: open, push, command, drain, upload, close. Every call may come from any thread.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use milepost_engine::Uuid;
use milepost_engine::contract::Input;
use milepost_engine::engine::Blocker;
use milepost_engine::parse::{Named, parse};
use milepost_engine::sample::MonoTime;
use milepost_recording::frame;
use milepost_store::{Durability, Erase, TripQuery};
use milepost_upload::{Network, Outcome, Transport};
use serde_json::json;

use crate::delivery::NextUpload;
use crate::kernel::Kernel;
use crate::options::Options;
use crate::trouble::told;
use crate::worker::{Listener, Shared, run};
use crate::{MilepostError, clock};

/// Troubles that the diagnostics show: a screenful, and the newest are what matters.
const TOLD_TROUBLES: usize = 50;

/// The core, running.
pub struct Milepost {
    pub(crate) shared: Arc<Shared>,
    worker: Mutex<Option<JoinHandle<()>>>,
}

/// A record as it was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRecord {
    /// Its place in the order of everything.
    pub seq: u64,
    /// UUIDv7, the same through all revisions.
    pub id: String,
    /// The highest wins.
    pub rev: u32,
    /// Such as `milepost.trip/1`.
    pub schema: String,
    /// The whole record as canonical JSON.
    pub json: String,
}

impl From<milepost_store::Stored> for StoredRecord {
    fn from(s: milepost_store::Stored) -> Self {
        Self { seq: s.seq, id: s.id.to_string(), rev: s.rev, schema: s.schema, json: s.json }
    }
}

impl Milepost {
    /// Opens the database and starts the worker; goes on where the last process stopped.
    pub fn open(mut options: Options) -> Result<Self, MilepostError> {
        let seed = *options.seed.get_or_insert_with(clock::random_seed);
        let kernel = Kernel::open(&options)?;
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        let worker = std::thread::Builder::new()
            .name("milepost".into())
            .spawn(move || run(&theirs, kernel, &options, seed))
            .map_err(|e| MilepostError::Internal { reason: format!("no thread: {e}") })?;
        Ok(Self { shared, worker: Mutex::new(Some(worker)) })
    }

    /// Takes packed frames (docs/ffi.md): all of them or, if one is malformed, none.
    pub fn push(&self, packed: &[u8]) -> Result<(), MilepostError> {
        let inputs: Result<Vec<Input>, _> = frame::decode(packed).collect();
        let inputs = inputs.map_err(|e| MilepostError::InvalidInput { reason: e.to_string() })?;
        self.shared.push(inputs, packed.len())
    }

    /// A signal or command by its name in `signals.csv`, such as `tag`, `driver_id`, `command`.
    pub fn command(&self, t_ns: i64, kind: &str, value: &str) -> Result<(), MilepostError> {
        let t = MonoTime(t_ns);
        let input = match parse(kind, value, None) {
            Ok(Named::Signal(signal)) => Input::Signal(t, signal),
            Ok(Named::Command(command)) => Input::Command(t, command),
            Err(e) => return Err(MilepostError::InvalidInput { reason: e.to_string() }),
        };
        self.shared.push(vec![input], 0)
    }

    /// Nothing more will come: closes the open trip and writes the summary. For replays.
    pub fn end_input(&self) -> Result<(), MilepostError> {
        self.shared.push(vec![Input::End], 0)
    }

    /// Returns when everything that was pushed is decided and stored.
    pub fn flush(&self) -> Result<(), MilepostError> {
        self.shared.call(|kernel| kernel.commit())
    }

    /// Records after a running number, in order, `max` at most. What was not [acknowledged](Self::ack) comes again
    /// after a restart.
    pub fn drain(&self, after_seq: u64, max: u32) -> Result<Vec<StoredRecord>, MilepostError> {
        self.shared.call(move |kernel| {
            let news = kernel.store().read(|db| db.drain(after_seq, max as usize))?;
            Ok(news.into_iter().map(Into::into).collect())
        })
    }

    /// The running number up to which the host has handled everything, through restarts.
    pub fn acked(&self) -> Result<u64, MilepostError> {
        self.shared.call(|kernel| Ok(kernel.store().read(|db| db.host_seq())?))
    }

    /// The host has handled everything up to this running number.
    pub fn ack(&self, seq: u64) -> Result<(), MilepostError> {
        self.shared.call(move |kernel| Ok(kernel.store().write(Durability::Process, |tx| tx.ack_host(seq))?))
    }

    /// The newest trips, discarded ones left out.
    pub fn trips(&self, limit: u32) -> Result<Vec<StoredRecord>, MilepostError> {
        self.shared.call(move |kernel| {
            let query = TripQuery { limit: limit as usize, ..TripQuery::default() };
            let page = kernel.store().read(|db| db.trips(&query))?;
            Ok(page.trips.into_iter().map(Into::into).collect())
        })
    }

    /// Everything about one trip: its revisions, stops, events and score.
    pub fn trip(&self, id: &str) -> Result<Vec<StoredRecord>, MilepostError> {
        let id = parse_id(id)?;
        self.shared.call(move |kernel| {
            let records = kernel.store().read(|db| db.trip_records(id))?;
            Ok(records.into_iter().map(Into::into).collect())
        })
    }

    /// What is to be uploaded now; ask again after each [`Self::upload_finished`].
    pub fn next_upload(&self) -> Result<NextUpload, MilepostError> {
        self.shared.call(|kernel| kernel.next_upload(clock::now_ms(), false))
    }

    /// As [`Self::next_upload`], without waiting for a batch to fill: the app is about to go, or the driver asks.
    pub fn next_upload_now(&self) -> Result<NextUpload, MilepostError> {
        self.shared.call(|kernel| kernel.next_upload(clock::now_ms(), true))
    }

    /// How an upload went. Returns whether the server wants another token.
    pub fn upload_finished(&self, id: &str, outcome: Outcome) -> Result<bool, MilepostError> {
        let id = parse_id(id)?;
        self.shared.call(move |kernel| kernel.upload_finished(clock::now_ms(), id, outcome))
    }

    /// Sends by `transport` until there is nothing more to send now, and says why: never [`NextUpload::Send`]. Blocks for as
    /// long as the server does.
    pub fn deliver(&self, transport: &dyn Transport, flush: bool) -> Result<NextUpload, MilepostError> {
        loop {
            let next = if flush { self.next_upload_now()? } else { self.next_upload()? };
            let NextUpload::Send(request) = next else { return Ok(next) };
            let (id, outcome) = (request.batch_id, transport.send(&request));
            self.shared.call(move |kernel| kernel.upload_finished(clock::now_ms(), id, outcome))?;
        }
    }

    /// Gives what a server has refused another chance, after an update of the app or of the server: it is sent again. Returns
    /// how many records.
    pub fn unpark(&self) -> Result<u64, MilepostError> {
        let shared = Arc::clone(&self.shared);
        self.shared.call(move |kernel| {
            let unparked = kernel.store().write(Durability::Process, |tx| tx.unpark())?;
            shared.ring();
            Ok(unparked as u64)
        })
    }

    /// The token that goes into every upload; `None` takes it away.
    pub fn set_token(&self, token: Option<String>) -> Result<(), MilepostError> {
        self.shared.call(move |kernel| {
            if let Some(delivery) = kernel.delivery() {
                delivery.set_token(token);
            }
            Ok(())
        })
    }

    /// What the phone is connected to, and whether it is on a charger.
    pub fn set_network(&self, network: Network, charging: bool) -> Result<(), MilepostError> {
        self.shared.call(move |kernel| {
            if let Some(delivery) = kernel.delivery() {
                (delivery.network, delivery.charging) = (network, charging);
            }
            Ok(())
        })
    }

    /// Forgets everything of a driver, or with `None` everything: database, log, quarantine, recordings, engine. The open
    /// trip ends. Samples that were pushed before are decided first.
    pub fn erase(&self, driver_id: Option<String>) -> Result<(), MilepostError> {
        let whose = driver_id.map_or(Erase::Everything, Erase::Driver);
        let shared = Arc::clone(&self.shared);
        self.shared.call(move |kernel| {
            kernel.erase(&whose)?;
            shared.ring();
            Ok(())
        })
    }

    /// Writes all that is known, of a driver or with `None` of everyone, into a file: one JSON object a line. Returns how
    /// many lines.
    pub fn export(&self, driver_id: Option<String>, to: &std::path::Path) -> Result<u64, MilepostError> {
        let to = to.to_owned();
        self.shared.call(move |kernel| kernel.export(driver_id.as_deref(), &to))
    }

    /// What the host shall sense, as JSON, and `null` before the first input.
    pub fn plan(&self) -> Result<String, MilepostError> {
        self.shared.call(|kernel| Ok(json!(kernel.plan()).to_string()))
    }

    /// What stands in the way of finding and keeping trips now.
    pub fn blockers(&self) -> Result<Vec<Blocker>, MilepostError> {
        self.shared.call(|kernel| Ok(kernel.blockers()))
    }

    /// How everything is, as JSON: blockers, counters, queue, outbox, and the newest of the [troubles](crate::Trouble)
    /// that were noted. No positions.
    pub fn diagnostics(&self) -> Result<String, MilepostError> {
        let (dropped_samples, faults, disabled) = self.shared.health();
        self.shared.call(move |kernel| {
            let outbox = kernel.store().read(|db| db.outbox_counts())?;
            let deadline = kernel.engine().deadline().map(|(t, why)| json!({"t_ns": t.0, "reason": why}));
            let remedies: serde_json::Map<_, _> =
                kernel.blockers().into_iter().map(|b| (b.name().to_owned(), json!(b.remedy()))).collect();
            let blockers: Vec<_> = kernel.blockers().into_iter().map(|b| b.name()).collect();
            let log: Vec<_> = kernel.troubles().newest(TOLD_TROUBLES).iter().map(told).collect();
            let quarantined = kernel.store().loss().map(|loss| loss.why.clone());
            let all = json!({
                "blockers": blockers,
                "remedies": remedies,
                "counters": kernel.engine().counters(),
                "deadline": deadline,
                "disabled": disabled,
                "dropped_samples": dropped_samples,
                "faults": faults,
                "outbox": {"unsent": outbox.unsent, "parked": outbox.parked},
                "database_lost": quarantined,
                "log": log,
            });
            Ok(all.to_string())
        })
    }

    /// For tests: in the middle of the n-th input from now, the engine panics.
    #[cfg(feature = "faults")]
    pub fn panic_in(&self, inputs: u64) -> Result<(), MilepostError> {
        self.shared.call(move |kernel| {
            kernel.panic_in(inputs);
            Ok(())
        })
    }

    /// Who is told that records are waiting; `None` is nobody.
    pub fn set_listener(&self, listener: Option<Arc<dyn Listener>>) {
        self.shared.listen(listener);
    }

    /// Lets go of every lock on the database: before the OS suspends the app. Inputs wait until [`Self::resume`]. Where not
    /// everything could be written before, it says so and lets go all the same. A second time does nothing.
    pub fn suspend(&self) -> Result<(), MilepostError> {
        let shared = Arc::clone(&self.shared);
        self.shared.call(move |kernel| {
            if shared.hold_inputs(true) {
                return Ok(());
            }
            let committed = kernel.commit();
            kernel.suspend()?;
            committed
        })
    }

    /// Takes the database back, and works off what has come meanwhile.
    pub fn resume(&self) -> Result<(), MilepostError> {
        let shared = Arc::clone(&self.shared);
        self.shared.call(move |kernel| {
            kernel.resume()?;
            shared.hold_inputs(false);
            Ok(())
        })
    }

    /// Works off what is queued, writes a snapshot and stops. Every later call answers [`MilepostError::Closed`].
    pub fn shutdown(&self) -> Result<(), MilepostError> {
        if !self.shared.close() {
            return Err(MilepostError::Closed);
        }
        if self.shared.on_worker() {
            // The listener closes: the worker ends after this, and cannot wait for itself.
            return Ok(());
        }
        let worker = self.worker.lock().unwrap_or_else(PoisonError::into_inner).take();
        match worker.map(JoinHandle::join) {
            Some(Err(_)) => Err(MilepostError::Internal { reason: "the worker panicked".into() }),
            Some(Ok(())) | None => Ok(()),
        }
    }
}

pub(crate) fn parse_id(id: &str) -> Result<Uuid, MilepostError> {
    Uuid::parse_str(id).map_err(|e| MilepostError::InvalidInput { reason: format!("{id:?} is no id: {e}") })
}

impl Drop for Milepost {
    fn drop(&mut self) {
        // Without a host there is nobody to tell.
        let _ = self.shutdown();
    }
}
