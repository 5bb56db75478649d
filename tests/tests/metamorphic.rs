//! What must not matter does not: how the phone lies in its mount, how fast its IMU is, when the drive takes place, and
//! whether the world is its mirror image. The same trips and events, and states that differ by less than the sensors'
//! own noise makes of it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests")]

use milepost_engine::config::{Config, Preset};
use milepost_engine::contract::{Input, Output};
use milepost_engine::motion::State;
use milepost_engine::record::{EventType, Record};
use milepost_engine::sample::{Fix, ImuSample, MonoTime};
use milepost_engine::{Engine, Session};
use milepost_sim::{Item, Scenario};

/// Cells of motion lie on a grid of 40 ms: a shift by whole cells changes nothing at all.
const CELL_S: f64 = 0.04;

/// What a drive comes to.
#[derive(Debug)]
struct Outcome {
    trips: Vec<(f64, f64, f64)>,
    events: Vec<(EventType, f64, f64)>,
    states: Vec<State>,
}

#[test]
fn a_phone_turned_in_any_way_tells_the_same_drive() {
    let inputs = drive(1);
    let plain = run(&inputs);
    for rotation in [
        [[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]],
        [[1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, -1.0]],
        [[0.36, 0.48, -0.8], [-0.8, 0.6, 0.0], [0.48, 0.64, 0.6]],
    ] {
        let turn = |v: [f32; 3]| rotate(&rotation, v.map(f64::from)).map(|x| x as f32);
        let turned = map_imu(&inputs, |s| ImuSample {
            force_mps2: turn(s.force_mps2),
            rate_rad_s: s.rate_rad_s.map(turn),
            ..*s
        });
        let other = run(&turned);
        assert_same_records(&plain, &other, 0.0, "turned phone");
        assert_same_states(&plain, &other, [0.05, 0.05, 0.05], "turned phone");
        for (a, b) in plain.states.iter().zip(&other.states) {
            let (Some(a), Some(b)) = (a.up, b.up) else { continue };
            let [x, y, z] = rotate(&rotation, a.axis);
            let [p, q, r] = b.axis;
            assert!(x * p + y * q + z * r > 0.9999, "up is {b:?} instead of {a:?} turned");
        }
    }
}

#[test]
fn an_imu_of_50_or_200_hz_tells_the_same_drive_as_one_of_100() {
    let plain = run(&drive(2));
    for hz in [50.0, 200.0] {
        let other = run(&inputs(scenario(2).imu_hz(hz)));
        assert_same_records(&plain, &other, 0.0, "another rate");
        assert_same_states(&plain, &other, [0.15, 0.15, 0.3], "another rate");
    }
}

#[test]
fn a_drive_at_another_time_is_the_same_drive() {
    let inputs = drive(3);
    let plain = run(&inputs);
    for (by_s, limits) in [(CELL_S * 1e6, [1e-6; 3]), (12_345.678_9, [0.05, 0.25, 0.25])] {
        let later: Vec<Input> = inputs.iter().map(|input| shift(input, by_s)).collect();
        let other = run(&later);
        assert_same_records(&plain, &other, by_s, "another time");
        assert_same_states(&plain, &other, limits, "another time");
    }
}

#[test]
fn a_mirrored_world_has_the_mirrored_drive() {
    let inputs = drive(4);
    let plain = run(&inputs);
    let lon0 = inputs.iter().find_map(|i| if let Input::Fix(f) = i { Some(f.lon_deg) } else { None }).unwrap();
    // The phone's x axis is mirrored with the road: a rotation rate is an axial vector.
    let mirrored = map_imu(&inputs, |s| {
        let ([x, y, z], rate) = (s.force_mps2, s.rate_rad_s);
        ImuSample { force_mps2: [-x, y, z], rate_rad_s: rate.map(|[x, y, z]| [x, -y, -z]), ..*s }
    });
    let mirrored: Vec<Input> = mirrored
        .into_iter()
        .map(|input| match input {
            Input::Fix(f) => Input::Fix(Fix {
                lon_deg: 2.0 * lon0 - f.lon_deg,
                bearing_deg: f.bearing_deg.map(|b| (360.0 - b) % 360.0),
                ..f
            }),
            other => other,
        })
        .collect();
    let mut other = run(&mirrored);
    for state in &mut other.states {
        if let Some(a) = &mut state.acceleration {
            a.lat_mps2 = -a.lat_mps2;
        }
    }
    assert_same_records(&plain, &other, 0.0, "mirrored");
    assert_same_states(&plain, &other, [0.05, 0.05, 0.05], "mirrored");
}

fn drive(seed: u64) -> Vec<Input> {
    inputs(scenario(seed))
}

fn scenario(seed: u64) -> Scenario {
    Scenario::drive(seed).minutes(12).temper(0.8)
}

fn inputs(scenario: Scenario) -> Vec<Input> {
    let world = scenario.world().filter_map(|item| match item {
        Item::Input(input) => Some(input),
        Item::State(_) | Item::Fact(_) => None,
    });
    world.chain([Input::End]).collect()
}

fn run(inputs: &[Input]) -> Outcome {
    let mut config = Config::preset(Preset::Courier);
    config.states = true;
    let mut engine = Engine::new(config, &Session { seed: 7, first_seq: 1 });
    let mut outcome = Outcome { trips: vec![], events: vec![], states: vec![] };
    let mut latest: Vec<Record> = Vec::new();
    for input in inputs {
        engine.handle(input.clone());
        while let Some(output) = engine.poll() {
            match output {
                Output::State(row) => outcome.states.push(row.state),
                Output::Record(record) => {
                    latest.retain(|other| other.id != record.id);
                    latest.push(*record);
                }
                Output::Plan(_) | Output::Track(_) => {}
            }
        }
    }
    for record in &latest {
        let json: serde_json::Value = serde_json::from_str(&record.to_json()).unwrap();
        let number = |key: &str| json.get(key).and_then(serde_json::Value::as_f64).unwrap_or(f64::NAN);
        if let milepost_engine::record::Body::Event(event) = &record.body {
            outcome.events.push((event.kind, number("start_t_s"), number("end_t_s")));
        } else if let milepost_engine::record::Body::Trip(_) = &record.body {
            outcome.trips.push((number("start_t_s"), number("end_t_s"), number("distance_m")));
        }
    }
    outcome.events.sort_by(|a, b| a.1.total_cmp(&b.1));
    assert!(!outcome.trips.is_empty() && outcome.states.len() > 5_000, "too little happens");
    outcome
}

fn assert_same_records(a: &Outcome, b: &Outcome, by_s: f64, what: &str) {
    assert_eq!(a.trips.len(), b.trips.len(), "{what}: {:?} instead of {:?}", b.trips, a.trips);
    for (x, y) in a.trips.iter().zip(&b.trips) {
        let near = (x.0 + by_s - y.0).abs() < 2.0 && (x.1 + by_s - y.1).abs() < 2.0 && (x.2 - y.2).abs() < 0.01 * x.2;
        assert!(near, "{what}: trip {y:?} instead of {x:?}");
    }
    let kinds = |o: &Outcome| o.events.iter().map(|e| e.0).collect::<Vec<_>>();
    assert_eq!(kinds(a), kinds(b), "{what}: {:?} instead of {:?}", b.events, a.events);
    for (x, y) in a.events.iter().zip(&b.events) {
        let overlap = x.1 + by_s < y.2 + 0.5 && y.1 < x.2 + by_s + 0.5;
        assert!(overlap, "{what}: event {y:?} instead of {x:?}");
    }
}

/// RMS of the differences in speed, forward and lateral acceleration, where both know them; `b` between its rows.
fn assert_same_states(a: &Outcome, b: &Outcome, limits: [f64; 3], what: &str) {
    let (x, y) = (known(a), known(b));
    let (mut sums, mut n, mut j) = ([0.0; 3], 0.0, 0);
    for (t, values) in &x {
        while j + 2 < y.len() && y[j + 1].0 <= *t {
            j += 1;
        }
        let ((t0, before), (t1, after)) = (y[j], y[j + 1]);
        if t1 - t0 > 0.2 || *t < t0 || *t > t1 {
            continue;
        }
        n += 1.0;
        for (i, sum) in sums.iter_mut().enumerate() {
            let other = before[i] + (after[i] - before[i]) * (t - t0) / (t1 - t0).max(1e-9);
            *sum += (values[i] - other) * (values[i] - other);
        }
    }
    assert!(n > 0.8 * x.len() as f64, "{what}: {n} states of {} compare", x.len());
    let rms = sums.map(|sum: f64| (sum / n).sqrt());
    assert!(rms.iter().zip(limits).all(|(x, limit)| *x < limit), "{what}: states differ by {rms:?}");
}

/// Time since the first state, speed, forward and lateral acceleration.
fn known(outcome: &Outcome) -> Vec<(f64, [f64; 3])> {
    let first = outcome.states.first().unwrap().t;
    let row = |s: &State| {
        let a = s.acceleration?;
        Some((s.t.since(first), [s.speed_mps?, a.long_mps2, a.lat_mps2]))
    };
    outcome.states.iter().filter_map(row).collect()
}

fn map_imu(inputs: &[Input], f: impl Fn(&ImuSample) -> ImuSample) -> Vec<Input> {
    let map = |input: &Input| match input {
        Input::Imu(batch) => Input::Imu(batch.iter().map(&f).collect()),
        other => other.clone(),
    };
    inputs.iter().map(map).collect()
}

fn shift(input: &Input, by_s: f64) -> Input {
    let late = |t: MonoTime| MonoTime(t.0 + (by_s * 1e9).round() as i64);
    match input.clone() {
        Input::Imu(batch) => Input::Imu(batch.into_iter().map(|s| ImuSample { t: late(s.t), ..s }).collect()),
        Input::Fix(f) => Input::Fix(Fix { t: late(f.t), arrived: f.arrived.map(late), ..f }),
        Input::Signal(t, signal) => Input::Signal(late(t), signal),
        Input::Command(t, command) => Input::Command(late(t), command),
        Input::Clock(mut clock) => {
            clock.mono = late(clock.mono);
            Input::Clock(clock)
        }
        Input::Tick(t) => Input::Tick(late(t)),
        Input::End => Input::End,
    }
}

fn rotate(m: &[[f64; 3]; 3], v: [f64; 3]) -> [f64; 3] {
    m.map(|row| row.iter().zip(v).map(|(a, b)| a * b).sum())
}
