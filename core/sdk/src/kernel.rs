//! Engine and store together, without threads: every input is decided, and what follows from it is in the database
//! before anyone is told. The worker drives it on a phone, a replay drives it directly.

use milepost_engine::contract::{Input, Output, SensingPlan};
use milepost_engine::engine::{SNAPSHOT_VERSION, SnapshotError, close_lost};
use milepost_engine::id::splitmix64;
use milepost_engine::record::{Body, Record, TripStatus};
use milepost_engine::sample::MonoTime;
use milepost_engine::{Engine, Session, Uuid};
use milepost_recording::native::Header;
use milepost_store::{Durability, Location, NewRecord, Snapshot, Store, StoreError, Stored, TripQuery};
use milepost_upload::Outcome;

use crate::MilepostError;
use crate::delivery::{Delivery, NextUpload};
use crate::options::{Options, Place};
use crate::recorder::Recorder;

/// The database's name in its folder.
const DATABASE: &str = "milepost.db";
/// A vehicle at less than this stands: a lost trip ends where it last went faster.
const MOVING_MPS: f64 = 1.0;

/// Engine and store.
pub struct Kernel {
    engine: Engine,
    store: Store,
    commit_interval_s: f64,
    /// Event time of the last commit.
    committed: Option<MonoTime>,
    plan: Option<SensingPlan>,
    delivery: Option<Delivery>,
    recorder: Option<Recorder>,
}

/// What one input led to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Handled {
    /// Records that are now in the database.
    pub records: usize,
}

impl Kernel {
    /// Opens the store and goes on where the last process stopped.
    pub fn open(options: &Options) -> Result<Self, MilepostError> {
        options.check()?;
        let location = match &options.place {
            Place::Memory => Location::memory(),
            Place::Folder(folder) => {
                std::fs::create_dir_all(folder)
                    .map_err(|e| MilepostError::Storage { reason: format!("{}: {e}", folder.display()) })?;
                Location::File(folder.join(DATABASE))
            }
        };
        let seed = options.seed.unwrap_or_else(crate::clock::random_seed);
        let mut store = Store::open(location, milepost_store::Options { seed, ..milepost_store::Options::default() })?;
        let engine = resume(&mut store, options, seed)?;
        let delivery = match &options.upload_url {
            None => None,
            Some(url) => {
                let device_id = device_id(&mut store, seed)?;
                let config = milepost_upload::Config::new(url, device_id, seed);
                Some(Delivery::open(&mut store, config, options.carrier, &options.in_flight)?)
            }
        };
        let recorder = match (&options.place, options.record) {
            (Place::Folder(folder), true) => Some(record(folder, options, &engine)?),
            (Place::Folder(_) | Place::Memory, _) => None,
        };
        let commit_interval_s = options.commit_interval_s;
        Ok(Self { engine, store, commit_interval_s, committed: None, plan: None, delivery, recorder })
    }

    /// Decides one input and stores what follows. `watch` sees every output after it is stored.
    pub fn handle(&mut self, input: Input, watch: &mut dyn FnMut(&Output)) -> Result<Handled, MilepostError> {
        let at = time_of(&input);
        if let Some(recorder) = &mut self.recorder {
            recorder.push(&input);
        }
        self.engine.handle(input);
        let mut outputs = Vec::new();
        while let Some(output) = self.engine.poll() {
            outputs.push(output);
        }
        let records = self.keep(&outputs, at)?;
        outputs.iter().for_each(watch);
        Ok(Handled { records })
    }

    /// Writes a snapshot now: before the process is suspended or ends.
    pub fn commit(&mut self) -> Result<(), MilepostError> {
        if let Some(recorder) = &mut self.recorder {
            recorder.flush();
        }
        let snapshot = self.snapshot()?;
        Ok(self.store.write(Durability::Process, |tx| tx.set_snapshot(&snapshot))?)
    }

    /// Where inputs are recorded to, if they are.
    pub fn recording(&self) -> Option<&std::path::Path> {
        self.recorder.as_ref().map(Recorder::path)
    }

    /// The engine, to ask it.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The store.
    pub fn store(&mut self) -> &mut Store {
        &mut self.store
    }

    /// What the host shall sense.
    pub fn plan(&self) -> Option<&SensingPlan> {
        self.plan.as_ref()
    }

    /// What is to be uploaded now. With `flush`, what is neither urgent nor much goes too.
    pub fn next_upload(&mut self, now_ms: i64, flush: bool) -> Result<NextUpload, MilepostError> {
        let Some(delivery) = &mut self.delivery else { return Ok(NextUpload::Idle) };
        Ok(delivery.next(&mut self.store, now_ms, flush)?)
    }

    /// How an upload went. Returns whether the server wants another token.
    pub fn upload_finished(&mut self, now_ms: i64, batch_id: Uuid, outcome: Outcome) -> Result<bool, MilepostError> {
        let Some(delivery) = &mut self.delivery else { return Ok(false) };
        Ok(delivery.finished(&mut self.store, now_ms, batch_id, outcome)?)
    }

    /// What delivery must know of the phone; `None` without an `upload_url`.
    pub fn delivery(&mut self) -> Option<&mut Delivery> {
        self.delivery.as_mut()
    }

    /// Goes back to the last snapshot, after a fault in the engine.
    pub fn restore(&mut self, options: &Options, seed: u64) -> Result<(), MilepostError> {
        self.engine = resume(&mut self.store, options, seed)?;
        Ok(())
    }

    fn snapshot(&self) -> Result<Snapshot, MilepostError> {
        let bytes = self.engine.snapshot().map_err(|e| MilepostError::Internal { reason: e.to_string() })?;
        let after_seq = self.engine.next_seq().saturating_sub(1);
        Ok(Snapshot { version: SNAPSHOT_VERSION, after_seq, bytes })
    }

    /// Records, track points and the snapshot that covers them in one transaction: after a kill either all of it
    /// happened or none.
    fn keep(&mut self, outputs: &[Output], at: Option<MonoTime>) -> Result<usize, MilepostError> {
        let mut records: Vec<&Record> = Vec::new();
        let mut chunks = Vec::new();
        for output in outputs {
            match output {
                Output::Record(record) => records.push(record),
                Output::Track(chunk) => chunks.push(chunk),
                Output::Plan(plan) => self.plan = Some(plan.clone()),
                Output::State(_) => {}
            }
        }
        let due = match (at, self.committed) {
            // Either way: after a restart of the phone the axis begins anew.
            (Some(at), Some(last)) => at.since(last).abs() >= self.commit_interval_s,
            (Some(_), None) => true,
            (None, _) => false,
        };
        if records.is_empty() && chunks.is_empty() && !due {
            return Ok(0);
        }
        let snapshot = self.snapshot()?;
        let new: Vec<NewRecord> = records.iter().map(|r| NewRecord::from(*r)).collect();
        self.store.write(Durability::of_all(records.iter().copied()), |tx| {
            for chunk in &chunks {
                tx.append_track(chunk.trip_id, &chunk.points)?;
            }
            for record in &records {
                match &record.body {
                    Body::Trip(trip) if trip.status == TripStatus::Ended => tx.seal_track(record.id)?,
                    Body::Trip(trip) if trip.status == TripStatus::Discarded => tx.discard_track(record.id)?,
                    _ => {}
                }
            }
            tx.append(&new)?;
            tx.set_snapshot(&snapshot)
        })?;
        self.committed = at.or(self.committed);
        Ok(records.len())
    }
}

fn record(folder: &std::path::Path, options: &Options, engine: &Engine) -> Result<Recorder, MilepostError> {
    let header = Header {
        config: options.config.to_map(),
        seed: engine.seed(),
        platform: options.platform.clone(),
        device: options.device.clone(),
        utc_offset_min: None,
        first_seq: engine.next_seq(),
        snapshot_version: SNAPSHOT_VERSION,
    };
    Recorder::create(folder, &header).map_err(|e| MilepostError::Storage { reason: format!("recording: {e}") })
}

/// The name under which a server knows this installation; made once.
fn device_id(store: &mut Store, seed: u64) -> Result<String, StoreError> {
    const META: &str = "device_id";
    if let Some(id) = store.read(|db| db.meta(META))? {
        return Ok(id);
    }
    let id = format!("{:016x}", splitmix64(seed));
    store.write(Durability::Process, |tx| tx.set_meta(META, &id))?;
    Ok(id)
}

/// The engine that the last process left, or a new one; a trip that nobody can continue is closed.
fn resume(store: &mut Store, options: &Options, seed: u64) -> Result<Engine, MilepostError> {
    let (last_seq, snapshot) = store.read(|db| Ok::<_, StoreError>((db.last_seq()?, db.snapshot()?)))?;
    if let Some(snapshot) = snapshot {
        match Engine::restore(&snapshot.bytes) {
            Ok(engine) if *engine.config() == options.config => return Ok(engine),
            Ok(_) => log::info!("the configuration changed: a new session begins"),
            Err(e @ (SnapshotError::Version { .. } | SnapshotError::Damaged(_))) => log::warn!("{e}"),
        }
    }
    if last_seq == 0 {
        return Ok(Engine::new(options.config.clone(), &Session { seed, first_seq: options.first_seq }));
    }
    let next_seq = close_open_trips(store, last_seq + 1)?;
    // Ids of another session of the same device must differ: so does its first running number.
    let seed = splitmix64(seed ^ splitmix64(next_seq));
    Ok(Engine::new(options.config.clone(), &Session { seed, first_seq: next_seq }))
}

/// Closes the trips that a lost engine left open. Returns the running number of the next record.
fn close_open_trips(store: &mut Store, mut next_seq: u64) -> Result<u64, MilepostError> {
    let open: Vec<_> = store.read(|db| db.trips(&TripQuery::default()))?.trips;
    for stored in open {
        let points = store.read(|db| db.track(stored.id))?;
        let last = points.iter().rev().find(|p| p.speed_mps.is_none_or(|v| v > MOVING_MPS)).map(|p| (p.t, p.position));
        let Some(revised) = close_lost(&stored.json, last, next_seq).and_then(|json| revision(&stored, next_seq, json))
        else {
            continue;
        };
        store.write(Durability::Power, |tx| {
            tx.append(std::slice::from_ref(&revised))?;
            tx.seal_track(stored.id)
        })?;
        next_seq += 1;
    }
    Ok(next_seq)
}

/// The row of a record's next revision, from its text.
fn revision(stored: &Stored, seq: u64, json: String) -> Option<NewRecord> {
    let value: serde_json::Value = serde_json::from_str(&json).ok()?;
    let text = |key: &str| value.get(key).and_then(|v| v.as_str()).map(str::to_owned);
    Some(NewRecord {
        seq,
        id: stored.id,
        rev: stored.rev + 1,
        schema: stored.schema.clone(),
        trip_id: Some(stored.id),
        t_ns: MonoTime::from_seconds(value.get("t_s")?.as_f64()?).0,
        occurred_at_ms: value.get("occurred_at").and_then(|v| v.as_i64()),
        driver_id: text("driver_id"),
        vehicle_id: text("vehicle_id"),
        json,
    })
}

/// The newest time in an input.
fn time_of(input: &Input) -> Option<MonoTime> {
    match input {
        Input::Imu(batch) => batch.last().map(|s| s.t),
        Input::Fix(fix) => Some(fix.t),
        Input::Signal(t, _) | Input::Command(t, _) | Input::Tick(t) => Some(*t),
        Input::Clock(clock) => Some(clock.mono),
        Input::End => None,
    }
}
