//! Clean input: order, duplicates, gaps, NaN, stale or teleporting fixes, week rollover, mock flag; a counter for every
//! reason. Everything after it may trust what it gets: finite, in range, in order of event time, each once.

mod config;
mod counters;

pub use config::IntakeConfig;
pub use counters::Counters;
