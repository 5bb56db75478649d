//! Engine and store together, without threads: every input is decided, and what follows from it is in the database
//! before anyone is told. The worker drives it on a phone, a replay drives it directly.

use std::path::PathBuf;

use milepost_engine::contract::{Input, Output, Reason, SensingPlan, TrackPoint};
use milepost_engine::engine::{Blocker, SNAPSHOT_VERSION, SnapshotError, close_lost};
use milepost_engine::geo::LatLon;
use milepost_engine::id::splitmix64;
use milepost_engine::record::{Body, Record, TripStatus};
use milepost_engine::sample::{Command, MonoTime};
use milepost_engine::{Engine, Session, Uuid};
use milepost_recording::native::Header;
use milepost_store::{
    Diagnostics, Durability, Evicted, Location, NewRecord, Snapshot, Store, StoreError, Stored, TripQuery,
};
use milepost_upload::Outcome;
use serde_json::json;

use crate::MilepostError;
use crate::delivery::{Delivery, NextUpload};
use crate::options::{Options, Place};
use crate::privacy::recordings;
use crate::recorder::Recorder;
use crate::trouble::{Trouble, of_outcome};

/// The database's name in its folder.
const DATABASE: &str = "milepost.db";
/// Of the file beside it for what goes wrong.
const DIAGNOSTICS: &str = "diagnostics.db";
/// The same while nothing moves: 36 commits an hour.
const IDLE_COMMIT_INTERVAL_S: f64 = 100.0;
/// Nothing moves when no fix of this time has: the engine takes some fixes to be sure that a trip has begun, and its
/// beginning must not be lost meanwhile.
const STILL_S: f64 = 30.0;
/// Outputs that wait for the store at most: a day of driving with a track point a second.
const MAX_UNKEPT: usize = 86_400;
/// A vehicle at less than this stands: a lost trip ends where it last went faster.
const MOVING_MPS: f64 = 1.0;

/// Where the vehicle last moved, for whoever cannot read the snapshot.
const MOVED: &str = "moved";

/// Engine and store.
pub struct Kernel {
    engine: Engine,
    store: Store,
    troubles: Diagnostics,
    commit_interval_s: f64,
    /// Event time of the last commit.
    committed: Option<MonoTime>,
    /// The last fix of a moving vehicle.
    moved: Option<TrackPoint>,
    /// Said by the engine, not yet in the store.
    unkept: Vec<Output>,
    plan: Option<SensingPlan>,
    delivery: Option<Delivery>,
    recorder: Option<Recorder>,
    /// Of the host, for a recording that begins anew.
    options: Options,
    /// The last write failed because there is no room.
    full: bool,
    /// Of what the engine said, since the start.
    commits: u64,
    #[cfg(feature = "faults")]
    panic_in: Option<u64>,
}

/// What one input led to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Handled {
    /// Records that are now in the database.
    pub records: usize,
    /// The plan is another than before.
    pub plan: bool,
}

impl Kernel {
    /// Opens the store and goes on where the last process stopped.
    pub fn open(options: &Options) -> Result<Self, MilepostError> {
        options.check()?;
        let (location, beside) = match &options.place {
            Place::Memory => (Location::memory(), Location::memory()),
            Place::Folder(folder) => {
                std::fs::create_dir_all(folder)
                    .map_err(|e| MilepostError::Storage { reason: format!("{}: {e}", folder.display()) })?;
                (Location::File(folder.join(DATABASE)), Location::File(folder.join(DIAGNOSTICS)))
            }
        };
        let seed = options.seed.unwrap_or_else(crate::clock::random_seed);
        let mut store = Store::open(location, milepost_store::Options { seed, ..milepost_store::Options::default() })?;
        let mut troubles = Diagnostics::new(beside);
        if let Some(loss) = store.loss() {
            note(&mut troubles, Trouble::DatabaseLost, &loss.why);
        }
        let engine = resume(&mut store, &mut troubles, options, seed)?;
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
        let plan = engine.plan().cloned();
        Ok(Self {
            engine,
            store,
            troubles,
            commit_interval_s,
            committed: None,
            moved: None,
            unkept: Vec::new(),
            plan,
            delivery,
            recorder,
            options: options.clone(),
            full: false,
            commits: 0,
            #[cfg(feature = "faults")]
            panic_in: None,
        })
    }

    /// Decides one input and stores what follows. `watch` sees every output after it is stored.
    pub fn handle(&mut self, input: Input, watch: &mut dyn FnMut(&Output)) -> Result<Handled, MilepostError> {
        let at = input.newest();
        if let Some(recorder) = &mut self.recorder {
            match without_person(&input, &self.engine) {
                None => recorder.push(&input),
                Some(tick) => recorder.push(&tick),
            }
        }
        if let Input::Fix(fix) = &input
            && let Some(speed_mps) = fix.speed_mps.map(f64::from).filter(|v| *v > MOVING_MPS)
            && self.engine.is_allowed()
        {
            let position = LatLon { lat_deg: fix.lat_deg, lon_deg: fix.lon_deg };
            let speed_mps = Some(speed_mps);
            self.moved = Some(TrackPoint { t: fix.t, position, speed_mps, heading_deg: None, alt_m: None });
        }
        let last = matches!(input, Input::End);
        self.engine.handle(input);
        #[cfg(feature = "faults")]
        self.panic_if_due();
        let mut planned = false;
        while let Some(output) = self.engine.poll() {
            match &output {
                Output::Record(_) | Output::Track(_) => self.unkept.push(output),
                Output::Plan(plan) => {
                    self.plan = Some(plan.clone());
                    planned = true;
                    watch(&output);
                }
                Output::State(_) => watch(&output),
            }
        }
        let said = self.unkept.iter().any(|output| matches!(output, Output::Record(_)));
        if !said && !last && !self.is_due(at) {
            return Ok(Handled { records: 0, plan: planned });
        }
        Ok(Handled { plan: planned, ..self.keep(at, watch)? })
    }

    /// For tests: in the middle of the n-th input from now, the engine panics.
    #[cfg(feature = "faults")]
    pub fn panic_in(&mut self, inputs: u64) {
        self.panic_in = Some(inputs);
    }

    #[cfg(feature = "faults")]
    #[expect(clippy::panic, reason = "that is what it is for")]
    fn panic_if_due(&mut self) {
        self.panic_in = self.panic_in.map(|n| n.saturating_sub(1));
        if self.panic_in == Some(0) {
            self.panic_in = None;
            panic!("as a test asked for");
        }
    }

    /// Writes a snapshot now: before the process is suspended or ends.
    pub fn commit(&mut self) -> Result<(), MilepostError> {
        if let Some(recorder) = &mut self.recorder {
            recorder.flush();
        }
        self.keep(None, &mut |_| {})?;
        Ok(())
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

    /// What went wrong lately.
    pub fn troubles(&mut self) -> &mut Diagnostics {
        &mut self.troubles
    }

    /// Notes what went wrong.
    pub(crate) fn note(&mut self, what: Trouble, detail: &str) {
        note(&mut self.troubles, what, detail);
    }

    /// Lets go of every lock and file, see [`Store::suspend`].
    pub fn suspend(&mut self) -> Result<(), MilepostError> {
        self.troubles.suspend();
        Ok(self.store.suspend()?)
    }

    /// Takes them back.
    pub fn resume(&mut self) -> Result<(), MilepostError> {
        self.store.resume()?;
        self.troubles.resume();
        Ok(())
    }

    /// How many transactions what the engine said has taken since the start.
    pub fn commits(&self) -> u64 {
        self.commits
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
        let wrong = of_outcome(&outcome);
        let finished = delivery.finished(&mut self.store, now_ms, batch_id, outcome)?;
        if let Some(wrong) = wrong {
            self.note(Trouble::Upload, &wrong);
        }
        if finished.parked > 0 {
            self.note(Trouble::Parked, &format!("{} records", finished.parked));
        }
        Ok(finished.need_token)
    }

    /// What delivery must know of the phone; `None` without an `upload_url`.
    pub fn delivery(&mut self) -> Option<&mut Delivery> {
        self.delivery.as_mut()
    }

    /// What stands in the way of finding and keeping trips now.
    pub fn blockers(&self) -> Vec<Blocker> {
        let full = self.full.then_some(Blocker::StorageFull);
        self.engine.blockers().into_iter().chain(full).collect()
    }

    /// Deletes all recordings. Returns the folder in which one shall be begun anew, if the host wants one.
    pub(crate) fn drop_recordings(&mut self) -> Result<Option<PathBuf>, MilepostError> {
        let Place::Folder(folder) = &self.options.place else { return Ok(None) };
        self.recorder = None;
        for path in recordings(folder) {
            std::fs::remove_file(path).map_err(|e| MilepostError::Storage { reason: format!("recording: {e}") })?;
        }
        Ok(self.options.record.then(|| folder.clone()))
    }

    /// Whether a file is the database, the diagnostics, what SQLite keeps beside them, or a recording.
    pub(crate) fn is_own(&self, file: &std::path::Path) -> bool {
        let Place::Folder(folder) = &self.options.place else { return false };
        let same = |path: &std::path::Path| path.canonicalize().ok();
        // A bare name has an empty parent: it is in the working directory.
        let parent = file.parent().map(|at| if at.as_os_str().is_empty() { std::path::Path::new(".") } else { at });
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let named = name.starts_with(DATABASE) || name.starts_with(DIAGNOSTICS) || name.ends_with(".mprec");
        named && parent.is_some_and(|at| same(at) == same(folder))
    }

    /// The engine forgets where anyone was, and so does what waits for the store. Nothing is forgotten where the store cannot
    /// be written now.
    pub(crate) fn forget(&mut self, seed: u64) -> Result<(), MilepostError> {
        self.store.write::<_, StoreError>(Durability::Power, |tx| tx.set_meta(MOVED, ""))?;
        self.engine = self.engine.forgetful(seed);
        self.unkept.clear();
        self.moved = None;
        Ok(())
    }

    /// After an erasure: closes what it left open, writes a snapshot that knows nothing, records anew.
    pub(crate) fn renew(&mut self, record_in: Option<&std::path::Path>) -> Result<(), MilepostError> {
        let next_seq = self.store.read(|db| db.last_seq())? + 1;
        if close_open_trips(&mut self.store, next_seq)? > next_seq {
            let seed = splitmix64(self.engine.seed());
            self.engine = self.engine.forgetful_from(seed, self.store.read(|db| db.last_seq())? + 1);
        }
        if let Some(folder) = record_in {
            self.recorder = Some(record(folder, &self.options, &self.engine)?);
        }
        self.commit()
    }

    /// Goes back to the last snapshot, after a fault in the engine.
    pub fn restore(&mut self, options: &Options, seed: u64) -> Result<(), MilepostError> {
        self.engine = resume(&mut self.store, &mut self.troubles, options, seed)?;
        self.plan = self.engine.plan().cloned();
        // The engine that said these is gone: what it says anew has the same numbers.
        self.unkept.clear();
        Ok(())
    }

    fn snapshot(&self) -> Result<Snapshot, MilepostError> {
        let bytes = self.engine.snapshot().map_err(|e| MilepostError::Internal { reason: e.to_string() })?;
        let after_seq = self.engine.next_seq().saturating_sub(1);
        Ok(Snapshot { version: SNAPSHOT_VERSION, after_seq, bytes })
    }

    /// Whether it is time for a commit although nothing but track points was said. While nothing moves, a kill costs
    /// nothing that the next minutes do not bring again.
    fn is_due(&self, at: Option<MonoTime>) -> bool {
        let still = at.zip(self.moved.as_ref()).is_none_or(|(at, moved)| at.since(moved.t).abs() > STILL_S);
        let idle = still
            && self.unkept.is_empty()
            && self.plan.as_ref().is_some_and(|plan| matches!(plan.reason, Reason::Idle | Reason::NotAllowed));
        let interval_s = if idle { self.commit_interval_s.max(IDLE_COMMIT_INTERVAL_S) } else { self.commit_interval_s };
        match (at, self.committed) {
            // Either way: after a restart of the phone the axis begins anew.
            (Some(at), Some(last)) => at.since(last).abs() >= interval_s,
            (Some(_), None) => true,
            (None, _) => false,
        }
    }

    /// Records, track points and the snapshot that covers them in one transaction: after a kill either all of it
    /// happened or none. What cannot be written (a full disk, a suspended store) waits for the next time, or the next
    /// snapshot would cover records that were never stored.
    fn keep(&mut self, at: Option<MonoTime>, watch: &mut dyn FnMut(&Output)) -> Result<Handled, MilepostError> {
        let snapshot = self.snapshot()?;
        let outputs = std::mem::take(&mut self.unkept);
        let stored = store_all(&mut self.store, &outputs, &snapshot, self.moved.as_ref());
        self.full = matches!(stored, Err(StoreError::Full));
        if let Err(error) = stored {
            self.unkept = outputs;
            if self.unkept.len() > MAX_UNKEPT {
                log::error!("not writable for too long: {} outputs are lost", self.unkept.len() - MAX_UNKEPT);
                self.unkept.truncate(MAX_UNKEPT);
            }
            if !matches!(error, StoreError::Suspended) {
                self.note(Trouble::Storage, &error.to_string());
            }
            if matches!(error, StoreError::Corrupt(_)) {
                // The bad file is put aside; what was said goes into the new one with the next input.
                self.store.reopen()?;
            }
            return Err(error.into());
        }
        self.committed = at.or(self.committed);
        self.commits += 1;
        outputs.iter().for_each(watch);
        let records = || outputs.iter().filter_map(record_of);
        if let Some(over) = records().find(|record| Durability::of(record) == Durability::Power) {
            // A trip is over: time to tidy up. Without a wall clock nothing is too old.
            let now_ms = over.occurred_at_ms.unwrap_or(i64::MIN);
            match self.store.write(Durability::Process, |tx| tx.evict(&self.options.quota, now_ms)) {
                Ok(Evicted { lost: 0, .. }) => {}
                Ok(Evicted { lost, .. }) => self.note(Trouble::Evicted, &format!("{lost} unsent rows")),
                Err::<_, StoreError>(error) => log::warn!("no room was made: {error}"),
            }
        }
        Ok(Handled { records: records().count(), plan: false })
    }
}

/// When it went wrong is the wall clock's to say: no record rests on it.
fn note(troubles: &mut Diagnostics, what: Trouble, detail: &str) {
    troubles.note(crate::clock::now_ms(), what.name(), detail);
}

fn record_of(output: &Output) -> Option<&Record> {
    match output {
        Output::Record(record) => Some(record),
        Output::Track(_) | Output::Plan(_) | Output::State(_) => None,
    }
}

fn store_all(
    store: &mut Store,
    outputs: &[Output],
    snapshot: &Snapshot,
    moved: Option<&TrackPoint>,
) -> Result<(), StoreError> {
    let new: Vec<NewRecord> = outputs.iter().filter_map(record_of).map(NewRecord::from).collect();
    store.write(Durability::of_all(outputs.iter().filter_map(record_of)), |tx| {
        for output in outputs {
            if let Output::Track(chunk) = output {
                tx.append_track(chunk.trip_id, &chunk.points)?;
            }
        }
        for record in outputs.iter().filter_map(record_of) {
            match &record.body {
                Body::Trip(trip) if trip.status == TripStatus::Ended => tx.seal_track(record.id)?,
                Body::Trip(trip) if trip.status == TripStatus::Discarded => tx.discard_track(record.id)?,
                _ => {}
            }
        }
        tx.append(&new)?;
        // What any later version can read: where the vehicle last moved.
        if let Some(moved) = moved {
            tx.set_meta(MOVED, &written(moved))?;
        }
        tx.set_snapshot(snapshot)
    })
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

/// The engine that the last process left, or a new one that takes up the trip which that one left open.
fn resume(
    store: &mut Store,
    troubles: &mut Diagnostics,
    options: &Options,
    seed: u64,
) -> Result<Engine, MilepostError> {
    let (last_seq, snapshot) = store.read(|db| Ok::<_, StoreError>((db.last_seq()?, db.snapshot()?)))?;
    if let Some(snapshot) = snapshot {
        match Engine::restore(&snapshot.bytes) {
            Ok(engine) if *engine.config() == options.config => return Ok(engine),
            Ok(_) => log::info!("the configuration changed: a new session begins"),
            Err(e @ (SnapshotError::Version { .. } | SnapshotError::Damaged(_))) => {
                log::warn!("{e}");
                note(troubles, Trouble::Snapshot, &e.to_string());
            }
        }
    }
    if last_seq == 0 {
        return Ok(Engine::new(options.config.clone(), &Session { seed, first_seq: options.first_seq }));
    }
    let next_seq = last_seq + 1;
    // Ids of another session of the same device must differ: so does its first running number.
    let session = |next_seq| Session { seed: splitmix64(seed ^ splitmix64(next_seq)), first_seq: next_seq };
    let mut engine = Engine::new(options.config.clone(), &session(next_seq));
    let newest = store.read(|db| db.trips(&TripQuery { limit: 1, ..TripQuery::default() }))?.trips.into_iter().next();
    if let Some(stored) = newest {
        let (mut track, moved) = store.read(|db| Ok::<_, StoreError>((db.track(stored.id)?, db.meta(MOVED)?)))?;
        // The track is stored some minutes later than it is driven.
        let moved = moved.as_deref().and_then(read_back);
        track.extend(moved.filter(|moved| track.last().is_none_or(|last| moved.t > last.t)));
        if engine.adopt(&stored.json, &track) {
            return Ok(engine);
        }
    }
    let next_seq = close_open_trips(store, next_seq)?;
    Ok(Engine::new(options.config.clone(), &session(next_seq)))
}

fn written(point: &TrackPoint) -> String {
    let TrackPoint { t, position: LatLon { lat_deg, lon_deg }, speed_mps, heading_deg: _, alt_m: _ } = point;
    json!([t.0, lat_deg, lon_deg, speed_mps]).to_string()
}

fn read_back(text: &str) -> Option<TrackPoint> {
    let (t_ns, lat_deg, lon_deg, speed_mps) = serde_json::from_str(text).ok()?;
    let position = LatLon { lat_deg, lon_deg };
    Some(TrackPoint { t: MonoTime(t_ns), position, speed_mps, heading_deg: None, alt_m: None })
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

/// What is recorded instead of an input that says where someone is or what they do, when nobody may know it: that time
/// passed. `None`: the input itself.
fn without_person(input: &Input, engine: &Engine) -> Option<Input> {
    let hidden = match input {
        Input::Imu(_) => !engine.is_allowed(),
        Input::Fix(fix) => {
            let place = LatLon { lat_deg: fix.lat_deg, lon_deg: fix.lon_deg };
            !engine.is_allowed() || engine.config().privacy_zones.hide(place)
        }
        Input::Signal(_, signal) => !engine.is_allowed() && signal.is_personal(),
        Input::Command(_, command) => {
            !engine.is_allowed() && matches!(command, Command::Tag(_) | Command::ExternalId(_))
        }
        Input::Clock(_) | Input::Tick(_) | Input::End => false,
    };
    hidden.then(|| input.newest().map(Input::Tick)).flatten()
}
