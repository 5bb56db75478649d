//! Scenarios, goldens, end-to-end and faults, over the crates as a host uses them.

#![allow(clippy::indexing_slicing, reason = "JSON's index gives null, and a test may panic")]

pub mod command;
pub mod conformance;
pub mod disasters;
pub mod drives;
pub mod faults;
pub mod golden;
pub mod made_up;
pub mod phone;
