//! Committed summaries of small worlds: any change of a number shows as a difference, on any machine.
//! `MILEPOST_GOLDEN=renew cargo test -p milepost-sim -p milepost-tests --test golden` renews all goldens.

#![expect(clippy::unwrap_used, reason = "a test may fail at once")]

use std::fmt::Write;
use std::path::Path;

use milepost_engine::contract::Input;
use milepost_engine::sample::{Fix, ImuSample};
use milepost_sim::{Item, Scenario, TrueState, Truth};

/// FNV-1a over the bits of everything.
struct Hash(u64);

impl Hash {
    fn add(&mut self, bits: u64) {
        for byte in bits.to_le_bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        }
    }

    fn text(&mut self, text: &str) {
        text.bytes().for_each(|b| self.add(u64::from(b)));
    }

    fn imu(&mut self, s: &ImuSample) {
        self.add(s.t.0 as u64);
        s.force_mps2.iter().chain(s.rate_rad_s.iter().flatten()).for_each(|x| self.add(u64::from(x.to_bits())));
    }

    fn fix(&mut self, f: &Fix) {
        self.add(f.t.0 as u64);
        self.add(f.lat_deg.to_bits());
        self.add(f.lon_deg.to_bits());
        for x in [f.alt_m, f.speed_mps, f.bearing_deg, f.hacc_m].into_iter().flatten() {
            self.add(u64::from(x.to_bits()));
        }
    }

    fn state(&mut self, s: &TrueState) {
        self.add(s.t.0 as u64);
        let numbers = [s.position.lat_deg, s.position.lon_deg, s.speed_mps, s.heading_deg, s.a_long_mps2, s.a_lat_mps2];
        numbers.iter().chain(&s.up).chain(&s.fwd).for_each(|x| self.add(x.to_bits()));
    }
}

/// The summary of a world, and one line a minute of its truth.
fn summary(scenario: &Scenario) -> String {
    let mut hash = Hash(0xCBF2_9CE4_8422_2325);
    let (mut truth, mut text) = (Truth::default(), String::new());
    let (mut samples, mut fixes, mut metres, mut step) = (0, 0, 0.0, 0_u64);
    writeln!(text, "t_s,lat,lon,speed_mps,a_long_mps2,a_lat_mps2,up_x,up_y,up_z,mount").unwrap();
    for item in scenario.world().with_truth() {
        match item {
            Item::Input(Input::Imu(batch)) => {
                samples += batch.len();
                batch.iter().for_each(|s| hash.imu(s));
            }
            Item::Input(Input::Fix(fix)) => {
                fixes += 1;
                hash.fix(&fix);
            }
            Item::Input(other) => hash.text(&format!("{other:?}")),
            Item::State(s) => {
                hash.state(&s);
                metres += 0.01 * s.speed_mps;
                step += 1;
                if step.is_multiple_of(6_000) {
                    let [x, y, z] = s.up;
                    let (t, p, v) = (s.t.seconds(), s.position, s.speed_mps);
                    let (lat, lon, al, at, m) = (p.lat_deg, p.lon_deg, s.a_long_mps2, s.a_lat_mps2, s.mount);
                    writeln!(text, "{t:.2},{lat:.6},{lon:.6},{v:.3},{al:.3},{at:.3},{x:.4},{y:.4},{z:.4},{m}").unwrap();
                }
            }
            Item::Fact(fact) => truth.take(fact),
        }
    }
    let Truth { trips, legs, stops, events, handling, impacts, potholes, outages, speeding } = truth;
    let counts = [trips.len(), legs.len(), stops.len(), events.len(), handling.len(), impacts.len()];
    writeln!(text, "samples {samples} fixes {fixes} metres {metres:.1}").unwrap();
    writeln!(text, "trips legs stops events handling impacts {counts:?}").unwrap();
    writeln!(text, "potholes {} outages {} speeding {}", potholes.len(), outages.len(), speeding.len()).unwrap();
    writeln!(text, "hash {:016x}", hash.0).unwrap();
    text
}

fn check(name: &str, scenario: &Scenario) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("{name}.txt"));
    let said = summary(scenario);
    if std::env::var("MILEPOST_GOLDEN").is_ok_and(|v| v == "renew") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        return std::fs::write(&path, said).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap();
    let changed = golden.lines().zip(said.lines()).filter(|(was, is)| was != is);
    let told: Vec<String> = changed.take(6).map(|(was, is)| format!("  {was}\n  {is}")).collect();
    assert!(
        said == golden,
        "{name} differs; if it is meant to, renew with MILEPOST_GOLDEN=renew. Was, is:\n{}",
        told.join("\n\n")
    );
}

#[test]
fn a_short_drive() {
    check("short_drive_1", &Scenario::drive(1).minutes(10));
}

#[test]
fn an_everyday_drive_with_trouble() {
    let drive = Scenario::everyday_drive(4).minutes(15).phone_slips_at(200.0).phone_drops_at(400.0).petrol_stop();
    check("everyday_drive_4", &drive);
}

#[test]
fn a_roll_over() {
    check("roll_over_2", &Scenario::crash(2, milepost_sim::Crash::RollOver, milepost_sim::Keeping::Seat));
}

#[test]
fn a_courier_day() {
    check("courier_day_1", &Scenario::courier_day(1).imu_hz(25.0));
}

#[test]
fn the_same_seed_gives_the_same_world_and_another_seed_another() {
    let of = |seed| summary(&Scenario::everyday_drive(seed).minutes(5));
    assert_eq!(of(11), of(11));
    assert_ne!(of(11), of(12));
}
