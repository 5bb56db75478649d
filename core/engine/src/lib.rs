//! Decides: from samples, fixes, signals and time to trips, events and scores.
//!
//! Pure: no I/O, no clock, no threads, no randomness of its own. Data flows `sample → intake → motion → trip →
//! behaviour → score` and never back up; `engine` wires them and nothing else.

pub mod base64;
pub mod behaviour;
pub mod blob;
mod coder;
mod columns;
pub mod config;
pub mod contract;
pub mod engine;
pub mod geo;
pub mod id;
pub mod intake;
pub mod motion;
pub mod num;
mod packing;
pub mod parse;
pub mod record;
pub mod sample;
pub mod score;
pub mod track;
pub mod trip;
pub mod window;
pub mod zone;

pub use engine::{Engine, Session};
pub use uuid::Uuid;
