//! The `track` table: smoothed points in chunks. The last chunk of a trip grows until it is full or the trip is over;
//! then it is sealed: packed for good, and ready to be sent.

use milepost_engine::Uuid;
use milepost_engine::contract::TrackPoint;
use milepost_engine::id::{IdKind, uuid7};
use milepost_engine::sample::MonoTime;
use milepost_engine::track::{decode, encode, pack};
use rusqlite::{OptionalExtension, params};

use crate::class::Class;
use crate::error::{Result, StoreError};
use crate::store::{Db, Tx};

/// Points in a full chunk: ten minutes at 1 Hz, some 2 KB, so that rewriting the open one every few seconds is cheap
/// and a lost answer costs little to send again.
pub const CHUNK_POINTS: usize = 600;
/// How a chunk begins that an older version sealed: in a zstd frame.
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// The most that a chunk can be when unpacked; a frame that claims more is damaged.
const UNPACKED: usize = 1 << 20;

/// A chunk that still grows.
struct Open {
    chunk: i64,
    points: Vec<TrackPoint>,
}

impl Db<'_> {
    /// The smoothed points of a trip in order of time, at the codec's quantisation. A chunk that cannot be read leaves a hole:
    /// the rest is still where somebody was, and no trip may be closed without it.
    pub fn track(&self, trip_id: Uuid) -> Result<Vec<TrackPoint>> {
        self.track_between(trip_id, MonoTime::MIN, MonoTime(i64::MAX))
    }

    /// The same from one moment to another, both included. Only the chunks of that time are read.
    pub fn track_between(&self, trip_id: Uuid, from: MonoTime, to: MonoTime) -> Result<Vec<TrackPoint>> {
        let sql = "SELECT body, sealed FROM track
                   WHERE trip_id = ?1 AND last_ns >= ?2 AND first_ns <= ?3 ORDER BY number";
        let mut statement = self.0.prepare_cached(sql)?;
        let values = params![trip_id.as_bytes(), from.0, to.0];
        let rows = statement.query_map(values, |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, bool>(1)?)))?;
        let mut points = Vec::new();
        for row in rows {
            let (body, sealed) = row?;
            match if sealed && is_old(&body) { unpack(&body) } else { Ok(body) }.and_then(|body| Ok(decode(&body)?)) {
                Ok(chunk) => points.extend(chunk),
                Err(error) => log::warn!("a chunk of a track is left out: {error}"),
            }
        }
        points.retain(|p| (from..=to).contains(&p.t));
        Ok(points)
    }

    fn last_track_time(&self, trip_id: Uuid) -> Result<Option<i64>> {
        let mut statement = self.0.prepare_cached("SELECT max(last_ns) FROM track WHERE trip_id = ?1")?;
        Ok(statement.query_row([trip_id.as_bytes()], |row| row.get(0))?)
    }
}

impl Tx<'_> {
    /// Adds points to a trip's track. Those that are not later than the last one stored are left out, so the same call
    /// may be made again after a crash. Returns how many were new.
    pub fn append_track(&self, trip_id: Uuid, points: &[TrackPoint]) -> Result<usize> {
        let after = self.last_track_time(trip_id)?.unwrap_or(i64::MIN);
        let new =
            points.iter().filter(|p| p.t.0 > after && p.position.lat_deg.is_finite() && p.position.lon_deg.is_finite());
        let new: Vec<TrackPoint> = new.copied().collect();
        let mut rest = new.as_slice();
        while !rest.is_empty() {
            let Open { chunk: row, points: mut chunk } = self.open_chunk(trip_id)?;
            let (now, later) = rest.split_at(rest.len().min(CHUNK_POINTS.saturating_sub(chunk.len()).max(1)));
            chunk.extend_from_slice(now);
            self.put_chunk(row, &chunk, chunk.len() >= CHUNK_POINTS)?;
            rest = later;
        }
        // The last points may come after the end of the trip that they belong to.
        if self.is_over(trip_id)? {
            self.seal_track(trip_id)?;
        }
        Ok(new.len())
    }

    /// No more points for now: the open chunk becomes ready to be sent. For the end of a trip.
    pub fn seal_track(&self, trip_id: Uuid) -> Result<()> {
        match self.find_open(trip_id)? {
            Some(open) => self.put_chunk(open.chunk, &open.points, true),
            None => Ok(()),
        }
    }

    /// Forgets what of a discarded trip's track is not on its way.
    pub fn discard_track(&self, trip_id: Uuid) -> Result<()> {
        let sql = "DELETE FROM track WHERE trip_id = ?1 AND batch_id IS NULL";
        self.sql().execute(sql, [trip_id.as_bytes()])?;
        Ok(())
    }

    /// One that cannot be read is lost, and the ledger says so: it must not stand in the way of all that comes after it.
    fn find_open(&self, trip_id: Uuid) -> Result<Option<Open>> {
        let sql = "SELECT chunk, body FROM track WHERE trip_id = ?1 AND sealed = 0 ORDER BY number DESC LIMIT 1";
        let mut statement = self.sql().prepare_cached(sql)?;
        let found = statement.query_row([trip_id.as_bytes()], |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?)));
        let Some((chunk, body)) = found.optional()? else { return Ok(None) };
        match decode(&body) {
            Ok(points) => Ok(Some(Open { chunk, points })),
            Err(error) => {
                log::error!("the open chunk of a track is lost: {error}");
                self.sql().execute("DELETE FROM track WHERE chunk = ?1", [chunk])?;
                self.enter_damaged_track()?;
                Ok(None)
            }
        }
    }

    fn open_chunk(&self, trip_id: Uuid) -> Result<Open> {
        if let Some(open) = self.find_open(trip_id)? {
            return Ok(open);
        }
        let sql = "SELECT ifnull(max(number) + 1, 0) FROM track WHERE trip_id = ?1";
        let number = self.sql().query_row(sql, [trip_id.as_bytes()], |row| row.get::<_, i64>(0))? as u64;
        let sql = "INSERT INTO track (id, trip_id, number, first_ns, last_ns, points, body, class)
                   VALUES (?1, ?2, ?3, 0, 0, 0, x'', ?4)";
        let id = chunk_id(trip_id, number);
        let values = params![id.as_bytes(), trip_id.as_bytes(), number as i64, Class::Track.number()];
        self.sql().prepare_cached(sql)?.execute(values)?;
        Ok(Open { chunk: self.sql().last_insert_rowid(), points: Vec::new() })
    }

    fn is_over(&self, trip_id: Uuid) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM trip WHERE id = ?1 AND status = 'ended')";
        let mut statement = self.sql().prepare_cached(sql)?;
        Ok(statement.query_row([trip_id.as_bytes()], |row| row.get(0))?)
    }

    fn put_chunk(&self, chunk: i64, points: &[TrackPoint], sealed: bool) -> Result<()> {
        let (Some(first), Some(last)) = (points.first(), points.last()) else { return Ok(()) };
        let body = if sealed { pack(points) } else { encode(points) };
        let sql = "UPDATE track SET first_ns = ?2, last_ns = ?3, points = ?4, body = ?5, sealed = ?6 WHERE chunk = ?1";
        let values = params![chunk, first.t.0, last.t.0, points.len() as i64, body, sealed];
        self.sql().prepare_cached(sql)?.execute(values)?;
        Ok(())
    }
}

/// The same for everyone who knows the trip: nothing random in it.
fn chunk_id(trip_id: Uuid, number: u64) -> Uuid {
    let (high, low) = trip_id.as_u64_pair();
    uuid7(low ^ high.rotate_left(32), IdKind::Track, number, (high >> 16) as i64)
}

/// Whether an older version sealed it.
pub(crate) fn is_old(body: &[u8]) -> bool {
    body.starts_with(&ZSTD_MAGIC)
}

fn unpack(body: &[u8]) -> Result<Vec<u8>> {
    zstd::bulk::decompress(body, UNPACKED).map_err(|e| StoreError::Corrupt(format!("a chunk of a track: {e}")))
}
