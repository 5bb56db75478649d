//! `milepost report cost`: what the core costs beside `vqf-rs` on the same samples in the same run, what it keeps, what
//! it sends, and how fast the world itself is. Times are of this machine, with whatever else it was doing: the ratios
//! are what to read.

use std::hint::black_box;

use milepost_engine::config::{Config, Preset};
use milepost_engine::contract::Input;
use milepost_engine::sample::ImuSample;
use milepost_engine::{Engine, Session};
use milepost_sim::{Item, Scenario};

use super::motion::Peer;
use super::seeds::Seeds;
use super::table::{Goal, Table};
use super::tally::{Errors, Value};
use crate::stopwatch::{Stopwatch, peak_memory_mb};

/// The drive that is timed: long enough that everything is learned for most of it.
const MINUTES: u32 = 20;
/// Peer and engine in turn, so often: the median of the ratios withstands what else the machine does.
const TURNS: usize = 9;
const KIB: f64 = 1024.0;

/// Measures and lists it.
pub fn table(seeds: &Seeds) -> Table {
    let mut table = Table::new("Cost");
    let scenario = Scenario::drive(seeds.range.start).minutes(MINUTES);
    let on = &format!("drive ({MINUTES} min), seed {}, {TURNS} turns", seeds.range.start);
    let inputs: Vec<Input> = scenario.world().inputs().collect();
    let samples: Vec<ImuSample> = inputs.iter().flat_map(imu).copied().collect();
    let fixes: Vec<Input> = inputs.iter().filter(|i| matches!(i, Input::Fix(_))).cloned().collect();
    let mut costs = Costs::default();
    for _ in 0..TURNS {
        let peer_ns = time_ns(samples.len(), || peer(&samples));
        // Copied before the clock starts: a host gives its batches away.
        let (all, some) = (inputs.clone(), fixes.clone());
        let engine_ns = time_ns(samples.len(), || drop(black_box(engine(all))));
        let fix_ns = time_ns(fixes.len(), || drop(black_box(engine(some))));
        costs.push(peer_ns, engine_ns, fix_ns);
    }
    costs.list(&mut table, on);
    state(&mut table, on, &inputs);
    world(&mut table, seeds);
    let peak = Value { value: peak_memory_mb(), n: 1.0, known: None };
    table.row("peak memory of this whole run, MB", peak, Goal::None, "everything above");
    table
}

#[derive(Default)]
struct Costs {
    peer_ns: Errors,
    engine_ns: Errors,
    fix_ns: Errors,
    sample_ratio: Errors,
    fix_ratio: Errors,
}

impl Costs {
    fn push(&mut self, peer_ns: f64, engine_ns: f64, fix_ns: f64) {
        self.peer_ns.values.push(peer_ns);
        self.engine_ns.values.push(engine_ns);
        self.fix_ns.values.push(fix_ns);
        self.sample_ratio.values.push(engine_ns / peer_ns);
        self.fix_ratio.values.push(fix_ns / peer_ns);
    }

    fn list(&self, table: &mut Table, on: &str) {
        let mut row = |figure, errors: &Errors, goal| {
            let median = Value { known: None, ..errors.median() };
            table.row(figure, median, goal, on);
        };
        row("whole engine, of vqf-rs' time per IMU sample", &self.sample_ratio, Goal::AtMost(0.75));
        row("whole engine per fix, of vqf-rs' time per IMU sample", &self.fix_ratio, Goal::AtMost(5.0));
        row("vqf-rs, ns per IMU sample", &self.peer_ns, Goal::None);
        row("whole engine, everything, ns per IMU sample", &self.engine_ns, Goal::None);
        row("whole engine, fixes alone, ns per fix", &self.fix_ns, Goal::None);
    }
}

fn imu(input: &Input) -> &[ImuSample] {
    match input {
        Input::Imu(batch) => batch,
        Input::Fix(_) | Input::Signal(..) | Input::Command(..) | Input::Clock(_) | Input::Tick(_) | Input::End => &[],
    }
}

fn time_ns(items: usize, work: impl FnOnce()) -> f64 {
    let watch = Stopwatch::start();
    work();
    watch.elapsed().as_secs_f64() * 1e9 / items.max(1) as f64
}

fn peer(samples: &[ImuSample]) {
    let mut peer = Peer::default();
    samples.iter().for_each(|sample| peer.sample(sample));
    black_box(peer.up());
}

/// As on a phone: no states.
fn engine(inputs: Vec<Input>) -> Engine {
    let mut engine = Engine::new(Config::preset(Preset::Courier), &Session { seed: 1, first_seq: 1 });
    for input in inputs {
        engine.handle(input);
        while engine.poll().is_some() {}
    }
    engine
}

/// The engine as bytes, at its largest.
fn state(table: &mut Table, on: &str, inputs: &[Input]) {
    let mut engine = Engine::new(Config::preset(Preset::Courier), &Session { seed: 1, first_seq: 1 });
    let mut most = 0;
    for (i, input) in inputs.iter().enumerate() {
        engine.handle(input.clone());
        while engine.poll().is_some() {}
        if i.is_multiple_of(100) {
            most = most.max(engine.snapshot().map_or(0, |bytes| bytes.len()));
        }
    }
    let value = Value { value: Some(most as f64 / KIB), n: (inputs.len() / 100) as f64, known: None };
    table.row("state of the engine as a snapshot, most, KiB", value, Goal::AtMost(64.0), on);
}

/// The simulator alone, truth included.
fn world(table: &mut Table, seeds: &Seeds) {
    let seed = seeds.range.start;
    let watch = Stopwatch::start();
    let states = Scenario::courier_day(seed).world().with_truth();
    let steps = states.filter(|item| matches!(item, Item::State(_))).count();
    let times = steps as f64 / 100.0 / watch.elapsed().as_secs_f64().max(1e-9);
    let value = Value { value: Some(times), n: (steps / 100) as f64, known: None };
    let on = format!("courier_day, seed {seed}");
    table.row("simulator at 100 Hz with truth, times real time", value, Goal::AtLeast(2_000.0), &on);
}
