//! `milepost replay`: a recording through the core, and everything that follows from it as files.

use std::io::Read;
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};
use milepost::store::Carrier;
use milepost::{Kernel, Options, Place};
use milepost_engine::config::{Config, Preset};
use milepost_engine::contract::Input;
use milepost_recording::import::{self, ImportOptions, Recording};

use crate::args::{Replay, Source};
use crate::files::Files;
use crate::say::say;
use crate::stopwatch::{Stopwatch, peak_memory_mb};
use crate::upload;

/// Rows between two moves of the progress bar.
const BAR_EVERY: u64 = 50_000;

/// All thresholds take some kilobytes.
const MAX_CONFIG_BYTES: u64 = 1 << 20;

/// Records read from the database at a time.
const DRAIN: usize = 1_000;
/// Event time between snapshots.
const COMMIT_INTERVAL_S: f64 = 600.0;

/// Anything that can go wrong, as one line.
pub type Failure = Box<dyn std::error::Error>;

/// Runs it.
pub fn run(args: &Replay) -> Result<(), Failure> {
    // Whoever finds files after a failure shall not take an earlier run's for this one's.
    Files::clear(&args.out)?;
    let mut recording = open(&args.source)?;
    let mut kernel = Kernel::open(&options(args, &recording)?)?;
    let mut run = Run::begin(&args.out, recording.rows)?;
    for input in &mut recording {
        run.step(&mut kernel, input?)?;
    }
    let ran = run.finish()?;
    if args.server.is_some() {
        let batches = upload::deliver(&mut kernel)?;
        say!("{} records and their tracks delivered in {batches} batches", ran.records)?;
    }
    ran.tell()?;
    if recording.rollovers > 0 {
        say!("{} fixes were 1024 weeks off and brought back", recording.rollovers)?;
    }
    if let Some((cut, bytes)) = recording.cut() {
        say!("cut: {}; {bytes} bytes behind it were left out", cut.reason)?;
    }
    recording.notes.iter().try_for_each(|note| say!("{note}"))?;
    say!("{}", args.out.display())
}

/// Nothing is remembered beyond the run, and a kill costs nothing: fewer snapshots than on a phone.
fn options(args: &Replay, recording: &Recording) -> Result<Options, Failure> {
    let mut options = Options::new(Place::Memory, "", "")?;
    options.config = configure(args, recording.config.as_ref())?;
    options.seed = Some(recording.session.seed);
    options.first_seq = recording.session.first_seq.unwrap_or(1);
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
            let text = read_text(path).map_err(|e| format!("{}: {e}", path.display()))?;
            Config::from_json(preset, &text).map_err(|e| format!("{}: {e}", path.display()))?
        }
    };
    config.manual |= args.manual;
    config.states = true;
    Ok(config)
}

fn read_text(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    let read = std::fs::File::open(path)?.take(MAX_CONFIG_BYTES + 1).read_to_string(&mut text)?;
    if read as u64 > MAX_CONFIG_BYTES {
        return Err(std::io::Error::other("is larger than 1 MB"));
    }
    Ok(text)
}

fn progress(rows: Option<u64>) -> ProgressBar {
    let bar = rows.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {percent:>3} %  {msg}") {
        bar.set_style(style);
    }
    bar
}

/// Inputs on their way through the core into files.
pub struct Run {
    files: Files,
    bar: ProgressBar,
    ran: Ran,
    watch: Stopwatch,
    last_seq: u64,
}

impl Run {
    /// Begins the files; `rows` is for the progress bar.
    pub fn begin(out: &Path, rows: Option<u64>) -> Result<Self, Failure> {
        let watch = Stopwatch::start();
        Ok(Self { files: Files::create(out)?, bar: progress(rows), ran: Ran::default(), watch, last_seq: 0 })
    }

    /// One input: what follows from it goes to the database, then to the files.
    pub fn step(&mut self, kernel: &mut Kernel, input: Input) -> Result<(), Failure> {
        self.ran.count(&input, &self.bar);
        let mut failed = None;
        let files = &mut self.files;
        let handled = kernel.handle(input, &mut |output| {
            failed = failed.take().or(files.output(output).err());
        })?;
        if let Some(failure) = failed {
            return Err(failure);
        }
        // As a host would: records are told from the database, never before they are in it.
        let mut waiting = handled.records;
        while waiting > 0 {
            let stored = kernel.store().read(|db| db.drain(self.last_seq, DRAIN))?;
            let Some(last) = stored.last() else { break };
            self.last_seq = last.seq;
            self.ran.records += stored.len() as u64;
            waiting = waiting.saturating_sub(stored.len());
            stored.iter().try_for_each(|record| self.files.record(&record.json))?;
        }
        Ok(())
    }

    /// Completes the files.
    pub fn finish(self) -> Result<Ran, Failure> {
        self.bar.finish_and_clear();
        self.files.finish()?;
        Ok(Ran { seconds: self.watch.elapsed().as_secs_f64(), ..self.ran })
    }
}

/// What went through, and how long it took.
#[derive(Default)]
pub struct Ran {
    /// IMU samples.
    pub samples: u64,
    /// Fixes.
    pub fixes: u64,
    /// Signals and commands.
    pub signals: u64,
    /// Records that were stored.
    pub records: u64,
    first_s: Option<f64>,
    last_s: f64,
    seconds: f64,
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
                self.signals += 1;
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
        self.samples + self.fixes + self.signals
    }

    /// Prints it.
    pub fn tell(&self) -> Result<(), Failure> {
        let recorded_s = self.first_s.map_or(0.0, |first| self.last_s - first);
        let memory = peak_memory_mb().map_or_else(|| "unknown".to_owned(), |mb| format!("{mb:.0} MB"));
        say!(
            "{} samples, {} fixes, {} signals over {recorded_s:.0} s in {:.2} s: {:.0} times faster than real time; \
             peak memory {memory}",
            self.samples,
            self.fixes,
            self.signals,
            self.seconds,
            recorded_s / self.seconds.max(1e-9),
        )
    }
}
