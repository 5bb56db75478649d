//! Death of the whole phone: a child process runs the kernel over a simulated drive and dies at any moment, in the middle
//! of a transaction too, again and again; the next goes on with what the sensors give then. In the end the trips are
//! compared with those of a run that nobody interrupted. The made-up worlds of `faults` know to the byte what must be
//! there; here it is the engine that says it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use milepost::{Kernel, NextUpload, Options, Place};
use milepost_engine::Uuid;
use milepost_engine::contract::Input;
use milepost_engine::id::splitmix64;
use milepost_ingest::Ingest;
use milepost_sim::Scenario;
use milepost_store::Carrier;
use milepost_upload::{Http, HttpOptions, Transport};
use serde_json::Value;

use crate::faults::{Failure, announce, bad_day};

/// Of a drive. Long enough for a trip, events and a score; a drive as a simulator makes it is over at its end.
const MINUTES: u32 = 15;
/// The child says how far it is after so many inputs; the next begins so many later: two seconds or so are lost.
const TELL_EVERY: usize = 5;
/// A life that is to end does so after fewer inputs than this, a hundred seconds of the drive.
const LIFE_INPUTS: u64 = 600;
/// One life in so many ends while its store is being opened.
const AT_OPENING: u64 = 8;
/// Death comes within this of the input that brings it: in the middle of one, of a transaction, of an answer.
const DEATH_US: u64 = 4_000;
/// Epoch milliseconds at zero of the axis of the drive, for the upload alone.
const BEGIN_MS: i64 = 1_700_000_000_000;
/// Answers that never come are the only thing that is waited for.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Ends of trips may differ by what was not yet committed, and by what passed before the next process looked.
const MAX_SHIFT_S: f64 = 10.0;

/// What a child is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drive {
    /// Its folder.
    pub folder: PathBuf,
    /// Its server.
    pub url: String,
    /// Which drive.
    pub seed: u64,
    /// Inputs before this are gone.
    pub from: usize,
    /// It dies soon after so many inputs; `None` is a life to the end: deliver all, then leave.
    pub dies_after: Option<u64>,
}

/// What came of many deaths.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Driven {
    /// Drives.
    pub drives: u64,
    /// Deaths survived.
    pub kills: u64,
    /// Trips that nobody interrupted.
    pub trips: u64,
    /// Of them, those that are not there or that begin or end more than ten seconds elsewhere, and trips too many.
    pub different: u64,
    /// Each of these: the drive, then start and end without kills and with them, in seconds, and after which inputs it died.
    pub differences: Vec<String>,
    /// The farthest that an end of a trip lay from where it was without kills, in seconds.
    pub farthest_end_s: f64,
    /// The longest time without a point of track where the uninterrupted run has points, in seconds.
    pub longest_hole_s: f64,
    /// Records announced to the host.
    pub announced: u64,
    /// Of them, not at the server in this or a later revision.
    pub lost: u64,
    /// Held by the server with two contents, or a trip twice.
    pub doubled: u64,
}

/// What the child process does.
pub fn live(drive: &Drive) -> Result<(), Failure> {
    let mut left = drive.dies_after;
    if left == Some(0) {
        die_soon(drive)?;
    }
    let mut kernel = Kernel::open(&options(Place::Folder(drive.folder.clone()), drive.seed, Some(&drive.url))?)?;
    if let Some(loss) = kernel.store().loss() {
        return Err(format!("the store was corrupt: {}", loss.why).into());
    }
    let http = Http::new(&HttpOptions { connect_timeout: TIMEOUT, timeout: TIMEOUT, ..HttpOptions::default() })?;
    let mut now_ms = BEGIN_MS;
    for (n, input) in inputs(drive.seed).enumerate().skip(drive.from) {
        left = left.map(|n| n.saturating_sub(1));
        if left == Some(0) {
            die_soon(drive)?;
            left = None;
        }
        if n % TELL_EVERY == 0 {
            say(&format!("at {n}"))?;
        }
        if let Input::Fix(fix) = &input {
            now_ms = BEGIN_MS + fix.t.0 / 1_000_000;
        }
        if kernel.handle(input, &mut |_| {})?.records > 0 {
            announce(kernel.store(), &mut || {})?;
            upload(&mut kernel, &http, now_ms)?;
        }
    }
    kernel.commit()?;
    while announce(kernel.store(), &mut || {})? {}
    // Each wait is over at once: the clock is moved.
    loop {
        match kernel.next_upload(now_ms, true)? {
            NextUpload::Send(request) => {
                let outcome = http.send(&request);
                kernel.upload_finished(now_ms, request.batch_id, outcome)?;
            }
            NextUpload::Wait { until_ms: Some(until_ms), .. } => now_ms = until_ms,
            NextUpload::Wait { until_ms: None, why } => return Err(format!("the upload waits for {why:?}").into()),
            NextUpload::Idle => return Ok(()),
        }
    }
}

/// Kills children over one drive after another until `enough` says so.
pub fn run(program: &Path, dir: &Path, seed: u64, enough: impl Fn(&Driven) -> bool) -> Result<Driven, Failure> {
    let mut total = Driven::default();
    while !enough(&total) {
        let seed = splitmix64(seed ^ total.drives) >> 32;
        let server = Ingest::start(0)?;
        server.misbehave(move |seen| bad_day(seed, seen));
        let folder = dir.join(format!("drive-{seed}"));
        let mut drive = Drive { folder: folder.clone(), url: server.url(), seed, from: 0, dies_after: None };
        let (last, mut known) = (inputs(seed).count(), BTreeMap::new());
        let mut deaths = Vec::new();
        while drive.from < last {
            let draw = splitmix64(seed ^ total.kills << 20);
            drive.dies_after = Some(if draw.is_multiple_of(AT_OPENING) { 0 } else { (draw >> 8) % LIFE_INPUTS });
            if !one_life(program, &mut drive, &mut known)? {
                break;
            }
            total.kills += 1;
            deaths.push(drive.from);
        }
        server.behave();
        // The end of the input is not lost: phones have none, and without it a trip would be open.
        (drive.from, drive.dies_after) = (last - 1, None);
        one_life(program, &mut drive, &mut known)?;
        total.drives += 1;
        judge(&mut total, &drive, &server, &known, &deaths)?;
        server.stop();
        std::fs::remove_dir_all(&folder)?;
    }
    Ok(total)
}

fn die_soon(drive: &Drive) -> Result<(), Failure> {
    let us = splitmix64(drive.seed ^ splitmix64(drive.from as u64)) % DEATH_US;
    std::thread::Builder::new().spawn(move || {
        #[expect(clippy::disallowed_methods, reason = "death comes when it comes")]
        std::thread::sleep(Duration::from_micros(us));
        std::process::abort();
    })?;
    Ok(())
}

fn options(place: Place, seed: u64, url: Option<&str>) -> Result<Options, Failure> {
    let mut options = Options::new(place, "courier", "")?;
    options.seed = Some(seed);
    options.carrier = Carrier::BuiltIn;
    options.upload_url = url.map(str::to_owned);
    Ok(options)
}

/// Few samples a second: it is not how the vehicle moves that is tested.
fn inputs(seed: u64) -> impl Iterator<Item = Input> {
    Scenario::drive(seed).minutes(MINUTES).imu_hz(10.0).world().inputs().chain([Input::End])
}

fn say(line: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

fn upload(kernel: &mut Kernel, http: &Http, now_ms: i64) -> Result<(), Failure> {
    if let NextUpload::Send(request) = kernel.next_upload(now_ms, true)? {
        let outcome = http.send(&request);
        kernel.upload_finished(now_ms, request.batch_id, outcome)?;
    }
    Ok(())
}

/// True if it died. Moves `drive` to where the next begins.
fn one_life(program: &Path, drive: &mut Drive, known: &mut BTreeMap<u64, (Uuid, u32)>) -> Result<bool, Failure> {
    let mut command = Command::new(program);
    command.arg("--drive").arg(&drive.folder).arg(&drive.url).args([drive.seed.to_string(), drive.from.to_string()]);
    command.args(drive.dies_after.map(|n| n.to_string()));
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let out = child.stdout.take().ok_or("no output of the child")?;
    for line in BufReader::new(out).lines() {
        // The last line may be torn; it was not flushed as a whole, so it was not said.
        let line = line?;
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            ["at", n] => drive.from = n.parse::<usize>()? + TELL_EVERY,
            [seq, id, rev] => {
                if let (Ok(seq), Ok(id), Ok(rev)) = (seq.parse(), id.parse(), rev.parse()) {
                    known.insert(seq, (id, rev));
                }
            }
            _ => {}
        }
    }
    match child.wait()?.code() {
        Some(0) => Ok(false),
        None => Ok(true),
        Some(code) => Err(format!("the child failed with {code}: {drive:?}").into()),
    }
}

fn judge(
    total: &mut Driven,
    drive: &Drive,
    server: &Ingest,
    known: &BTreeMap<u64, (Uuid, u32)>,
    deaths: &[usize],
) -> Result<(), Failure> {
    let seed = drive.seed;
    let mut whole = Kernel::open(&options(Place::Memory, seed, None)?)?;
    for input in inputs(seed) {
        whole.handle(input, &mut |_| {})?;
    }
    let mut killed = Kernel::open(&options(Place::Folder(drive.folder.clone()), seed, None)?)?;
    let (expected, found) = (trips(&mut whole)?, trips(&mut killed)?);
    total.trips += expected.len() as u64;
    if expected.len() != found.len() {
        total.different += expected.len().abs_diff(found.len()) as u64;
        total.differences.push(format!("drive {seed}: {} trips, not {}; {deaths:?}", found.len(), expected.len()));
    }
    for (e, f) in expected.iter().zip(&found) {
        let shift_s = (e.start_s - f.start_s).abs().max((e.end_s - f.end_s).abs());
        if shift_s > MAX_SHIFT_S {
            total.different += 1;
            let (whole, killed) = ((e.start_s, e.end_s), (f.start_s, f.end_s));
            total.differences.push(format!("drive {seed}: {whole:?} {killed:?}, deaths at inputs {deaths:?}"));
        }
        total.farthest_end_s = total.farthest_end_s.max(shift_s);
        let ends = [e.start_s.max(f.start_s), e.end_s.min(f.end_s)];
        let mut at: Vec<f64> = ends.into_iter().chain(f.points_s.iter().copied()).collect();
        at.sort_by(f64::total_cmp);
        let hole = at.windows(2).map(|w| w[1] - w[0]).fold(0.0, f64::max);
        total.longest_hole_s = total.longest_hole_s.max(hole);
    }
    let held = server.records();
    let revs: BTreeMap<Uuid, u32> = held.iter().map(|h| (h.id, h.rev)).collect();
    total.announced += known.len() as u64;
    total.lost +=
        known.values().filter(|(id, rev)| revs.get(id).is_none_or(|at_server| at_server < rev)).count() as u64;
    total.doubled += server.tally().contradicted;
    let ended = held.iter().filter(|h| h.json.contains("milepost.trip/") && h.json.contains(r#""status":"ended""#));
    total.doubled += (ended.count() as u64).saturating_sub(found.len() as u64);
    Ok(())
}

struct Trip {
    start_s: f64,
    end_s: f64,
    points_s: Vec<f64>,
}

fn trips(kernel: &mut Kernel) -> Result<Vec<Trip>, Failure> {
    let page = kernel.store().read(|db| db.trips(&milepost_store::TripQuery::default()))?;
    let mut found = Vec::new();
    for stored in page.trips {
        let value: Value = serde_json::from_str(&stored.json)?;
        if value["status"] != "ended" {
            continue;
        }
        let points = kernel.store().read(|db| db.track(stored.id))?;
        found.push(Trip {
            start_s: value["start_t_s"].as_f64().unwrap_or(f64::NAN),
            end_s: value["end_t_s"].as_f64().unwrap_or(f64::NAN),
            points_s: points.iter().map(|p| p.t.seconds()).collect(),
        });
    }
    Ok(found)
}
