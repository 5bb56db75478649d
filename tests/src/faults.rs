//! Death at any moment: a child process stores, announces and uploads, and dies at a random point of it, again and
//! again; a parent counts what was lost, doubled or out of order. What the child does is made up (`made_up`), so that
//! both know what must be there.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use milepost_engine::Uuid;
use milepost_engine::id::splitmix64;
use milepost_ingest::{Fault, Ingest, Seen};
use milepost_store::{Durability, Location, Options, Quota, Snapshot, Store, StoreError};
use milepost_upload::{Config, Http, HttpOptions};

use crate::made_up::{self, PER_TRIP};
use crate::phone::{Phone, Step};

/// What can go wrong with the suite itself, or with what it tests.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What a child is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Life {
    /// Its store.
    pub path: PathBuf,
    /// Its server.
    pub url: String,
    /// Which made-up world it lives in.
    pub world: u64,
    /// Of what it does.
    pub seed: u64,
    /// It dies at this of the points at which it could; `None` is a life to the end: deliver all, then leave.
    pub dies_at: Option<u64>,
}

/// Steps of a life that does not end before.
const STEPS: u64 = 400;
/// The child's clock is virtual; answers that never come are the only thing it waits for.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A wall clock can be wrong by this and more.
const YEAR_MS: i64 = 365 * 24 * 3_600_000;

/// What the child process does.
pub fn live(life: &Life) -> Result<(), Failure> {
    let mut left = life.dies_at.unwrap_or(u64::MAX);
    let mut between = move || {
        left -= 1;
        if left == 0 {
            std::process::abort();
        }
    };
    between();
    let store = Store::open(Location::File(life.path.clone()), Options { seed: life.world, ..Options::default() })?;
    if let Some(loss) = store.loss() {
        return Err(format!("the store was corrupt: {}", loss.why).into());
    }
    between();
    let config = Config { max_records: 16, min_interval_ms: 1, ..Config::new(life.url.clone(), "child", life.world) };
    let mut phone = Phone::start(store, config)?;
    let http = Http::new(&HttpOptions { connect_timeout: TIMEOUT, timeout: TIMEOUT, ..HttpOptions::default() })?;
    is_whole(&phone, life.world)?;
    if life.dies_at.is_none() {
        while announce(&mut phone.store, &mut between)? {}
        return match phone.deliver(&http, 1_000_000)? {
            Some(Step::Idle) => Ok(()),
            other => Err(format!("not all was delivered: {other:?}").into()),
        };
    }
    for step in 0..STEPS {
        let draw = splitmix64(life.seed ^ splitmix64(step));
        match draw % 10 {
            0..=4 => drive(&mut phone.store, life.world, 1 + (draw >> 8) % 5, &mut between)?,
            5 | 6 => drop(announce(&mut phone.store, &mut between)?),
            7 | 8 => drop(phone.step(&http, &mut between)?),
            // The user sets the clock back a year, or forward ten.
            9 if draw >> 8 & 3 == 0 => phone.now_ms -= YEAR_MS,
            9 if draw >> 8 & 3 == 1 => phone.now_ms += 10 * YEAR_MS,
            _ => {
                phone.store.suspend()?;
                between();
                phone.store.resume()?;
                // Without a clock: what is handled and delivered would be too old ten years from now, and the parent
                // looks at everything.
                phone.store.write(Durability::Process, |tx| tx.evict(&Quota::default(), 0))?;
            }
        }
        between();
    }
    Ok(())
}

/// What is stored is what an engine that was never interrupted has said so far, and the snapshot fits to it.
fn is_whole(phone: &Phone, world: u64) -> Result<(), Failure> {
    phone.store.read(|db| {
        let last = db.last_seq()?;
        let after = db.snapshot()?.map_or(0, |snapshot| snapshot.after_seq);
        if after != last {
            return Err(Failure::from(format!("a snapshot after {after}, records up to {last}")));
        }
        // The last trips are enough here: the parent looks at everything in the end.
        let from = last.saturating_sub(3 * PER_TRIP);
        let tail = db.drain(from, usize::MAX >> 1)?;
        let said: Vec<String> = (from + 1..=last).map(|seq| made_up::record(world, seq).json).collect();
        if !tail.iter().map(|stored| &stored.json).eq(&said) {
            return Err(format!("records {from} to {last} are not what they were").into());
        }
        if last > 0 {
            let trip = (last - 1) / PER_TRIP;
            let expected: usize = (trip * PER_TRIP + 1..=last).map(|seq| made_up::points(seq).len()).sum();
            let found = db.track(made_up::trip_id(world, trip))?.len();
            if found != expected {
                return Err(format!("{found} points of {expected}").into());
            }
        }
        Ok(())
    })
}

fn drive(store: &mut Store, world: u64, records: u64, between: &mut dyn FnMut()) -> Result<(), StoreError> {
    between();
    store.write(Durability::Process, |tx| {
        let last = tx.last_seq()?;
        for seq in last + 1..=last + records {
            tx.append(&[made_up::record(world, seq)])?;
            between();
            let trip = made_up::trip_id(world, (seq - 1) / PER_TRIP);
            tx.append_track(trip, &made_up::points(seq))?;
            if seq % PER_TRIP == 0 {
                tx.seal_track(trip)?;
            }
        }
        between();
        tx.set_snapshot(&Snapshot { version: 1, after_seq: tx.last_seq()?, bytes: vec![7; 2_000] })?;
        between();
        Ok(())
    })
}

/// Tells the parent what the host would be told; from now on it must never be lost. False when there is no news.
pub(crate) fn announce(store: &mut Store, between: &mut dyn FnMut()) -> Result<bool, Failure> {
    let news = store.read(|db| db.drain(db.host_seq()?, 50))?;
    let Some(last) = news.last().map(|stored| stored.seq) else { return Ok(false) };
    let mut out = std::io::stdout().lock();
    for stored in &news {
        writeln!(out, "{} {} {}", stored.seq, stored.id, stored.rev)?;
    }
    out.flush()?;
    between();
    store.write(Durability::Process, |tx| tx.ack_host(last))?;
    Ok(true)
}

/// What came of many deaths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Deaths survived.
    pub kills: u64,
    /// Of them by SIGKILL from outside.
    pub sigkills: u64,
    /// Records announced to the host.
    pub announced: u64,
    /// Records at the server.
    pub held: u64,
    /// POSTs.
    pub requests: u64,
    /// Announced, and not at the server in this or a later revision.
    pub lost: u64,
    /// Held with another content than they were stored with, or with two contents.
    pub doubled: u64,
    /// Records of a class of a trip that came before an earlier one.
    pub out_of_order: u64,
}

/// Runs lives in one world after another until `enough` says so (it is given the report so far).
pub fn run(program: &Path, dir: &Path, seed: u64, enough: impl Fn(&Report) -> bool) -> Result<Report, Failure> {
    /// After so many deaths a new world begins, so that stores stay of a usual size.
    const DEATHS_IN_A_WORLD: u64 = 250;
    let mut total = Report::default();
    for world in 1.. {
        let server = Ingest::start(0)?;
        server.misbehave(move |seen| bad_day(seed ^ world, seen));
        let mut known = BTreeMap::new();
        let mut life = Life { path: dir.join(format!("{world}.db")), url: server.url(), world, seed, dies_at: None };
        for n in 0..DEATHS_IN_A_WORLD {
            life.seed = splitmix64(seed ^ splitmix64(world ^ n << 32));
            // From the first moments to the end of a life.
            life.dies_at = Some(1 + life.seed % (1 << (1 + n % 9)));
            // One in eight is killed from outside in the middle of what it says.
            let after_lines = (n % 8 == 7).then_some(life.seed >> 40 & 31);
            let death = one_life(program, &life, after_lines, &mut known)?;
            total.kills += u64::from(death);
            total.sigkills += u64::from(death && after_lines.is_some());
            if enough(&total) {
                break;
            }
        }
        server.behave();
        life.dies_at = None;
        one_life(program, &life, None, &mut known)?;
        judge(&mut total, &server, world, &known);
        server.stop();
        if enough(&total) {
            break;
        }
    }
    Ok(total)
}

/// True if it died; an error if it failed.
fn one_life(
    program: &Path,
    life: &Life,
    after_lines: Option<u64>,
    known: &mut BTreeMap<u64, (Uuid, u32)>,
) -> Result<bool, Failure> {
    let mut child = spawn(program, life)?;
    let out = child.stdout.take().ok_or("no output of the child")?;
    for (n, line) in (0..).zip(BufReader::new(out).lines()) {
        if after_lines == Some(n) {
            child.kill()?;
        }
        // The last line of a killed child may be torn; it was not flushed as a whole, so it was not said.
        let line = line?;
        let mut words = line.split(' ');
        if let (Some(seq), Some(id), Some(rev)) = (words.next(), words.next(), words.next())
            && let (Ok(seq), Ok(id), Ok(rev)) = (seq.parse(), id.parse(), rev.parse())
        {
            known.insert(seq, (id, rev));
        }
    }
    let status = child.wait()?;
    match status.code() {
        Some(0) => Ok(false),
        // A signal: its own abort, or the parent's SIGKILL.
        None => Ok(true),
        Some(code) => Err(format!("the child failed with {code}: {life:?}").into()),
    }
}

fn spawn(program: &Path, life: &Life) -> Result<Child, Failure> {
    let mut command = Command::new(program);
    command.arg("--child").arg(&life.path).arg(&life.url).args([life.world.to_string(), life.seed.to_string()]);
    command.args(life.dies_at.map(|n| n.to_string()));
    Ok(command.stdout(Stdio::piped()).spawn()?)
}

pub(crate) fn bad_day(seed: u64, seen: &Seen) -> Fault {
    match splitmix64(seed ^ splitmix64(seen.number)) % 16 {
        0 => Fault::ResetBefore,
        1 => Fault::ResetAfter,
        2 => Fault::Truncate,
        3 => Fault::Repeat,
        4 => Fault::Status(500, None),
        5 => Fault::Status(429, Some("7".into())),
        6 => Fault::Status(503, None),
        7 => Fault::Delay(Duration::from_millis(3)),
        _ => Fault::None,
    }
}

fn judge(total: &mut Report, server: &Ingest, world: u64, known: &BTreeMap<u64, (Uuid, u32)>) {
    let held = server.records();
    let tally = server.tally();
    let revs: BTreeMap<Uuid, u32> = held.iter().map(|h| (h.id, h.rev)).collect();
    total.announced += known.len() as u64;
    total.held += held.len() as u64;
    total.requests += tally.requests;
    total.lost +=
        known.values().filter(|(id, rev)| revs.get(id).is_none_or(|at_server| at_server < rev)).count() as u64;
    total.doubled += tally.contradicted;

    // What is there must be what the world says; the children announced all of it.
    let said: BTreeSet<String> = known.keys().map(|seq| made_up::record(world, *seq).json).collect();
    let mut last: BTreeMap<(String, String), u64> = BTreeMap::new();
    for record in held.iter().filter(|h| !h.json.contains("milepost.track/1")) {
        total.doubled += u64::from(!said.contains(&record.json));
        let json: serde_json::Value = serde_json::from_str(&record.json).unwrap_or_default();
        let seq = json["seq"].as_u64().unwrap_or(0);
        let before = last.insert((json["trip_id"].to_string(), json["schema"].to_string()), seq);
        total.out_of_order += u64::from(before.is_some_and(|before| before > seq));
    }
}
