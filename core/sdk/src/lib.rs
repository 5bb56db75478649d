//! Runs: the one imperative crate, with the thread, the clock, the queues and the wiring of engine, store and upload.
//! Decides nothing about driving.

mod clock;
mod delivery;
mod error;
mod kernel;
mod milepost;
mod options;
mod privacy;
mod recorder;
mod search;
mod trouble;
mod worker;

pub use delivery::{Delivery, Finished, NextUpload};
pub use error::MilepostError;
pub use kernel::{Handled, Kernel};
pub use milepost::{Milepost, StoredRecord};
pub use options::{COMMIT_INTERVAL_S, Options, Place};
pub use search::Found;
pub use trouble::Trouble;
pub use worker::Listener;

pub use milepost_engine as engine;
pub use milepost_recording as recording;
pub use milepost_store as store;
pub use milepost_upload as upload;
