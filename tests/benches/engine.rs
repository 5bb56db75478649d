//! What the whole engine costs per IMU sample and per fix, beside crates that do attitude alone over the same samples in
//! the same run. The contenders take turns, round by round. The drive is timed in slices that are far shorter than a
//! scheduler's turn, and of each slice the best round counts, because other work on the machine only ever adds to it.
//! Read the ratios; machines differ.
//!
//! `cargo bench -p milepost-tests --bench engine` prints the table. `-- once NAME` runs one contender once, for a tool
//! that counts instructions: `valgrind --tool=callgrind --toggle-collect='engine::Contender::run' …`.

#![allow(missing_docs, clippy::unwrap_used, clippy::disallowed_methods, reason = "a benchmark needs the clock")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use ahrs::Ahrs as _;
use milepost_engine::config::{Config, Preset};
use milepost_engine::contract::Input;
use milepost_engine::sample::{Fix, ImuSample};
use milepost_engine::{Engine, Session};
use milepost_sim::{Item, Scenario};

/// The simulated drive: long enough that alignment is over for most of it.
const MINUTES: u32 = 10;
/// Samples of it, a second.
const RATE_HZ: f64 = 100.0;
/// Rounds that each contender runs.
const ROUNDS: usize = 50;
/// Samples of a slice: some tenths of a millisecond.
const SLICE: usize = 1_000;
/// The engine's time per sample over that of `vqf-rs`, at most (issue 5).
const GOAL_SAMPLE: f64 = 0.75;
/// Its time per fix over `vqf-rs`' time per sample, at most (issue 5).
const GOAL_FIX: f64 = 5.0;

#[derive(Clone, Copy, PartialEq)]
enum Contender {
    Vqf,
    Madgwick,
    Fusion,
    Engine,
    EngineWithStates,
    Fixes,
}

impl Contender {
    const ALL: [Self; 6] = [Self::Vqf, Self::Madgwick, Self::Fusion, Self::Engine, Self::EngineWithStates, Self::Fixes];

    fn name(self) -> &'static str {
        match self {
            Self::Vqf => "vqf-rs",
            Self::Madgwick => "ahrs",
            Self::Fusion => "fusion-ahrs",
            Self::Engine => "engine",
            Self::EngineWithStates => "states",
            Self::Fixes => "fixes",
        }
    }

    fn about(self) -> &'static str {
        match self {
            Self::Vqf => "vqf-rs, attitude alone",
            Self::Madgwick => "ahrs (Madgwick), attitude alone",
            Self::Fusion => "fusion-ahrs (f32), attitude alone",
            Self::Engine => "engine, everything, as on a phone",
            Self::EngineWithStates => "engine, and 12.5 rows of states a second",
            Self::Fixes => "engine, fixes alone",
        }
    }

    /// What its time is divided by.
    fn count(self, drive: &Drive) -> usize {
        match self {
            Self::Vqf | Self::Madgwick | Self::Fusion | Self::Engine | Self::EngineWithStates => drive.samples.len(),
            Self::Fixes => drive.fixes.len(),
        }
    }

    /// Goes over the drive and keeps the best time of each slice; inputs are made before the clock runs.
    #[inline(never)]
    fn run(self, drive: &Drive, best: &mut Vec<Duration>) {
        let slices = drive.samples.chunks(SLICE);
        match self {
            Self::Vqf => {
                let mut vqf = vqf_rs::VQF::new(1.0 / RATE_HZ, None, None, None);
                timed(slices, best, |slice| {
                    for (rate, force) in slice {
                        vqf.update(rate.map(f64::from), force.map(f64::from), None);
                    }
                    black_box(vqf.quat_6d());
                });
            }
            Self::Madgwick => {
                let mut madgwick = ahrs::Madgwick::new(1.0 / RATE_HZ, 0.1);
                timed(slices, best, |slice| {
                    for (rate, force) in slice {
                        let (rate, force) = (rate.map(f64::from), force.map(f64::from));
                        black_box(madgwick.update_imu(&rate.into(), &force.into())).unwrap();
                    }
                });
            }
            Self::Fusion => {
                let mut fusion = fusion_ahrs::Ahrs::new();
                timed(slices, best, |slice| {
                    for (rate, force) in slice {
                        fusion.update_no_magnetometer(rate.map(f32::to_degrees), force.map(|a| a / 9.81));
                    }
                    black_box(fusion.quaternion());
                });
            }
            Self::Engine => engine(drive.inputs.clone(), false, best),
            Self::EngineWithStates => engine(drive.inputs.clone(), true, best),
            Self::Fixes => engine(drive.fixes.iter().map(|f| Input::Fix(*f)).collect(), false, best),
        }
    }
}

fn engine(inputs: Vec<Input>, states: bool, best: &mut Vec<Duration>) {
    let config = Config { states, ..Config::preset(Preset::Courier) };
    let mut engine = Engine::new(config, &Session { seed: 1, first_seq: 1 });
    let mut slices = vec![Vec::new()];
    let mut filled = 0;
    for input in inputs {
        // A fix weighs like ten samples.
        filled += if let Input::Imu(batch) = &input { batch.len() } else { 10 };
        slices.last_mut().unwrap().push(input);
        if filled >= SLICE {
            filled = 0;
            slices.push(Vec::new());
        }
    }
    timed(slices.into_iter(), best, |slice| {
        for input in slice {
            engine.handle(input);
            while let Some(output) = engine.poll() {
                black_box(output);
            }
        }
    });
}

/// Does the work of each slice; keeps its time if it is the best so far.
fn timed<T>(slices: impl Iterator<Item = T>, best: &mut Vec<Duration>, mut work: impl FnMut(T)) {
    for (i, slice) in slices.enumerate() {
        let start = Instant::now();
        work(slice);
        let time = start.elapsed();
        match best.get_mut(i) {
            Some(best) => *best = time.min(*best),
            None => best.push(time),
        }
    }
}

struct Drive {
    inputs: Vec<Input>,
    samples: Vec<([f32; 3], [f32; 3])>,
    fixes: Vec<Fix>,
}

impl Drive {
    fn simulated() -> Self {
        let world = Scenario::drive(1).minutes(MINUTES).world();
        let inputs: Vec<Input> = world
            .filter_map(|item| match item {
                Item::Input(input) => Some(input),
                Item::State(_) | Item::Fact(_) => None,
            })
            .collect();
        let samples = inputs.iter().flat_map(batch).map(|s| (s.rate_rad_s.unwrap(), s.force_mps2)).collect();
        let fixes = inputs.iter().filter_map(|input| if let Input::Fix(fix) = input { Some(*fix) } else { None });
        Self { samples, fixes: fixes.collect(), inputs }
    }
}

fn batch(input: &Input) -> &[ImuSample] {
    if let Input::Imu(batch) = input { batch } else { &[] }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let drive = Drive::simulated();
    if let [once, name] = arguments.as_slice()
        && once == "once"
    {
        let contender = Contender::ALL.into_iter().find(|c| c.name() == name).unwrap();
        let mut times = Vec::new();
        contender.run(&drive, &mut times);
        println!("{:?} over {}", times.iter().sum::<Duration>(), contender.count(&drive));
        return;
    }
    let mut best = Contender::ALL.map(|_| Vec::new());
    for _ in 0..ROUNDS {
        for (best, contender) in best.iter_mut().zip(Contender::ALL) {
            contender.run(&drive, best);
        }
    }
    let each = |contender: Contender| {
        let (_, best) = Contender::ALL.into_iter().zip(&best).find(|(c, _)| *c == contender).unwrap();
        best.iter().sum::<Duration>().as_secs_f64() * 1e9 / contender.count(&drive) as f64
    };
    println!(
        "a simulated drive of {MINUTES} minutes: {} samples, {} fixes; best of {ROUNDS} rounds, slice by slice",
        drive.samples.len(),
        drive.fixes.len()
    );
    println!("{:<42} {:>8} {:>9} {:>8}", "", "ns each", "of vqf-rs", "goal");
    for contender in Contender::ALL {
        let ratio = each(contender) / each(Contender::Vqf);
        let goal = match contender {
            Contender::Vqf | Contender::Madgwick | Contender::Fusion | Contender::EngineWithStates => String::new(),
            Contender::Engine => format!("≤ {GOAL_SAMPLE} {}", verdict(ratio, GOAL_SAMPLE)),
            Contender::Fixes => format!("≤ {GOAL_FIX} {}", verdict(ratio, GOAL_FIX)),
        };
        println!("{:<42} {:>8.0} {:>8.2}× {goal}", contender.about(), each(contender), ratio);
    }
}

fn verdict(ratio: f64, goal: f64) -> &'static str {
    if ratio <= goal { "reached" } else { "MISSED" }
}
