//! Which smoothed points belong to the open trip. A trip begins before it is noticed and ends before that is known, so
//! the last minutes of points are always kept; whoever stores the chunks cuts them at the ends of the finished trip.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::contract::{TrackPoint, track_span};
use crate::sample::MonoTime;

/// Half an hour at a point a second: longer than any stop timeout in use, so that a trip that begins within it has its
/// first points.
const MAX_KEPT: usize = 2_048;
/// Points handed out at a time: few enough to lose little in a kill, enough to pack well.
const CHUNK: usize = 60;

/// The last points, and how far they were handed out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Tail {
    kept: VecDeque<TrackPoint>,
    handed_out: MonoTime,
}

impl Default for Tail {
    fn default() -> Self {
        Self { kept: VecDeque::new(), handed_out: MonoTime::MIN }
    }
}

impl Tail {
    /// More points, later than all before.
    pub fn add(&mut self, points: &mut Vec<TrackPoint>) {
        for point in points.drain(..) {
            if self.kept.len() == MAX_KEPT {
                self.kept.pop_front();
            }
            self.kept.push_back(point);
        }
    }

    /// The points of a trip with this start (and end, once it is over) and of its margins that were not handed out: when
    /// there are enough of them, or all when it is over.
    pub fn chunk(&mut self, start: MonoTime, end: Option<MonoTime>) -> Option<Vec<TrackPoint>> {
        let span = track_span(start, end);
        let fresh = |p: &&TrackPoint| p.t > self.handed_out && span.contains(&p.t);
        if end.is_none() && self.kept.iter().rev().take_while(|p| p.t > self.handed_out).count() < CHUNK {
            return None;
        }
        let points: Vec<TrackPoint> = self.kept.iter().filter(fresh).copied().collect();
        self.handed_out = points.last()?.t;
        Some(points)
    }

    /// A trip is over whose track ends here: what was handed out beyond may belong to the next.
    pub fn close(&mut self, end: MonoTime) {
        self.handed_out = self.handed_out.min(end);
    }

    /// The axis of time broke.
    pub fn restart(&mut self) {
        *self = Self::default();
    }
}
