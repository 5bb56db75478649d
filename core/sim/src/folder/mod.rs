//! Writes a world as a plain folder (RECORDS.md, "In") with its truth beside it, never inside:
//!
//! ```text
//! OUT/input/imu.csv gnss.csv signals.csv session.json    what a phone recorded
//! OUT/truth.json                                         facts, by the keys of the judge of recorded sets
//! OUT/truth.csv                                          the true state, 100 rows a second
//! ```
//!
//! Rows go to disk as they come: a week does not sit in memory.

mod facts;
mod rows;

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use milepost_engine::contract::Input;
use milepost_engine::sample::Clock;

use crate::scenario::Scenario;
use crate::truth::{FixRuns, Truth};
use crate::world::Item;

/// What was written.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// Rows of `imu.csv`.
    pub samples: u64,
    /// Rows of `gnss.csv`.
    pub fixes: u64,
    /// Rows of `signals.csv`.
    pub signals: u64,
    /// Seconds of the world.
    pub seconds: f64,
    /// Its facts.
    pub truth: Truth,
}

/// Simulates a scenario and writes it to a folder, which is made if it is not there. `name` goes into `truth.json`.
///
/// # Errors
/// What the file system says.
pub fn write_folder(scenario: &Scenario, name: &str, out: &Path) -> io::Result<Written> {
    let input = out.join("input");
    fs::create_dir_all(&input)?;
    let open = |path: &Path, header: &str| -> io::Result<BufWriter<File>> {
        let mut file = BufWriter::with_capacity(1 << 16, File::create(path)?);
        writeln!(file, "{header}")?;
        Ok(file)
    };
    let mut imu = open(&input.join("imu.csv"), rows::IMU)?;
    let mut gnss = open(&input.join("gnss.csv"), rows::GNSS)?;
    let mut signals = open(&input.join("signals.csv"), rows::SIGNALS)?;
    let mut states = open(&out.join("truth.csv"), rows::STATES)?;

    let world = scenario.world().with_truth();
    let lags = (world.gnss_lag_s(), world.gnss_position_lag_s());
    let clock = world.clock().clone();
    fs::write(input.join("session.json"), session(scenario.seed(), &clock))?;
    let mut written = Written::default();
    let mut fixed = FixRuns::default();
    for item in world {
        match item {
            Item::Input(Input::Imu(batch)) => {
                written.samples += batch.len() as u64;
                for sample in &batch {
                    rows::imu(&mut imu, sample)?;
                }
            }
            Item::Input(Input::Fix(fix)) => {
                written.fixes += 1;
                fixed.fix(fix.t.seconds());
                rows::fix(&mut gnss, &fix)?;
            }
            Item::Input(Input::Signal(t, signal)) => {
                written.signals += 1;
                rows::signal(&mut signals, t, signal)?;
            }
            Item::State(state) => {
                written.seconds = state.t.since(clock.mono);
                rows::state(&mut states, &state)?;
            }
            Item::Fact(fact) => written.truth.take(fact),
            Item::Input(Input::Clock(_) | Input::Command(..) | Input::Tick(_) | Input::End) => {}
        }
    }
    for file in [&mut imu, &mut gnss, &mut signals, &mut states] {
        file.flush()?;
    }
    let start_s = clock.mono.seconds();
    let span = [start_s, start_s + written.seconds];
    let json = facts::json(&written.truth, &fixed, name, scenario.seed(), span, lags);
    fs::write(out.join("truth.json"), json)?;
    Ok(written)
}

fn session(seed: u64, clock: &Clock) -> String {
    serde_json::json!({
        "seed": seed,
        "platform": "simulator",
        "device": "milepost-sim",
        "utc_offset_min": clock.utc_offset_min,
        "clock": [{"t_s": clock.mono.seconds(), "wall_ms": clock.wall_ms, "boot_id": clock.boot_id}],
    })
    .to_string()
}
