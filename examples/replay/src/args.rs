//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use milepost_recording::import::Format;

/// Replays, describes and converts recordings of drives.
#[derive(Debug, Parser)]
#[command(name = "milepost", version, about, arg_required_else_help = true)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a recording through the core: trips, events, scores, states, track and plan.
    Replay(Replay),
    /// Say what is in a recording.
    Info(Info),
    /// Write a recording in another format.
    Convert(Convert),
    /// Write the finished trips of a replay, or of a phone's export, in the formats of others.
    Export(Export),
    /// Say how the scores of a replay came about, line by line.
    Explain(Explain),
    /// Write a simulated drive as a plain folder, with its truth.
    Simulate(Simulate),
    /// Measure how good it is in simulated worlds, and print tables.
    Report(Report),
    /// A simulated courier's day from sensors to server, in one go.
    Demo(Demo),
}

/// Where a recording is and how to read it.
#[derive(Debug, clap::Args)]
pub struct Source {
    /// A recording: a plain folder, a native recording, or a file or folder of another logger.
    pub path: PathBuf,
    /// What it is, if it is not to be found out.
    #[arg(long, value_parser = str::parse::<Format>)]
    pub format: Option<Format>,
    /// Minutes east of UTC of local time stamps that do not say it.
    #[arg(long, allow_negative_numbers = true)]
    pub utc_offset_min: Option<i32>,
}

/// Run a recording through the core.
#[derive(Debug, clap::Args)]
pub struct Replay {
    /// The recording.
    #[command(flatten)]
    pub source: Source,
    /// Where the files go; made if it is not there.
    #[arg(long)]
    pub out: PathBuf,
    /// Who drives what: courier, ride_hailing or private_car.
    #[arg(long)]
    pub preset: Option<String>,
    /// A flat JSON object with keys as the summary's `config` shows them.
    #[arg(long)]
    pub config: Option<PathBuf>,
    /// The whole input is one trip that is never discarded.
    #[arg(long)]
    pub manual: bool,
    /// Upload the records to this server, too.
    #[arg(long)]
    pub server: Option<String>,
}

/// Say what is in a recording.
#[derive(Debug, clap::Args)]
pub struct Info {
    /// The recording.
    #[command(flatten)]
    pub source: Source,
}

/// Write a recording in another format.
#[derive(Debug, clap::Args)]
pub struct Convert {
    /// The recording.
    #[command(flatten)]
    pub source: Source,
    /// Where to: a folder for plain, a file otherwise.
    #[arg(long)]
    pub out: PathBuf,
    /// To what.
    #[arg(long, value_enum, default_value = "native")]
    pub to: Target,
}

/// What can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Target {
    /// Milepost's own recording.
    Native,
    /// The plain folder.
    Plain,
    /// Packed frames as the FFI's `push` takes them, without header or compression.
    Frames,
}

/// Write finished trips in the formats of others.
#[derive(Debug, clap::Args)]
pub struct Export {
    /// The folder that a replay wrote, or the file that a phone exported.
    pub path: PathBuf,
    /// Where to: a file that is not there yet.
    #[arg(long)]
    pub out: PathBuf,
    /// To what.
    #[arg(long, value_enum, default_value = "gpx")]
    pub to: ExportTo,
    /// Leave out points that are nearer than this, in metres, to where the others say the vehicle was at their time (or,
    /// in a polyline, to the line).
    #[arg(long)]
    pub tolerance_m: Option<f64>,
    /// Only this trip.
    #[arg(long)]
    pub trip: Option<milepost_engine::Uuid>,
    /// Who the device is to Traccar and OwnTracks.
    #[arg(long, default_value = "milepost")]
    pub device_id: String,
}

/// Say how scores came about.
#[derive(Debug, clap::Args)]
pub struct Explain {
    /// The folder that a replay wrote, or the file that a phone exported.
    pub path: PathBuf,
    /// Only this trip.
    pub trip: Option<milepost_engine::Uuid>,
}

/// What trips can be written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportTo {
    /// GPX 1.1.
    Gpx,
    /// GeoJSON with a time for each point.
    Geojson,
    /// A row for each point.
    Csv,
    /// Google's encoded polyline with 5 decimal places.
    Polyline,
    /// The same with 6.
    Polyline6,
    /// Bodies for Traccar's OsmAnd port, one a line.
    Traccar,
    /// Bodies for an OwnTracks recorder, one a line.
    Owntracks,
}

/// Write a simulated drive as a plain folder, with its truth.
#[derive(Debug, clap::Args)]
pub struct Simulate {
    /// What happens in it; `list` names them all.
    pub scenario: String,
    /// Another number, another day.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How long a drive, a stroll or a desk lasts, if not as long as the scenario has it.
    #[arg(long)]
    pub minutes: Option<u32>,
    /// Where to.
    #[arg(long, default_value = "target/simulated")]
    pub out: PathBuf,
}

/// A courier's day from sensors to server, in one go.
#[derive(Debug, clap::Args)]
pub struct Demo {
    /// Another number, another day.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Where the files go.
    #[arg(long, default_value = "target/demo")]
    pub out: PathBuf,
}

/// Measure how good it is in simulated worlds.
#[derive(Debug, clap::Args)]
pub struct Report {
    /// Which tables.
    #[arg(value_enum, default_value = "all")]
    pub what: What,
    /// How many worlds of each kind; 20 gives full tables.
    #[arg(long, default_value_t = 10)]
    pub seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 1)]
    pub first_seed: u64,
    /// How many at a time; one for each core, if it is not said.
    #[arg(long)]
    pub jobs: Option<usize>,
}

/// A table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum What {
    /// Attitude, mount, acceleration, speed, position.
    Motion,
    /// Trips, stops.
    Trips,
    /// Harsh events, impacts, speeding, phone handling.
    Behaviour,
    /// Battery, trips and starts in a week, by the plan and by other policies.
    Battery,
    /// Bytes: of codecs, on the wire, of days offline.
    Storage,
    /// Time, memory, state.
    Cost,
    /// All of them.
    All,
}
