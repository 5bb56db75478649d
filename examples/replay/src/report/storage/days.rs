//! Days through the very kernel that phones run, with a database in a file: of a car that drives passengers day and night,
//! offline for all of them, then delivered at once; or a courier's, online all the time. Every byte of requests and answers is counted, headers too; TLS and TCP
//! are not.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use milepost::upload::{DICTIONARY_VERSION, Network, Outcome, Request};
use milepost::{Kernel, NextUpload, Options, Place};
use milepost_engine::contract::Input;
use milepost_sim::Scenario;
use serde_json::{Value, json};

use crate::replay::Failure;

/// Where nobody listens: the requests are counted, not sent.
const URL: &str = "https://ingest.example.org/v1/batches";
/// Days of the simulator's drivers of passengers that make one of a phone offline: some eight hours of trips.
const SHIFTS: u64 = 2;
/// What a server's answer has beside its body: status line, type, length, date, a name.
const ANSWER_HEAD_BYTES: usize = 150;
/// A batch is far smaller.
const MAX_BATCH: usize = 16 << 20;
const MS_PER_DAY: i64 = 86_400_000;
const BEGIN_MS: i64 = 1_700_000_000_000;

/// What came of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Days {
    /// Trips, events and scores that the engine said, at their highest revision.
    pub said: usize,
    /// Of them, those that the server did not get.
    pub lost: usize,
    /// Hours of finished trips.
    pub driving_h: f64,
    /// Megabytes of the database at its largest, log included.
    pub file_mb: f64,
    /// Megabytes that it grew by when it lived through the same once more after the delivery.
    pub grown_mb: f64,
    /// Bytes sent and received.
    pub wire: Wire,
}

/// Bytes sent and received.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wire {
    /// Requests.
    pub batches: usize,
    /// As they are.
    pub bytes: usize,
    /// The same if events had no waveforms.
    pub without_waveforms: usize,
    /// Of them, heads of requests, and answers.
    pub headers: usize,
}

/// So many days offline, then everything at once; and one more shift, to see whether the file grows.
pub fn offline(first_seed: u64, days: u64) -> Result<Days, Failure> {
    let folder = tempfile::tempdir()?;
    let mut kernel = open(folder.path(), first_seed)?;
    let mut server = Server::default();
    let mut found = Days::default();
    kernel.delivery().into_iter().for_each(|delivery| delivery.network = Network::None);
    for n in 0..days * SHIFTS {
        live(&mut kernel, shift(first_seed + n), &mut |_, _| {
            found.file_mb = found.file_mb.max(megabytes(folder.path()));
            Ok(())
        })?;
    }
    kernel.delivery().into_iter().for_each(|delivery| delivery.network = Network::Unmetered);
    let now_ms = BEGIN_MS + days as i64 * MS_PER_DAY;
    found.wire = server.take(&mut kernel, now_ms, true)?;
    let stored = kernel.store().read(|db| db.drain(0, usize::MAX >> 1))?;
    found.count(&stored, &server);
    let last = stored.last().map_or(0, |stored| stored.seq);
    kernel.store().write(milepost::store::Durability::Process, |tx| tx.ack_host(last))?;
    live(&mut kernel, shift(first_seed + days * SHIFTS), &mut |_, _| Ok(()))?;
    found.grown_mb = megabytes(folder.path()) - found.file_mb;
    Ok(found)
}

/// So many days online, each on a phone of its own: asked what to send at each fix and whenever something was said.
pub fn online(first_seed: u64, days: u64) -> Result<Days, Failure> {
    let mut all = Days::default();
    for seed in first_seed..first_seed + days {
        let day = day_online(seed)?;
        all.said += day.said;
        all.lost += day.lost;
        all.driving_h += day.driving_h;
        all.wire.add(day.wire);
    }
    Ok(all)
}

fn day_online(seed: u64) -> Result<Days, Failure> {
    let folder = tempfile::tempdir()?;
    let mut kernel = open(folder.path(), seed)?;
    let mut server = Server::default();
    let mut found = Days::default();
    let mut wire = Wire::default();
    live(&mut kernel, Scenario::courier_day(seed), &mut |kernel, now_ms| {
        wire.add(server.take(kernel, now_ms, false)?);
        Ok(())
    })?;
    wire.add(server.take(&mut kernel, BEGIN_MS + MS_PER_DAY, true)?);
    found.wire = wire;
    let stored = kernel.store().read(|db| db.drain(0, usize::MAX >> 1))?;
    found.count(&stored, &server);
    Ok(found)
}

/// Midnight to midnight of somebody who drives passengers.
fn shift(seed: u64) -> Scenario {
    Scenario::ride_hailing_week(seed).days(1)
}

fn open(folder: &Path, seed: u64) -> Result<Kernel, Failure> {
    let mut options = Options::new(Place::Folder(folder.to_owned()), "courier", "")?;
    options.seed = Some(seed);
    options.upload_url = Some(URL.to_owned());
    Ok(Kernel::open(&options)?)
}

/// A day of somebody, on a phone that was started anew. `after` is called whenever something was stored.
fn live(
    kernel: &mut Kernel,
    day: Scenario,
    after: &mut dyn FnMut(&mut Kernel, i64) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut at_ms = 0;
    for input in day.world().inputs() {
        let fix = if let Input::Fix(fix) = &input { Some(fix.t.0 / 1_000_000) } else { None };
        at_ms = fix.map_or(at_ms, |fix_ms| fix_ms.max(at_ms));
        if kernel.handle(input, &mut |_| {})?.records > 0 || fix.is_some() {
            after(kernel, BEGIN_MS + at_ms)?;
        }
    }
    kernel.commit()?;
    Ok(())
}

fn megabytes(folder: &Path) -> f64 {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    files.filter_map(|file| Some(file.metadata().ok()?.len() as f64)).sum::<f64>() / 1e6
}

impl Days {
    fn count(&mut self, stored: &[milepost::store::Stored], server: &Server) {
        const WANTED: [&str; 3] = ["milepost.trip/", "milepost.event/", "milepost.score/"];
        let mut newest = BTreeMap::new();
        for record in stored.iter().filter(|r| WANTED.iter().any(|schema| r.schema.starts_with(schema))) {
            let known = newest.entry(record.id).or_insert(record);
            if record.rev >= known.rev {
                *known = record;
            }
        }
        for record in newest.into_values() {
            let value: Value = serde_json::from_str(&record.json).unwrap_or_default();
            self.said += 1;
            self.lost += usize::from(!server.has.contains(&(record.id, record.rev)));
            if value.get("status").and_then(Value::as_str) == Some("ended") {
                self.driving_h += value.get("duration_s").and_then(Value::as_f64).unwrap_or(0.0) / 3_600.0;
            }
        }
    }
}

impl Wire {
    fn add(&mut self, other: Self) {
        self.batches += other.batches;
        self.bytes += other.bytes;
        self.without_waveforms += other.without_waveforms;
        self.headers += other.headers;
    }
}

/// Takes everything, and counts it.
#[derive(Default)]
struct Server {
    has: BTreeSet<milepost::upload::Key>,
}

impl Server {
    /// What is due at this time, or all there is.
    fn take(&mut self, kernel: &mut Kernel, now_ms: i64, all: bool) -> Result<Wire, Failure> {
        let mut wire = Wire::default();
        while let NextUpload::Send(request) = kernel.next_upload(now_ms, all)? {
            self.answer(kernel, &request, now_ms, &mut wire)?;
        }
        Ok(wire)
    }

    fn answer(&mut self, kernel: &mut Kernel, request: &Request, now_ms: i64, wire: &mut Wire) -> Result<(), Failure> {
        self.has.extend(&request.keys);
        let control = json!({"dictionary": DICTIONARY_VERSION});
        let answer = json!({"acked_batch": request.batch_id, "control": control}).to_string().into_bytes();
        let head = request_head(request) + ANSWER_HEAD_BYTES + answer.len();
        wire.batches += 1;
        wire.headers += head;
        wire.bytes += head + request.body.len();
        wire.without_waveforms += head + without_waveforms(request)?;
        let outcome = Outcome::Answer { status: 200, retry_after: None, body: answer };
        kernel.upload_finished(now_ms, request.batch_id, outcome)?;
        Ok(())
    }
}

/// As HTTP/1.1 has it.
fn request_head(request: &Request) -> usize {
    let fixed = format!(
        "POST /v1/batches HTTP/1.1\r\nHost: ingest.example.org\r\nContent-Length: {}\r\n\r\n",
        request.body.len()
    );
    fixed.len() + request.headers.iter().map(|(name, value)| name.len() + value.len() + 4).sum::<usize>()
}

/// The length of the same body with each event's `evidence` null.
fn without_waveforms(request: &Request) -> Result<usize, Failure> {
    let encoding = request.encoding().ok_or("an encoding of nobody's")?;
    let mut batch: Value = serde_json::from_slice(&encoding.unpack(&request.body, MAX_BATCH)?)?;
    let records = batch.get_mut("records").and_then(Value::as_array_mut);
    for evidence in records.into_iter().flatten().filter_map(|record| record.get_mut("evidence")) {
        *evidence = Value::Null;
    }
    Ok(encoding.pack(batch.to_string().as_bytes())?.len())
}
