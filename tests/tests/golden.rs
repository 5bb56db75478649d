//! Small worlds through the real command, against what is committed in `golden/`: any change of a number shows, and which.
//! `MILEPOST_GOLDEN=renew cargo test -p milepost-sim -p milepost-tests --test golden` renews them all.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::fs;
use std::path::Path;

use milepost_tests::command::milepost;
use milepost_tests::golden::{differences, digest};

/// All that is committed together; more would be read by nobody.
const MAX_BYTES: u64 = 300_000;

/// A world to keep.
struct Golden {
    scenario: &'static str,
    seed: u64,
    /// Of a drive, a stroll or a desk; `None` for as long as the scenario has it.
    minutes: Option<u32>,
    states_every_s: f64,
}

const fn golden(scenario: &'static str, seed: u64, minutes: Option<u32>, states_every_s: f64) -> Golden {
    Golden { scenario, seed, minutes, states_every_s }
}

#[test]
fn a_drive() {
    check(&golden("drive", 1, Some(8), 20.0));
}

#[test]
fn a_drive_with_the_phone_in_use() {
    check(&golden("everyday_drive", 4, Some(12), 20.0));
}

#[test]
fn a_phone_that_slips() {
    check(&golden("slipping", 2, Some(25), 45.0));
}

#[test]
fn a_tunnel() {
    check(&golden("tunnel", 3, None, 60.0));
}

#[test]
fn a_crash() {
    check(&golden("rear_end", 3, None, 20.0));
}

#[test]
fn no_gyroscope() {
    check(&golden("no_gyroscope", 5, Some(8), 20.0));
}

#[test]
fn ten_readings_a_second() {
    check(&golden("slow_sensors", 6, Some(8), 20.0));
}

#[test]
fn a_courier_day() {
    check(&golden("courier_day_25_hz", 1, None, 600.0));
}

#[test]
fn fixes_alone() {
    check(&golden("courier_day_located", 2, None, 600.0));
}

#[test]
fn a_desk() {
    check(&golden("desk", 7, Some(20), 60.0));
}

#[test]
fn the_goldens_are_small() {
    let mut bytes = 0;
    for folder in fs::read_dir(home()).unwrap() {
        for file in fs::read_dir(folder.unwrap().path()).unwrap() {
            bytes += file.unwrap().metadata().unwrap().len();
        }
    }
    assert!((1..MAX_BYTES).contains(&bytes), "{bytes} bytes");
}

fn home() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden")
}

/// Simulates, replays, and holds what came out against what is committed.
fn check(golden: &Golden) {
    let Golden { scenario, seed, minutes, states_every_s } = *golden;
    let dir = tempfile::tempdir().unwrap();
    let (world, out) = (dir.path().join("world"), dir.path().join("replay"));
    let mut simulate = milepost();
    simulate.args(["simulate", scenario, "--seed", &seed.to_string(), "--out"]).arg(&world);
    if let Some(minutes) = minutes {
        simulate.args(["--minutes", &minutes.to_string()]);
    }
    let mut replay = milepost();
    replay.arg("replay").arg(world.join("input")).arg("--out").arg(&out);
    for command in [&mut simulate, &mut replay] {
        let ran = command.output().unwrap();
        assert!(ran.status.success(), "{scenario}: {}", String::from_utf8_lossy(&ran.stderr));
    }
    let now = digest(dir.path(), states_every_s);
    let kept = home().join(scenario);
    if std::env::var("MILEPOST_GOLDEN").is_ok_and(|v| v == "renew") {
        fs::create_dir_all(&kept).unwrap();
        return now.iter().for_each(|(name, text)| fs::write(kept.join(name), text).unwrap());
    }
    let told: String = now
        .iter()
        .map(|(name, text)| differences(name, &fs::read_to_string(kept.join(name)).unwrap_or_default(), text))
        .collect();
    assert!(told.is_empty(), "{scenario} differs; if it is meant to, renew with MILEPOST_GOLDEN=renew\n{told}");
}
