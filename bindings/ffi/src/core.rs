//! The one object of the surface.

use std::sync::Arc;

use milepost::engine::Uuid;
use milepost::{Milepost, Place};

use crate::error::{MilepostError, call, unsigned};
use crate::listener::{Bell, ChangeListener};
use crate::record::{Blocker, StoredRecord, signed};
use crate::search::{TrackPoint, TripFilter, TripPage};
use crate::upload::{Network, NextUpload, UploadOutcome};

/// How to open Milepost.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Options {
    /// A folder that belongs to Milepost alone: database and recordings. Made when it is not there.
    pub dir: String,
    /// Flat JSON with the keys of `docs/records.md`, `{}` for the preset as it is.
    pub config_json: String,
    /// `courier`, `ride_hailing` or `private_car`.
    pub preset: String,
    /// The 64 bits that ids are made from; absent: drawn once and kept. A replay gives the recording's.
    pub seed: Option<i64>,
    /// `android` or `ios`, for the recording.
    pub platform: Option<String>,
    /// The model, as the platform names it, for the recording.
    pub device: Option<String>,
    /// Where records go, https or on this very machine; absent: nowhere, they wait.
    pub upload_url: Option<String>,
    /// The uploads that the host's HTTP still carries since an earlier process, by their ids.
    pub uploads_in_flight: Vec<String>,
    /// Write everything that is pushed to a recording.
    pub record: bool,
}

impl TryFrom<Options> for milepost::Options {
    type Error = MilepostError;

    fn try_from(options: Options) -> Result<Self, MilepostError> {
        let mut core = Self::new(Place::Folder(options.dir.into()), &options.preset, &options.config_json)?;
        core.seed = options.seed.map(i64::cast_unsigned);
        core.platform = options.platform;
        core.device = options.device;
        core.upload_url = options.upload_url;
        core.in_flight = options.uploads_in_flight.iter().map(|id| upload_id(id)).collect::<Result<_, _>>()?;
        core.record = options.record;
        Ok(core)
    }
}

fn upload_id(id: &str) -> Result<Uuid, MilepostError> {
    let refused = |e| MilepostError::InvalidConfig { reason: format!("uploads_in_flight: {id:?} is no id: {e}") };
    Uuid::parse_str(id).map_err(refused)
}

/// Milepost, opened. Any thread may call anything at any time; `docs/ffi.md` says what waits for what.
#[derive(uniffi::Object)]
pub struct MilepostCore {
    pub(crate) inner: Milepost,
}

#[uniffi::export]
impl MilepostCore {
    /// Opens the database, restores what an earlier process left and starts the worker thread.
    #[uniffi::constructor]
    pub fn open(options: Options) -> Result<Arc<Self>, MilepostError> {
        call(|| Ok(Arc::new(Self { inner: Milepost::open(options.try_into()?)? })))
    }

    /// Takes packed frames, whole ones; a call with a frame that cannot be read takes none. Does not wait.
    pub fn push(&self, frames: &[u8]) -> Result<(), MilepostError> {
        call(|| Ok(self.inner.push(frames)?))
    }

    /// A signal or a command by the names of `signals.csv`, when it came true on the axis of the frames. Never dropped.
    pub fn command(&self, t_ns: i64, kind: String, value: String) -> Result<(), MilepostError> {
        call(|| Ok(self.inner.command(t_ns, &kind, &value)?))
    }

    /// Only replays: nothing more will come, so the open trip ends and the summary is written.
    pub fn end_input(&self) -> Result<(), MilepostError> {
        call(|| Ok(self.inner.end_input()?))
    }

    /// Returns when everything that was pushed before is decided and stored.
    pub fn flush(&self) -> Result<(), MilepostError> {
        call(|| Ok(self.inner.flush()?))
    }

    /// The next records after `after_seq` (0: from the start), at most `max`. The same ones until `ack`.
    pub fn drain(&self, after_seq: i64, max: i32) -> Result<Vec<StoredRecord>, MilepostError> {
        call(|| {
            let records = self.inner.drain(unsigned("after_seq", after_seq)?, unsigned("max", max)?)?;
            Ok(records.into_iter().map(StoredRecord::from).collect())
        })
    }

    /// The host has handled every record up to `seq`.
    pub fn ack(&self, seq: i64) -> Result<(), MilepostError> {
        call(|| Ok(self.inner.ack(unsigned("seq", seq)?)?))
    }

    /// The number up to which the host has handled everything, through restarts.
    pub fn acked(&self) -> Result<i64, MilepostError> {
        call(|| Ok(signed(self.inner.acked()?)))
    }

    /// The newest trips, newest first, each at its last revision; discarded ones are left out.
    pub fn trips(&self, limit: i32) -> Result<Vec<StoredRecord>, MilepostError> {
        call(|| {
            let records = self.inner.trips(unsigned("limit", limit)?)?;
            Ok(records.into_iter().map(StoredRecord::from).collect())
        })
    }

    /// Everything about one trip: its revisions, stops, events and score.
    pub fn trip(&self, id: String) -> Result<Vec<StoredRecord>, MilepostError> {
        call(|| Ok(self.inner.trip(&id)?.into_iter().map(StoredRecord::from).collect()))
    }

    /// Trips that match, newest first, a page at a time, each at its last revision.
    pub fn find_trips(&self, filter: TripFilter) -> Result<TripPage, MilepostError> {
        call(|| Ok(self.inner.find_trips(filter.try_into()?)?.into()))
    }

    /// The smoothed points of a trip in order of time, those between two moments (both included) where given. An hour
    /// at a point a second is 3600 of them.
    pub fn track(
        &self,
        id: String,
        from_ns: Option<i64>,
        to_ns: Option<i64>,
    ) -> Result<Vec<TrackPoint>, MilepostError> {
        call(|| Ok(self.inner.track(&id, from_ns, to_ns)?.into_iter().map(TrackPoint::from).collect()))
    }

    /// What the host's HTTP stack shall send now. With `flush`, what is neither urgent nor much goes too: the app is
    /// about to go, or the driver asks.
    pub fn next_upload(&self, flush: bool) -> Result<NextUpload, MilepostError> {
        call(|| {
            let next = if flush { self.inner.next_upload_now() } else { self.inner.next_upload() };
            Ok(next?.into())
        })
    }

    /// How an upload went. Whether the server wants another token. An id that is not in flight is forgotten, not an
    /// error: the answer came twice.
    pub fn upload_finished(&self, id: String, outcome: UploadOutcome) -> Result<bool, MilepostError> {
        call(|| Ok(self.inner.upload_finished(&id, outcome.try_into()?)?))
    }

    /// Gives what a server has refused another chance: it is sent again. How many records.
    pub fn unpark(&self) -> Result<i64, MilepostError> {
        call(|| Ok(signed(self.inner.unpark()?)))
    }

    /// The token that goes into every upload; absent: none.
    pub fn set_token(&self, token: Option<String>) -> Result<(), MilepostError> {
        call(|| Ok(self.inner.set_token(token)?))
    }

    /// What the phone is connected to, and whether it is on a charger: the rules of uploads ask for it.
    pub fn set_network(&self, network: Network, charging: bool) -> Result<(), MilepostError> {
        call(|| Ok(self.inner.set_network(network.into(), charging)?))
    }

    /// Forgets everything of a driver, absent: everything. Database, log, recordings, memory; the open trip ends.
    pub fn erase(&self, driver_id: Option<String>) -> Result<(), MilepostError> {
        call(|| Ok(self.inner.erase(driver_id)?))
    }

    /// Writes all that is known of a driver, absent: of everyone, into a file: one JSON object a line. How many lines.
    pub fn export(&self, driver_id: Option<String>, file: String) -> Result<i64, MilepostError> {
        call(|| Ok(signed(self.inner.export(driver_id, std::path::Path::new(&file))?)))
    }

    /// What stands in the way of finding and keeping trips now, and what the user can do about it.
    pub fn blockers(&self) -> Result<Vec<Blocker>, MilepostError> {
        call(|| Ok(self.inner.blockers()?.into_iter().map(Blocker::from).collect()))
    }

    /// What the host shall sense, as JSON; `null` before the first input.
    pub fn plan(&self) -> Result<String, MilepostError> {
        call(|| Ok(self.inner.plan()?))
    }

    /// Counters, blockers and what went wrong lately, as JSON.
    pub fn diagnostics(&self) -> Result<String, MilepostError> {
        call(|| Ok(self.inner.diagnostics()?))
    }

    /// Who is rung; the one before is let go.
    pub fn set_listener(&self, listener: Option<Arc<dyn ChangeListener>>) -> Result<(), MilepostError> {
        call(|| {
            self.inner.set_listener(listener.map(|l| Arc::new(Bell(l)) as Arc<dyn milepost::Listener>));
            Ok(())
        })
    }

    /// Writes everything down and lets go of every lock on files, of these also where it could not write. What is pushed
    /// meanwhile waits for `resume`.
    pub fn suspend(&self) -> Result<(), MilepostError> {
        call(|| Ok(self.inner.suspend()?))
    }

    /// Takes up work after `suspend`.
    pub fn resume(&self) -> Result<(), MilepostError> {
        call(|| Ok(self.inner.resume()?))
    }

    /// Writes everything down and stops the worker. Every later call fails with `Closed`.
    pub fn shutdown(&self) -> Result<(), MilepostError> {
        call(|| Ok(self.inner.shutdown()?))
    }
}
