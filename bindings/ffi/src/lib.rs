//! The surface that Kotlin and Swift see. Maps types, holds no logic.
//!
//! Synchronous and small: a host pushes packed frames in batches, drains records in batches, and is rung by a
//! [`ChangeListener`] that carries nothing. Every function that works returns a `Result`, because Swift turns a
//! function that cannot fail into `try!`. Integers are signed, because Java has no others. `docs/ffi.md` states the
//! layout of frames, threads, lifecycle and errors.

mod core;
mod error;
#[cfg(feature = "faults")]
mod faults;
#[cfg(feature = "reqwest")]
mod http;
mod listener;
mod record;
mod search;
mod upload;

pub use crate::core::{MilepostCore, Options};
pub use crate::error::MilepostError;
pub use crate::listener::{ChangeListener, ListenerError};
pub use crate::record::{Blocker, StoredRecord};
pub use crate::upload::{Header, Network, NextUpload, UploadOutcome, WaitReason};

uniffi::setup_scaffolding!();
