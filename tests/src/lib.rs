//! Scenarios, goldens, end-to-end and faults, over the crates as a host uses them.

pub mod conformance;
pub mod faults;
pub mod made_up;
pub mod phone;
