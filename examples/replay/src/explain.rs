//! `milepost explain`: how the scores of a replay came about, line by line. The lines are the engine's.

use std::fs::File;
use std::io::{BufRead, BufReader};

use milepost_engine::config::{Config, Preset};
use milepost_engine::score::explain;
use serde_json::Value;

use crate::args::Explain;
use crate::rated;
use crate::replay::Failure;
use crate::say::say;

/// Prints them.
pub fn run(args: &Explain) -> Result<(), Failure> {
    let path = if args.path.is_dir() { args.path.join("records.jsonl") } else { args.path.clone() };
    let failed = |e: String| format!("{}: {e}", path.display());
    let file = File::open(&path).map_err(|e| failed(e.to_string()))?;
    let mut records: Vec<Value> = Vec::new();
    for line in BufReader::new(file).lines() {
        let line = line.map_err(|e| failed(e.to_string()))?;
        records.push(serde_json::from_str(&line).map_err(|e| failed(e.to_string()))?);
    }
    let config = config(&records)?;
    let mut trips = rated::read(records.into_iter());
    if let Some(wanted) = &args.trip {
        trips.retain(|trip| trip.id == wanted.to_string());
    }
    if trips.is_empty() {
        return Err(failed("holds no such finished trip".to_owned()).into());
    }
    for trip in &trips {
        say!("trip {}", trip.id)?;
        for line in explain(&config.score, &trip.trip, &trip.events, &trip.sensed) {
            say!("{line}")?;
        }
        say!("")?;
    }
    Ok(())
}

/// The configuration that was in force: the summary has it; a phone's export has none, and then it is the default.
fn config(records: &[Value]) -> Result<Config, Failure> {
    let summary = records.iter().rev().find_map(|record| record.get("config"));
    match summary {
        Some(config) => Ok(Config::from_json(Preset::default(), &config.to_string())?),
        None => Ok(Config::default()),
    }
}
