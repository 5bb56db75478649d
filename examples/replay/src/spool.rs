//! Track points on disk until it is known which trips count: a replay of a year holds no more of them in memory than
//! one trip has. The file has no name and is gone with the process.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use milepost_engine::Uuid;
use milepost_engine::contract::{TrackChunk, TrackPoint};
use milepost_engine::geo::LatLon;
use milepost_engine::sample::MonoTime;

use crate::replay::Failure;

/// Time, latitude, longitude, speed: eight bytes each; heading and height: four.
const POINT_BYTES: usize = 40;

/// No heading and no height.
const UNKNOWN: i32 = i32::MIN;

/// Points in the order in which they came.
pub struct Spool {
    file: BufWriter<File>,
    written: u64,
    trips: BTreeMap<Uuid, Vec<Stretch>>,
}

/// Points of one trip that follow each other in the file.
struct Stretch {
    first: u64,
    points: u64,
}

impl Spool {
    /// An empty one, on the disk of this folder.
    pub fn create(folder: &Path) -> Result<Self, Failure> {
        let file = tempfile::tempfile_in(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        Ok(Self { file: BufWriter::new(file), written: 0, trips: BTreeMap::new() })
    }

    /// Adds points to a trip.
    pub fn append(&mut self, chunk: &TrackChunk) -> Result<(), Failure> {
        for point in &chunk.points {
            self.file.write_all(&to_bytes(point))?;
        }
        let (first, points) = (self.written, chunk.points.len() as u64);
        let stretches = self.trips.entry(chunk.trip_id).or_default();
        match stretches.last_mut().filter(|last| last.first + last.points == first) {
            Some(last) => last.points += points,
            None => stretches.push(Stretch { first, points }),
        }
        self.written += points;
        Ok(())
    }

    /// The trip is none.
    pub fn forget(&mut self, trip_id: Uuid) {
        self.trips.remove(&trip_id);
    }

    /// Points of all trips that were not forgotten.
    pub fn len(&self) -> usize {
        self.trips.values().flatten().map(|s| s.points as usize).sum()
    }

    /// All points of a trip.
    pub fn read(&mut self, trip_id: Uuid) -> Result<Vec<TrackPoint>, Failure> {
        let mut points = Vec::new();
        for stretch in self.trips.get(&trip_id).into_iter().flatten() {
            // Seeking writes what waits in the buffer first.
            self.file.seek(SeekFrom::Start(stretch.first * POINT_BYTES as u64))?;
            let mut reader = BufReader::new(self.file.get_ref());
            let mut bytes = [0; POINT_BYTES];
            for _ in 0..stretch.points {
                reader.read_exact(&mut bytes)?;
                points.push(from_bytes(bytes));
            }
        }
        self.file.seek(SeekFrom::End(0))?;
        Ok(points)
    }
}

fn to_bytes(point: &TrackPoint) -> [u8; POINT_BYTES] {
    let mut bytes = [0; POINT_BYTES];
    let speed_mps = point.speed_mps.unwrap_or(f64::NAN);
    let heading = point.heading_deg.map_or(UNKNOWN, i32::from);
    let height = point.alt_m.map_or(UNKNOWN, i32::from);
    let more = i64::from(heading) << 32 | i64::from(height as u32);
    let words = [
        point.t.0.to_le_bytes(),
        point.position.lat_deg.to_le_bytes(),
        point.position.lon_deg.to_le_bytes(),
        speed_mps.to_le_bytes(),
        more.to_le_bytes(),
    ];
    for (to, word) in bytes.chunks_exact_mut(8).zip(words) {
        to.copy_from_slice(&word);
    }
    bytes
}

fn from_bytes(bytes: [u8; POINT_BYTES]) -> TrackPoint {
    let mut words = [[0; 8]; POINT_BYTES / 8];
    for (word, from) in words.iter_mut().zip(bytes.chunks_exact(8)) {
        word.copy_from_slice(from);
    }
    let [t, lat, lon, speed, more] = words;
    let more = i64::from_le_bytes(more);
    TrackPoint {
        t: MonoTime(i64::from_le_bytes(t)),
        position: LatLon { lat_deg: f64::from_le_bytes(lat), lon_deg: f64::from_le_bytes(lon) },
        speed_mps: Some(f64::from_le_bytes(speed)).filter(|v| !v.is_nan()),
        heading_deg: u16::try_from(more >> 32).ok(),
        alt_m: i16::try_from(more as i32).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trips_come_back_bit_for_bit_however_their_chunks_were_mixed() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::create(folder.path()).unwrap();
        let point = |i: i64| TrackPoint {
            t: MonoTime(i * 1_000_000_007),
            position: LatLon { lat_deg: 0.1 * i as f64, lon_deg: -179.3 / (i + 1) as f64 },
            speed_mps: (i % 3 != 0).then_some(i as f64 / 7.0),
            heading_deg: (i % 5 != 0).then_some((i % 360) as u16),
            alt_m: (i % 7 != 0).then_some(300 - i as i16),
        };
        let chunk = |trip: u128, ids: std::ops::Range<i64>| TrackChunk {
            trip_id: Uuid::from_u128(trip),
            points: ids.map(point).collect(),
        };
        for part in [chunk(1, 0..5), chunk(1, 5..700), chunk(2, 0..3), chunk(1, 700..702), chunk(3, 0..9)] {
            spool.append(&part).unwrap();
        }
        spool.forget(Uuid::from_u128(3));
        assert_eq!(spool.len(), 705);
        assert_eq!(spool.read(Uuid::from_u128(1)).unwrap(), (0..702).map(point).collect::<Vec<_>>());
        spool.append(&chunk(2, 3..4)).unwrap();
        assert_eq!(spool.read(Uuid::from_u128(2)).unwrap(), (0..4).map(point).collect::<Vec<_>>());
        assert_eq!(spool.read(Uuid::from_u128(3)).unwrap(), []);
    }
}
