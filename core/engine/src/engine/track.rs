//! Which smoothed points belong to the open trip. A trip begins before it is noticed and ends before that is known, so
//! the last minutes of points are always kept, packed as whoever stores them packs them; whoever stores the chunks cuts
//! them at the ends of the finished trip.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::contract::{TrackPoint, track_span};
use crate::sample::MonoTime;
use crate::track::{decode, pack};

/// Points packed together, which takes a sixth of the room.
const BLOCK: usize = 60;
/// Half an hour at a point a second: longer than any stop timeout in use, so that a trip that begins within it has its
/// first points.
const MAX_BLOCKS: usize = 34;
/// Points handed out at a time: few enough to lose little in a kill, enough to pack well.
const CHUNK: usize = 60;

/// The last points, and how far they were handed out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Tail {
    packed: VecDeque<Block>,
    /// The newest, fewer than a block.
    loose: Vec<TrackPoint>,
    handed_out: MonoTime,
    /// Points later than what was handed out.
    fresh: usize,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Block {
    /// Time of its last point.
    last: MonoTime,
    bytes: Vec<u8>,
}

impl Default for Tail {
    fn default() -> Self {
        Self { packed: VecDeque::new(), loose: Vec::new(), handed_out: MonoTime::MIN, fresh: 0 }
    }
}

impl Tail {
    /// More points, later than all before.
    pub fn add(&mut self, points: &mut Vec<TrackPoint>) {
        self.fresh += points.len();
        for point in points.drain(..) {
            self.loose.push(point);
            if self.loose.len() == BLOCK {
                self.pack(point.t);
            }
        }
    }

    fn pack(&mut self, last: MonoTime) {
        if self.packed.len() == MAX_BLOCKS {
            self.packed.pop_front();
        }
        self.packed.push_back(Block { last, bytes: pack(&self.loose) });
        self.loose.clear();
    }

    /// The points of a trip with this start (and end, once it is over) and of its margins that were not handed out: when
    /// there are enough of them, or all when it is over.
    pub fn chunk(&mut self, start: MonoTime, end: Option<MonoTime>) -> Option<Vec<TrackPoint>> {
        if end.is_none() && self.fresh < CHUNK {
            return None;
        }
        let span = track_span(start, end);
        let mut points = self.after(self.handed_out.max(MonoTime(span.start().0.saturating_sub(1))));
        let all = points.len();
        points.retain(|p| span.contains(&p.t));
        (self.handed_out, self.fresh) = (points.last()?.t, all - points.len());
        Some(points)
    }

    /// A trip is over whose track ends here: what was handed out beyond may belong to the next.
    pub fn close(&mut self, end: MonoTime) {
        if end < self.handed_out {
            (self.handed_out, self.fresh) = (end, self.after(end).len());
        }
    }

    /// The axis of time broke.
    pub fn restart(&mut self) {
        *self = Self::default();
    }

    /// Those later than `t`.
    fn after(&self, t: MonoTime) -> Vec<TrackPoint> {
        let blocks = self.packed.iter().filter(|block| block.last > t);
        let mut points: Vec<TrackPoint> = blocks
            .flat_map(|block| decode(&block.bytes).unwrap_or_default())
            .chain(self.loose.iter().copied())
            .collect();
        points.retain(|p| p.t > t);
        points
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::LatLon;

    fn at(t_s: f64) -> MonoTime {
        MonoTime::from_seconds(t_s)
    }

    /// A point a second, 0.3 ms beside it, as nodes of a path are beside whole milliseconds.
    fn points(seconds: std::ops::Range<i32>) -> Vec<TrackPoint> {
        let point = |s: i32| TrackPoint {
            t: at(f64::from(s) + 0.0003),
            position: LatLon { lat_deg: 52.0 + f64::from(s) * 1e-4, lon_deg: 13.0 },
            speed_mps: Some(11.1),
            heading_deg: Some(0),
            alt_m: Some(34),
        };
        seconds.map(point).collect()
    }

    fn whole_seconds(points: Option<Vec<TrackPoint>>) -> Vec<i64> {
        points.into_iter().flatten().map(|p| p.t.0 / crate::sample::NS_PER_S).collect()
    }

    #[test]
    fn given_chunks_while_the_trip_goes_on_then_every_point_of_it_is_handed_out_once() {
        let mut tail = Tail::default();
        let mut seen = Vec::new();
        for s in (0..400).step_by(20) {
            tail.add(&mut points(s..s + 20));
            seen.extend(whole_seconds(tail.chunk(at(100.0), None)));
        }
        seen.extend(whole_seconds(tail.chunk(at(100.0), Some(at(390.0)))));
        let span = track_span(at(100.0), Some(at(390.0)));
        let expected: Vec<i64> = (0..400).filter(|s| span.contains(&at(*s as f64 + 0.0003))).collect();
        assert_eq!(seen.iter().filter(|s| span.contains(&at(**s as f64 + 0.0003))).count(), expected.len());
        assert!(seen.windows(2).all(|pair| pair[0] < pair[1]), "{seen:?}");
    }

    #[test]
    fn given_a_trip_that_ended_before_what_was_handed_out_then_the_next_one_gets_the_rest() {
        let mut tail = Tail::default();
        tail.add(&mut points(0..200));
        assert_eq!(tail.chunk(at(0.0), None).map_or(0, |p| p.len()), 200);
        tail.close(at(80.0));
        assert_eq!(whole_seconds(tail.chunk(at(150.0), None)).first(), Some(&145));
    }

    #[test]
    fn given_hours_then_half_an_hour_is_kept_in_a_few_bytes_each() {
        let mut tail = Tail::default();
        tail.add(&mut points(0..10_000));
        let kept = tail.chunk(at(0.0), None).unwrap_or_default();
        assert!((1_980..=2_100).contains(&kept.len()), "{}", kept.len());
        let bytes: usize = tail.packed.iter().map(|block| block.bytes.len()).sum();
        assert!(bytes < 7 * kept.len(), "{bytes} bytes");
    }
}
