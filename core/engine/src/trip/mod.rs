//! Trips: found by themselves, with their stops, legs, modes and gaps, back-dated to where they really began and ended;
//! and the sensing plan that follows from it. It takes motion, clean fixes, signals and time; how it was driven is left
//! to `behaviour`.

mod afoot;
mod anchor;
mod config;
mod facts;
mod gaps;
mod legs;
mod look;
mod machine;
mod mode;
mod origin;
mod plan;
mod ride;
mod step;
mod stops;
#[cfg(test)]
mod tests;
mod wake;

pub use config::TripConfig;
pub use facts::{
    DiscardReason, EndReason, GapCause, GapFacts, LegFacts, StopFacts, TripFacts, TripOutput, TripState,
    TripStatusFacts,
};
pub use machine::Trips;
pub use plan::{quiet, renewed};
pub use ride::TripNames;
pub use wake::Wake;
