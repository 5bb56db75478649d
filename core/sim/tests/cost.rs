//! A day costs seconds of one core and no memory. Alone in its file: it looks at the whole process.

use milepost_sim::{Item, Scenario};

/// Processor seconds and peak memory in KiB of this process so far; `None` where there is no /proc.
fn spent() -> Option<(f64, u64)> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let ticks: Vec<i64> = stat.rsplit(')').next()?.split_whitespace().filter_map(|w| w.parse().ok()).collect();
    // Counted after the name and the state: user and system time in hundredths of a second.
    let (user, system) = (ticks.get(10)?, ticks.get(11)?);
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let peak = status.lines().find(|l| l.starts_with("VmHWM"))?.split_whitespace().nth(1)?.parse().ok()?;
    Some(((user + system) as f64 / 100.0, peak))
}

#[test]
fn a_day_with_truth_runs_two_thousand_times_faster_than_it_lasts_in_constant_memory() {
    let run = |from: u64, to: u64| -> u64 {
        let days = (from..to).map(|s| Scenario::courier_day(s).world().with_truth());
        days.flatten().filter(|item| matches!(item, Item::State(_))).count() as u64
    };
    run(0, 1);
    let Some((before_s, before_kib)) = spent() else {
        return println!("skipped: no /proc here");
    };
    let states = run(1, 3);
    let (after_s, after_kib) = spent().unwrap();
    let times = states as f64 / 100.0 / (after_s - before_s).max(0.01);
    println!("{times:.0} times faster than real time, {after_kib} KiB at most");
    assert!(times > 2_000.0, "only {times} times faster than real time");
    assert!(after_kib - before_kib < 1_024, "another two days took {} KiB more", after_kib - before_kib);
}
