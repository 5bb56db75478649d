//! Each pinned figure of the world, measured on what comes out of it: sensors, vibration, receiver, delivery.

#![expect(clippy::unwrap_used, reason = "a test may fail at once")]

use std::collections::VecDeque;

use milepost_engine::contract::Input;
use milepost_engine::geo::{LatLon, metres_per_degree};
use milepost_engine::num::{G_MPS2, Vec3, axpy, cross, dot, norm, scale, unit};
use milepost_engine::sample::{Fix, ImuSample, MonoTime};
use milepost_sim::{Fact, Item, Scenario, TrueState};

/// Mean and standard deviation.
fn moments(x: &[f64]) -> (f64, f64) {
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    (mean, (x.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n).sqrt())
}

fn assert_near(what: &str, is: f64, pinned: f64, part: f64) {
    println!("{what}: {is:.5}, pinned {pinned}");
    assert!((is / pinned - 1.0).abs() < part, "{what}: {is}, pinned {pinned}");
}

/// Six numbers of a reading: force and rate.
fn six(sample: &ImuSample) -> [f64; 6] {
    let ([a, b, c], [d, e, f]) = (sample.force_mps2, sample.rate_rad_s.unwrap());
    [a, b, c, d, e, f].map(f64::from)
}

#[test]
fn sensors_at_rest_have_the_pinned_bias_and_noise() {
    let (mut force_bias, mut rate_bias): (Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new());
    let (mut force_noise, mut rate_noise): (Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new());
    for seed in 0..120 {
        let (mut up, mut axes) = ([0.0; 3], [(); 6].map(|()| Vec::new()));
        for item in Scenario::desk(seed).minutes(1).world().with_truth() {
            match item {
                Item::State(state) => up = state.up,
                Item::Input(Input::Imu(batch)) => batch.iter().for_each(|sample| {
                    axes.iter_mut().zip(six(sample)).for_each(|(axis, x)| axis.push(x));
                }),
                Item::Input(_) | Item::Fact(_) => {}
            }
        }
        let [x, y, z] = scale(G_MPS2, up);
        for (i, (axis, truth)) in axes.iter().zip([x, y, z, 0.0, 0.0, 0.0]).enumerate() {
            let (mean, sd) = moments(axis);
            let (bias, noise) =
                if i < 3 { (&mut force_bias, &mut force_noise) } else { (&mut rate_bias, &mut rate_noise) };
            bias.push(mean - truth);
            noise.push(sd);
        }
    }
    for (what, bias, most) in [("accelerometer bias", force_bias, 0.08), ("gyroscope bias", rate_bias, 0.008)] {
        let worst = bias.iter().fold(0.0_f64, |worst, b| worst.max(b.abs()));
        assert!(worst > 0.97 * most && worst < 1.02 * most, "{what} up to {worst}, pinned {most}");
        // Uniform up to the pinned figure.
        assert_near(what, moments(&bias).1 * 3.0_f64.sqrt(), most, 0.1);
    }
    assert_near("accelerometer noise", moments(&force_noise).0, 0.03, 0.02);
    assert_near("gyroscope noise", moments(&rate_noise).0, 0.002, 0.02);
}

/// Second-order Butterworth high-pass at 4 Hz, 100 samples a second: what is left is vibration and white noise.
#[derive(Clone, Copy, Default)]
struct HighPass([f64; 4]);

impl HighPass {
    fn step(&mut self, x: f64) -> f64 {
        let [x1, x2, y1, y2] = self.0;
        let y = 0.837_089_2 * (x - 2.0 * x1 + x2) + 1.647_459_98 * y1 - 0.700_896_78 * y2;
        self.0 = [x, x1, y, y1];
        y
    }
}

/// What is left behind a hole or a door dies away.
const CALM_S: f64 = 3.0;

#[test]
fn vibration_is_as_strong_as_pinned_at_every_speed() {
    // Sum of squares above 4 Hz by speed, of force and rate, over three axes.
    let bins = [(0.0, 0.0), (4.0, 9.0), (9.0, 16.0), (22.0, 40.0)];
    let mut sums = [(0.0, 0.0, 0.0, 0.0); 4];
    for seed in 0..12 {
        let mut filters = [HighPass::default(); 6];
        let (mut state, mut last_hit, mut hits): (Option<TrueState>, f64, VecDeque<f64>) = (None, 0.0, VecDeque::new());
        // Facts are told in the step in which they are: holes of a drive are known before the readings after them.
        for item in Scenario::drive(seed).minutes(40).imu_batches(0.0).world().with_truth() {
            match item {
                Item::State(now) => state = Some(*now),
                Item::Fact(Fact::Pothole { t_s, .. }) => hits.push_back(t_s),
                Item::Input(Input::Imu(batch)) => {
                    let Some(state) = state else { continue };
                    for sample in &batch {
                        let t_s = sample.t.seconds();
                        let left = cross(state.up, state.fwd);
                        let true_force = axpy(
                            axpy(scale(state.a_long_mps2, state.fwd), state.a_lat_mps2, left),
                            state.a_vert_mps2 + G_MPS2,
                            state.up,
                        );
                        let [a, b, c, d, e, f] = six(sample);
                        let [x, y, z] = axpy([a, b, c], -1.0, true_force);
                        let above: Vec<f64> =
                            filters.iter_mut().zip([x, y, z, d, e, f]).map(|(filter, x)| filter.step(x)).collect();
                        while hits.front().is_some_and(|hit| *hit <= t_s) {
                            last_hit = hits.pop_front().unwrap();
                        }
                        let v = state.speed_mps;
                        let quiet = t_s - last_hit > CALM_S && state.a_long_mps2.abs() < 1.5;
                        let Some(i) = bins.iter().position(|(low, high)| v >= *low && v <= *high) else { continue };
                        let Some(sum) = sums.get_mut(i).filter(|_| quiet) else { continue };
                        let [x, y, z, p, q, r] = above[..] else { continue };
                        sum.0 += 1.0;
                        sum.1 += v;
                        sum.2 += (x * x + y * y + z * z) / 3.0;
                        sum.3 += (p * p + q * q + r * r) / 3.0;
                    }
                }
                Item::Input(_) | Item::Fact(_) => {}
            }
        }
    }
    // White noise above 4 Hz: 46 of its 50 Hz.
    let white: f64 = 46.0 / 50.0;
    for (n, v, force, rate) in sums {
        assert!(n > 10_000.0, "only {n} readings");
        let v = v / n;
        let force = (force / n - white * 0.03 * 0.03).sqrt();
        let rate = (rate / n - white * 0.002 * 0.002).sqrt();
        assert_near(&format!("vibration at {v:.1} m/s"), force, 0.05 + 0.012 * v, 0.15);
        assert_near(&format!("gyroscope vibration at {v:.1} m/s"), rate, 0.002 + 0.0006 * v, 0.15);
    }
}

#[test]
fn the_body_pitches_and_rolls_under_load_and_roads_have_slopes() {
    // Tilt against its own slow mean, of a phone that stays in its mount: pitch, roll and slope together.
    let mut tilt_deg2 = Vec::new();
    for seed in 0..8 {
        let mut ups: Vec<Vec3> = Vec::new();
        for item in Scenario::drive(seed).minutes(30).without_imu().world().with_truth() {
            if let Item::State(state) = item
                && state.speed_mps > 3.0
            {
                ups.push(state.up);
            }
        }
        let mean = unit(ups.iter().fold([0.0; 3], |sum, up| axpy(sum, 1.0, *up))).unwrap();
        tilt_deg2.extend(ups.iter().map(|up| norm(cross(*up, mean)).to_degrees()));
    }
    let rms = (tilt_deg2.iter().map(|d| d * d).sum::<f64>() / tilt_deg2.len() as f64).sqrt();
    println!("the body tilts by {rms:.2} degrees RMS");
    assert!((0.9..2.5).contains(&rms), "the body tilts by {rms} degrees RMS");
}

#[test]
fn lags_are_spread_as_pinned_over_phones() {
    let phones = 2_000;
    let lags: Vec<(f64, f64)> = (0..phones)
        .map(|seed| Scenario::drive(seed).world())
        .map(|world| (world.gnss_lag_s(), world.gnss_position_lag_s()))
        .collect();
    // Uniform from 0 to 2.2 s: as many in each tenth.
    for tenth in 0..10 {
        let (low, high) = (0.22 * f64::from(tenth), 0.22 * f64::from(tenth + 1));
        let n = lags.iter().filter(|(lag, _)| (low..high).contains(lag)).count();
        assert!((150..250).contains(&n), "{n} of {phones} lags lie between {low} and {high} s");
    }
    assert!(lags.iter().all(|(lag, place)| *place == 0.0 || place == lag));
    let late = lags.iter().filter(|(_, place)| *place > 0.0).count();
    assert!((920..1_080).contains(&late), "the position of {late} phones of {phones} is late");
}

/// A drive with the true state at every tenth of a second and the fixes that are new.
struct Ride {
    states: Vec<TrueState>,
    fixes: Vec<Fix>,
    lag_s: f64,
    position_lag_s: f64,
}

fn ride(scenario: &Scenario) -> Ride {
    let world = scenario.world().with_truth();
    let (lag_s, position_lag_s) = (world.gnss_lag_s(), world.gnss_position_lag_s());
    let mut ride = Ride { states: Vec::new(), fixes: Vec::new(), lag_s, position_lag_s };
    for item in world {
        match item {
            Item::State(state) if state.t.0 % 100_000_000 == 0 => ride.states.push(*state),
            Item::Input(Input::Fix(fix)) if ride.fixes.last().is_none_or(|last| last.t < fix.t) => ride.fixes.push(fix),
            Item::State(_) | Item::Input(_) | Item::Fact(_) => {}
        }
    }
    ride
}

impl Ride {
    /// Speed and place at a time, between two states that were kept.
    fn at(&self, t_s: f64) -> Option<(f64, LatLon)> {
        let i = self.states.partition_point(|s| s.t.seconds() <= t_s);
        let (a, b) = (self.states.get(i.checked_sub(1)?)?, self.states.get(i)?);
        let x = (t_s - a.t.seconds()) / b.t.since(a.t);
        let mix = |p: f64, q: f64| p + x * (q - p);
        let at = LatLon {
            lat_deg: mix(a.position.lat_deg, b.position.lat_deg),
            lon_deg: mix(a.position.lon_deg, b.position.lon_deg),
        };
        Some((mix(a.speed_mps, b.speed_mps), at))
    }

    /// Errors of moving fixes, `lag_s` removed: of the speed, and of the place along east and north.
    fn errors(&self, lag_s: f64) -> Vec<(f64, [f64; 2])> {
        let of = |fix: &Fix| {
            let (speed, at) = self.at(fix.t.seconds() - lag_s).filter(|(speed, _)| *speed > 3.0)?;
            let (north, east) = metres_per_degree(at.lat_deg);
            let error = [(fix.lon_deg - at.lon_deg) * east, (fix.lat_deg - at.lat_deg) * north];
            Some((f64::from(fix.speed_mps?) - speed, error))
        };
        self.fixes.iter().filter_map(of).collect()
    }
}

fn speed_rms(errors: &[(f64, [f64; 2])]) -> f64 {
    moments(&errors.iter().map(|e| e.0).collect::<Vec<_>>()).1
}

#[test]
fn fixes_are_as_late_as_their_phone_and_their_speed_errs_as_pinned() {
    let mut sums = Vec::new();
    for seed in 0..12 {
        let ride = ride(&Scenario::drive(seed).minutes(20).without_imu());
        let tried = (0..=24).map(|i| f64::from(i) * 0.1);
        let best = tried.min_by(|a, b| speed_rms(&ride.errors(*a)).total_cmp(&speed_rms(&ride.errors(*b)))).unwrap();
        assert!((best - ride.lag_s).abs() < 0.11, "seed {seed}: late by {best} s, said to be by {}", ride.lag_s);
        assert_near("speed", speed_rms(&ride.errors(ride.lag_s)), 0.15, 0.15);
        // Along the way a place errs by nothing on average if its own lag is removed, and only then.
        sums.push((ride.along(ride.position_lag_s), ride.along(ride.lag_s - ride.position_lag_s), ride.lag_s));
    }
    let mean = |x: Vec<f64>| x.iter().sum::<f64>() / x.len() as f64;
    let paired = mean(sums.iter().map(|s| s.0).collect());
    let swapped = mean(sums.iter().map(|s| s.1.abs() / s.2).collect());
    println!("{paired:.2} m ahead with the position's lag, off by {swapped:.1} m for each second with the other");
    assert!(paired.abs() < 1.0, "{paired} m ahead");
    assert!(swapped > 6.0, "off by {swapped} m a second only");
}

impl Ride {
    /// Mean error of the place along the way, metres ahead.
    fn along(&self, lag_s: f64) -> f64 {
        let of = |fix: &Fix| {
            let (speed, at) = self.at(fix.t.seconds() - lag_s).filter(|(speed, _)| *speed > 8.0)?;
            let (_, before) = self.at(fix.t.seconds() - lag_s - 0.5)?;
            let (north, east) = metres_per_degree(at.lat_deg);
            let metres = |a: LatLon, b: LatLon| [(a.lon_deg - b.lon_deg) * east, (a.lat_deg - b.lat_deg) * north, 0.0];
            let way = metres(at, before);
            let error = metres(LatLon { lat_deg: fix.lat_deg, lon_deg: fix.lon_deg }, at);
            Some(dot(error, way) / (0.5 * speed))
        };
        let errors: Vec<f64> = self.fixes.iter().filter_map(of).collect();
        moments(&errors).0
    }
}

#[test]
fn places_err_by_a_gauss_markov_of_a_minute_and_white_noise() {
    let (mut squares, mut apart_1, mut apart_60, mut n, mut n_60) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for seed in 0..30 {
        let ride = ride(&Scenario::drive(seed).minutes(60).without_imu());
        let errors: Vec<(MonoTime, [f64; 2])> = ride
            .fixes
            .iter()
            .filter_map(|fix| {
                let (_, at) = ride.at(fix.t.seconds() - ride.position_lag_s)?;
                let (north, east) = metres_per_degree(at.lat_deg);
                Some((fix.t, [(fix.lon_deg - at.lon_deg) * east, (fix.lat_deg - at.lat_deg) * north]))
            })
            .collect();
        let product = |a: [f64; 2], b: [f64; 2]| 0.5 * (a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>());
        for (i, (t, error)) in errors.iter().enumerate() {
            squares += product(*error, *error);
            n += 1.0;
            let later = |s: usize| errors.get(i + s).filter(|(u, _)| (u.since(*t) - s as f64).abs() < 0.1);
            if let (Some((_, one)), Some((_, sixty))) = (later(1), later(60)) {
                apart_1 += product(*error, *one);
                apart_60 += product(*error, *sixty);
                n_60 += 1.0;
            }
        }
    }
    let (variance, after_1, after_60) = (squares / n, apart_1 / n_60, apart_60 / n_60);
    assert_near("position per axis", variance.sqrt(), (9.0_f64 + 0.36).sqrt(), 0.08);
    // What one second takes away is the white part and a sixtieth of the rest.
    assert_near("white part", (variance - after_1 * libm::exp(1.0 / 60.0)).max(0.0).sqrt(), 0.6, 0.25);
    assert_near("correlation after a minute", after_60 / after_1, libm::exp(-59.0 / 60.0), 0.2);
}

#[test]
fn readings_jitter_come_in_batches_and_leave_holes() {
    let (mut off, mut sizes, mut holes, mut last): (Vec<f64>, Vec<f64>, u32, Option<MonoTime>) =
        (Vec::new(), Vec::new(), 0, None);
    for seed in 0..10 {
        last = None;
        for input in Scenario::drive(seed).minutes(60).world().inputs() {
            let Input::Imu(batch) = input else { continue };
            sizes.push(batch.len() as f64);
            for sample in batch {
                let hundredths = sample.t.seconds() * 100.0;
                off.push((hundredths - hundredths.round()) / 100.0);
                holes += u32::from(last.is_some_and(|l| sample.t.since(l) > 0.2));
                last = Some(sample.t);
            }
        }
    }
    assert!(last.is_some());
    assert_near("jitter", moments(&off).1, 0.000_3, 0.05);
    assert_near("batch", moments(&sizes).0 / 100.0, 0.2, 0.05);
    assert!((8..=35).contains(&holes), "{holes} holes in ten hours");
}

#[test]
fn indoors_positions_jump() {
    let (mut fixes, mut far) = (0, 0);
    for seed in 0..10 {
        let mut truth: Option<LatLon> = None;
        for item in Scenario::desk(seed).without_imu().world().with_truth() {
            match item {
                Item::State(state) => truth = Some(state.position),
                Item::Input(Input::Fix(fix)) => {
                    let at = LatLon { lat_deg: fix.lat_deg, lon_deg: fix.lon_deg };
                    fixes += 1;
                    far += u32::from(milepost_engine::geo::distance_m(at, truth.unwrap()) > 70.0);
                }
                Item::Input(_) | Item::Fact(_) => {}
            }
        }
    }
    println!("{far} of {fixes} fixes on a desk lie more than 70 m away");
    assert!(far * 200 > fixes && far * 10 < fixes, "{far} of {fixes} fixes on a desk lie more than 70 m away");
}
