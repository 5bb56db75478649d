//! Scenarios, goldens, end-to-end and faults, over the crates as a host uses them.
