//! The README's first command, as a person gives it: within 300 MB and a minute of processor time even unoptimised, every
//! record at its server exactly once (else it fails itself), and the deliveries of the day found.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::process::Command;

use milepost_tests::command;

/// What it may take: address space, of which memory in use is a part, and seconds of processor time.
const MAX_KB: u32 = 300 * 1024;
const MAX_CPU_S: u32 = 60;

#[test]
fn the_demo_ends_well_within_its_memory_and_its_minute() {
    let dir = tempfile::tempdir().unwrap();
    let limits = format!("ulimit -v {MAX_KB}; ulimit -t {MAX_CPU_S}; ulimit -c 0; exec \"$@\"");
    let mut demo = Command::new("sh");
    demo.args(["-c", &limits, "sh"]).arg(command::path()).args(["demo", "--seed", "2", "--out"]).arg(dir.path());
    let ran = demo.output().unwrap();
    let (told, wrong) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{}: {wrong}{told}", ran.status);
    assert!(told.contains("every record is there exactly once"), "{told}");
    assert!(told.lines().last().is_some_and(|line| line.contains(" s in all, ") && line.contains(" MB")), "{told}");
    let deliveries: Vec<u32> = told
        .lines()
        .find_map(|line| line.strip_prefix("deliveries"))
        .map(|line| line.split_whitespace().filter_map(|word| word.parse().ok()).collect())
        .unwrap();
    let [truly, _, found] = deliveries[..] else { panic!("{told}") };
    assert!(truly == 13 && found >= 12, "{told}");
    for name in ["records.jsonl", "states.csv", "track.csv", "plan.csv", "track.geojson", "report.html"] {
        assert!(dir.path().join(name).exists(), "there is no {name}");
    }
}
