//! `milepost replay`: a recording through the core, and everything that follows from it as files.

use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};
use milepost::store::Carrier;
use milepost::{Kernel, Options, Place};
use milepost_engine::config::{Config, Preset};
use milepost_engine::contract::Input;
use milepost_recording::import::{self, ImportOptions, Recording};

use crate::args::{Replay, Source};
use crate::files::Files;
use crate::stopwatch::{Stopwatch, peak_memory_mb};
use crate::upload;

/// Rows between two moves of the progress bar.
const BAR_EVERY: u64 = 50_000;

/// Records read from the database at a time.
const DRAIN: usize = 1_000;
/// Event time between snapshots.
const COMMIT_INTERVAL_S: f64 = 600.0;

/// Anything that can go wrong, as one line.
pub type Failure = Box<dyn std::error::Error>;

/// Runs it.
pub fn run(args: &Replay) -> Result<(), Failure> {
    let watch = Stopwatch::start();
    let mut recording = open(&args.source)?;
    let mut kernel = Kernel::open(&options(args, &recording)?)?;
    let mut files = Files::create(&args.out)?;
    let bar = progress(recording.rows);
    let mut ran = Ran::default();
    let mut last_seq = 0;
    let mut failed = None;
    for input in &mut recording {
        let input = input?;
        ran.count(&input, &bar);
        let handled = kernel.handle(input, &mut |output| {
            failed = failed.take().or(files.output(output).err());
        })?;
        if let Some(failure) = failed.take() {
            return Err(failure);
        }
        // As a host would: records are told from the database, never before they are in it.
        while handled.records > 0 {
            let stored = kernel.store().read(|db| db.drain(last_seq, DRAIN))?;
            let Some(last) = stored.last() else { break };
            last_seq = last.seq;
            stored.iter().try_for_each(|record| files.record(&record.json))?;
        }
    }
    bar.finish_and_clear();
    files.finish()?;
    if args.server.is_some() {
        let batches = upload::deliver(&mut kernel)?;
        println!("{last_seq} records and their tracks delivered in {batches} batches");
    }
    ran.tell(&watch, &recording, &args.out);
    Ok(())
}

/// Nothing is remembered beyond the run, and a kill costs nothing: fewer snapshots than on a phone.
fn options(args: &Replay, recording: &Recording) -> Result<Options, Failure> {
    let mut options = Options::new(Place::Memory, "", "")?;
    options.config = configure(args, recording.config.as_ref())?;
    options.seed = Some(recording.session.seed);
    options.upload_url = args.server.clone();
    options.carrier = Carrier::BuiltIn;
    options.commit_interval_s = COMMIT_INTERVAL_S;
    Ok(options)
}

/// Opens a recording as the command line says.
pub fn open(source: &Source) -> Result<Recording, Failure> {
    let options =
        ImportOptions { format: source.format, utc_offset_min: source.utc_offset_min, ..ImportOptions::default() };
    Ok(import::open(&source.path, &options)?)
}

/// What the command line says, else what the recording was made with, else the defaults.
fn configure(args: &Replay, recorded: Option<&serde_json::Value>) -> Result<Config, Failure> {
    let preset = args.preset.as_deref().map_or(Ok(Preset::default()), Preset::parse)?;
    let mut config = match (&args.config, recorded) {
        (None, Some(recorded)) if args.preset.is_none() => Config::from_json(preset, &recorded.to_string())?,
        (None, _) => Config::preset(preset),
        (Some(path), _) => {
            let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
            Config::from_json(preset, &text).map_err(|e| format!("{}: {e}", path.display()))?
        }
    };
    config.manual |= args.manual;
    config.states = true;
    Ok(config)
}

fn progress(rows: Option<u64>) -> ProgressBar {
    let bar = rows.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {percent:>3} %  {msg}") {
        bar.set_style(style);
    }
    bar
}

/// What went through.
#[derive(Default)]
struct Ran {
    samples: u64,
    fixes: u64,
    others: u64,
    first_s: Option<f64>,
    last_s: f64,
}

impl Ran {
    fn count(&mut self, input: &Input, bar: &ProgressBar) {
        let before = self.rows();
        let t = match input {
            Input::Imu(batch) => {
                self.samples += batch.len() as u64;
                batch.last().map(|s| s.t)
            }
            Input::Fix(fix) => {
                self.fixes += 1;
                Some(fix.t)
            }
            Input::Signal(t, _) | Input::Command(t, _) => {
                self.others += 1;
                Some(*t)
            }
            Input::Clock(_) | Input::Tick(_) | Input::End => None,
        };
        if let Some(t) = t {
            self.first_s.get_or_insert(t.seconds());
            self.last_s = t.seconds();
        }
        if before / BAR_EVERY != self.rows() / BAR_EVERY {
            bar.set_position(self.rows());
        }
    }

    fn rows(&self) -> u64 {
        self.samples + self.fixes + self.others
    }

    fn tell(&self, watch: &Stopwatch, recording: &Recording, out: &Path) {
        let seconds = watch.elapsed().as_secs_f64();
        let recorded_s = self.first_s.map_or(0.0, |first| self.last_s - first);
        let memory = peak_memory_mb().map_or_else(|| "unknown".to_owned(), |mb| format!("{mb:.0} MB"));
        println!(
            "{} samples, {} fixes, {} signals over {:.0} s in {seconds:.2} s: {:.0} times faster than real time; peak memory {memory}",
            self.samples,
            self.fixes,
            self.others,
            recorded_s,
            recorded_s / seconds.max(1e-9),
        );
        if recording.rollovers > 0 {
            println!("{} fixes were 1024 weeks off and brought back", recording.rollovers);
        }
        println!("{}", out.display());
    }
}
