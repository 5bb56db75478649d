//! What the whole engine costs per IMU sample and per fix, beside `vqf-rs` (attitude alone) over the same samples in the
//! same run. Read the ratio: machines differ, and are noisy.

#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark")]

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use milepost_engine::config::{Config, Preset};
use milepost_engine::contract::Input;
use milepost_engine::sample::{Fix, ImuSample};
use milepost_engine::{Engine, Session};
use milepost_sim::{Item, Scenario};

/// The simulated drive: long enough that alignment is over for most of it.
const MINUTES: u32 = 10;
/// Samples of it, a second.
const RATE_HZ: f64 = 100.0;

fn costs(criterion: &mut Criterion) {
    let inputs = inputs();
    let samples: Vec<ImuSample> = inputs
        .iter()
        .flat_map(|input| match input {
            Input::Imu(batch) => batch.clone(),
            _ => Vec::new(),
        })
        .collect();
    let fixes: Vec<Fix> = inputs
        .iter()
        .filter_map(|input| match input {
            Input::Fix(fix) => Some(*fix),
            _ => None,
        })
        .collect();
    println!("a simulated drive of {MINUTES} minutes: {} samples, {} fixes", samples.len(), fixes.len());

    let mut group = criterion.benchmark_group("per IMU sample");
    group.sample_size(20).throughput(Throughput::Elements(samples.len() as u64));
    group.bench_function("vqf-rs, attitude alone", |b| {
        b.iter(|| {
            let mut vqf = vqf_rs::VQF::new(1.0 / RATE_HZ, None, None, None);
            for s in &samples {
                vqf.update(s.rate_rad_s.unwrap().map(f64::from), s.force_mps2.map(f64::from), None);
            }
            black_box(vqf.quat_6d())
        });
    });
    group.bench_function("engine, everything", |b| {
        b.iter_batched(|| inputs.clone(), |inputs| black_box(run(inputs)), BatchSize::LargeInput);
    });
    group.finish();

    let mut group = criterion.benchmark_group("per fix");
    group.sample_size(20).throughput(Throughput::Elements(fixes.len() as u64));
    group.bench_function("engine, fixes alone", |b| {
        b.iter_batched(
            || fixes.iter().map(|f| Input::Fix(*f)).collect::<Vec<_>>(),
            |inputs| black_box(run(inputs)),
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

fn run(inputs: Vec<Input>) -> u64 {
    let mut engine = Engine::new(Config::preset(Preset::Courier), &Session { seed: 1, first_seq: 1 });
    let mut outputs = 0;
    for input in inputs {
        engine.handle(input);
        while engine.poll().is_some() {
            outputs += 1;
        }
    }
    outputs
}

fn inputs() -> Vec<Input> {
    let world = Scenario::drive(1).minutes(MINUTES).world();
    let inputs = world.filter_map(|item| match item {
        Item::Input(input) => Some(input),
        Item::State(_) | Item::Fact(_) => None,
    });
    inputs.collect()
}

criterion_group!(benches, costs);
criterion_main!(benches);
