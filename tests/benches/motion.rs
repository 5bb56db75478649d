//! What motion costs, beside the peers that do attitude alone: the same samples of the same drive, in one run.

#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark")]

use std::hint::black_box;

use ahrs::{Ahrs as _, Madgwick};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use milepost_engine::contract::Input;
use milepost_engine::motion::{Motion, MotionConfig};
use milepost_engine::sample::{Fix, ImuSample, MonoTime};
use milepost_sim::{Item, Scenario};
use vqf_rs::VQF;

/// Driven before the clock runs: the mount and the lag are known then, and every part is at work.
const WARM_S: f64 = 180.0;
/// Driven while it runs.
const TIMED_S: f64 = 60.0;

/// A simulated drive, stream by stream.
struct Drive {
    start: MonoTime,
    imu: Vec<ImuSample>,
    fixes: Vec<Fix>,
}

fn drive(scenario: &Scenario) -> Drive {
    let world = scenario.world();
    let mut drive = Drive { start: world.clock().mono, imu: Vec::new(), fixes: Vec::new() };
    for item in world {
        match item {
            Item::Input(Input::Imu(batch)) => drive.imu.extend(batch),
            Item::Input(Input::Fix(fix)) => drive.fixes.push(fix),
            Item::Input(_) | Item::State(_) | Item::Fact(_) => {}
        }
    }
    drive
}

fn feed(motion: &mut Motion, drive: &Drive, from_s: f64, to_s: f64, with_fixes: bool) {
    let inside = |t_s: f64| t_s >= from_s && t_s < to_s;
    let start = drive.start.seconds();
    let mut fixes = drive.fixes.iter().filter(|f| with_fixes && inside(f.t.seconds() - start)).peekable();
    for sample in drive.imu.iter().filter(|s| inside(s.t.seconds() - start)) {
        while let Some(fix) = fixes.next_if(|f| f.t <= sample.t) {
            black_box(motion.advance(fix.t));
            motion.fix(fix);
        }
        black_box(motion.imu(sample));
    }
}

fn per_sample(c: &mut Criterion) {
    let world = drive(&Scenario::drive(5).minutes(6));
    let mut warm = Motion::new(MotionConfig::default());
    feed(&mut warm, &world, 0.0, WARM_S, true);
    let timed: Vec<_> = world
        .imu
        .iter()
        .filter(|s| (WARM_S..WARM_S + TIMED_S).contains(&s.t.since(world.start)))
        .map(|s| (s.rate_rad_s, s.force_mps2))
        .collect();
    let mut group = c.benchmark_group("per sample, 100 Hz with a fix a second");
    group.throughput(Throughput::Elements(timed.len() as u64));
    group.bench_function("vqf-rs, attitude alone", |b| {
        b.iter_batched(
            || VQF::new(0.01, None, None, None),
            |mut vqf| {
                for (rate, force) in &timed {
                    vqf.update(rate.unwrap_or_default().map(f64::from), force.map(f64::from), None);
                }
                vqf
            },
            BatchSize::SmallInput,
        );
    });
    group.bench_function("ahrs (Madgwick), attitude alone", |b| {
        b.iter_batched(
            || Madgwick::new(0.01, 0.1),
            |mut madgwick| {
                for (rate, force) in &timed {
                    let (rate, force) = (rate.unwrap_or_default().map(f64::from), force.map(f64::from));
                    black_box(madgwick.update_imu(&rate.into(), &force.into())).unwrap();
                }
                madgwick
            },
            BatchSize::SmallInput,
        );
    });
    group.bench_function("fusion-ahrs (f32), attitude alone", |b| {
        b.iter_batched(
            fusion_ahrs::Ahrs::new,
            |mut fusion| {
                for (rate, force) in &timed {
                    let rate = rate.unwrap_or_default().map(f32::to_degrees);
                    fusion.update_no_magnetometer(rate, force.map(|a| a / 9.81));
                }
                fusion
            },
            BatchSize::SmallInput,
        );
    });
    for (name, with_fixes) in [("motion", true), ("motion, no fix", false)] {
        group.bench_function(name, |b| {
            b.iter_batched(
                || warm.clone(),
                |mut motion| {
                    feed(&mut motion, &world, WARM_S, WARM_S + TIMED_S, with_fixes);
                    motion
                },
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

fn per_fix(c: &mut Criterion) {
    let world = drive(&Scenario::drive(6).minutes(10));
    let mut group = c.benchmark_group("per fix, no IMU");
    group.throughput(Throughput::Elements(world.fixes.len() as u64));
    group.bench_function("motion", |b| {
        b.iter_batched(
            || Motion::new(MotionConfig::default()),
            |mut motion| {
                for fix in &world.fixes {
                    motion.fix(fix);
                    black_box(motion.state(fix.t));
                }
                motion
            },
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

criterion_group!(benches, per_sample, per_fix);
criterion_main!(benches);
