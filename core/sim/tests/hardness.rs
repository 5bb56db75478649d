//! The pinned hardness of the world: if it were easier than this, no table printed from it would count.

#![expect(clippy::unwrap_used, reason = "a test may fail at once")]

use milepost_engine::contract::Input;
use milepost_engine::geo::LatLon;
use milepost_engine::geo::distance_m;
use milepost_engine::num::{Vec3, dot, unit};
use milepost_engine::sample::{Fix, ImuSample, MonoTime};
use milepost_sim::{Item, Scenario, TrueState};
use vqf_rs::VQF;

/// Sums of squares of one drive.
#[derive(Default)]
struct Errors {
    tilt_deg2: f64,
    tilts: u32,
    fix_m2: f64,
    fixes: u32,
}

impl Errors {
    fn rms(&self) -> (f64, f64) {
        ((self.tilt_deg2 / f64::from(self.tilts)).sqrt(), (self.fix_m2 / f64::from(self.fixes)).sqrt())
    }
}

/// Drives for an hour; VQF with its defaults runs over the samples, each fix is held against the place it describes.
fn drive(seed: u64) -> Errors {
    let mut errors = Errors::default();
    let mut vqf = VQF::new(0.01, None, None, None);
    let world = Scenario::drive(seed).minutes(60).world().with_truth();
    let (lag, start) = (world.gnss_position_lag_s(), world.elapsed_s());
    assert_eq!(start, 0.0);
    let mut states: Vec<(MonoTime, Vec3)> = Vec::new();
    let mut track: Vec<(f64, LatLon)> = Vec::new();
    let mut fixes: Vec<Fix> = Vec::new();
    let mut first: Option<MonoTime> = None;
    for item in world {
        match item {
            Item::State(state) => {
                let TrueState { t, up, position, .. } = *state;
                first.get_or_insert(t);
                states.push((t, up));
                track.push((t.seconds(), position));
            }
            Item::Input(Input::Imu(batch)) => {
                for sample in batch {
                    let said = step(&mut vqf, &sample);
                    let i = states.partition_point(|s| s.0.plus(0.004) < sample.t);
                    let Some((_, up)) = states.get(i) else { continue };
                    if sample.t.since(first.unwrap()) > 30.0 {
                        let error = libm::acos(dot(said, *up).clamp(-1.0, 1.0)).to_degrees();
                        errors.tilt_deg2 += error * error;
                        errors.tilts += 1;
                    }
                }
                let keep = states.len().saturating_sub(100);
                states.drain(..keep);
            }
            Item::Input(Input::Fix(fix)) => {
                if fixes.last().is_none_or(|last| last.t < fix.t) {
                    fixes.push(fix);
                }
            }
            Item::Input(_) | Item::Fact(_) => {}
        }
    }
    for fix in fixes {
        let t = fix.t.seconds() - lag;
        let i = track.partition_point(|p| p.0 < t);
        let Some((_, place)) = track.get(i) else { continue };
        let error = distance_m(LatLon { lat_deg: fix.lat_deg, lon_deg: fix.lon_deg }, *place);
        errors.fix_m2 += error * error;
        errors.fixes += 1;
    }
    errors
}

/// VQF's idea of up in the phone frame after one sample.
fn step(vqf: &mut VQF, sample: &ImuSample) -> Vec3 {
    vqf.update(sample.rate_rad_s.unwrap().map(f64::from), sample.force_mps2.map(f64::from), None);
    let q = vqf.quat_6d();
    let (w, x, y, z) = (q.0, q.1, q.2, q.3);
    unit([2.0 * (x * z - w * y), 2.0 * (y * z + w * x), w * w - x * x - y * y + z * z]).unwrap()
}

fn check(seeds: core::ops::Range<u64>) {
    let mut all = Errors::default();
    for seed in seeds {
        let one = drive(seed);
        let (tilt, fix) = one.rms();
        println!("seed {seed}: VQF {tilt:.2} deg, raw fixes {fix:.2} m ({} fixes)", one.fixes);
        all.tilt_deg2 += one.tilt_deg2;
        all.tilts += one.tilts;
        all.fix_m2 += one.fix_m2;
        all.fixes += one.fixes;
    }
    let (tilt, fix) = all.rms();
    println!("all: VQF {tilt:.2} deg, raw fixes {fix:.2} m");
    assert!((3.0..=6.0).contains(&tilt), "VQF errs by {tilt} degrees");
    assert!((3.5..=4.5).contains(&fix), "raw fixes err by {fix} m");
}

#[test]
fn twenty_drives_are_as_hard_as_pinned() {
    check(0..20);
}
