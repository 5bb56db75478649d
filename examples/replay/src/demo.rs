//! `milepost demo`: a simulated courier's day goes through the core, is uploaded to a server on this machine, and is
//! compared with what really happened.

use std::collections::BTreeMap;

use milepost::store::Carrier;
use milepost::{Kernel, Options, Place, StoredRecord};
use milepost_engine::contract::Input;
use milepost_ingest::Ingest;
use milepost_sim::{FixRuns, Item, Scenario, Truth};
use serde_json::Value;

use crate::args::Demo;
use crate::compare;
use crate::replay::{Failure, Run};
use crate::upload;

/// Snapshots are for phones that die; a demo does not.
const COMMIT_INTERVAL_S: f64 = 600.0;

/// Runs it.
pub fn run(args: &Demo) -> Result<(), Failure> {
    let server = Ingest::start(0)?;
    let scenario = Scenario::courier_day(args.seed);
    let mut options = Options::new(Place::Memory, "courier", "")?;
    options.config.states = true;
    options.seed = Some(args.seed);
    options.commit_interval_s = COMMIT_INTERVAL_S;
    options.carrier = Carrier::BuiltIn;
    options.upload_url = Some(server.url());
    let mut kernel = Kernel::open(&options)?;
    let mut run = Run::begin(&args.out, None)?;
    let (mut truth, mut fixes) = (Truth::default(), FixRuns::default());
    println!("a courier's day, simulated with seed {}:", args.seed);
    for item in scenario.world() {
        match item {
            Item::Input(input) => {
                if let Input::Fix(fix) = &input {
                    fixes.fix(fix.t.seconds());
                }
                run.step(&mut kernel, input)?;
            }
            Item::Fact(fact) => truth.take(fact),
            Item::State(_) => {}
        }
    }
    run.step(&mut kernel, Input::End)?;
    let ran = run.finish()?;
    ran.tell();
    let batches = upload::deliver(&mut kernel)?;
    let stored: Vec<StoredRecord> =
        kernel.store().read(|db| db.drain(0, usize::MAX))?.into_iter().map(Into::into).collect();
    check_server(&server, &stored)?;
    println!("uploaded in {batches} batches to {}: every record is there exactly once\n", server.url());
    compare::print(&latest(&stored)?, &truth, &fixes);
    println!("\nlook at {}", args.out.join("report.html").display());
    Ok(())
}

/// The server holds the highest revision of everything that was stored, byte for byte, and nothing else.
fn check_server(server: &Ingest, stored: &[StoredRecord]) -> Result<(), Failure> {
    let mut newest: BTreeMap<&str, &StoredRecord> = BTreeMap::new();
    for record in stored {
        let known = newest.entry(&record.id).or_insert(record);
        if record.rev >= known.rev {
            *known = record;
        }
    }
    let held = server.records();
    let mut found = 0;
    for record in &held {
        match newest.get(record.id.to_string().as_str()) {
            Some(mine) if mine.json == record.json => found += 1,
            Some(mine) => return Err(format!("{} {} is not the same on the server", mine.schema, mine.id).into()),
            // Track chunks are made for the wire and have ids of their own.
            None if record.json.contains("milepost.track/") => {}
            None => return Err(format!("the server holds {}, which nobody sent", record.id).into()),
        }
    }
    if found != newest.len() {
        return Err(format!("{} records are not at the server", newest.len() - found).into());
    }
    Ok(())
}

fn latest(stored: &[StoredRecord]) -> Result<Vec<Value>, Failure> {
    let mut newest: BTreeMap<&str, Value> = BTreeMap::new();
    for record in stored {
        newest.insert(&record.id, serde_json::from_str(&record.json)?);
    }
    Ok(newest.into_values().collect())
}
