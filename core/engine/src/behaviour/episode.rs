//! A time in which something holds, with its seconds and metres by band. What holds, how long a gap it may have and how
//! long it must last is decided by who keeps it.

use serde::{Deserialize, Serialize};

use crate::geo::LatLon;
use crate::num::round;
use crate::record::EventType;
use crate::sample::MonoTime;

use super::EventFacts;

/// Bands at most: those of handling; speeding has three.
pub(super) const BANDS: usize = 4;

/// Where the vehicle is and how fast.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Going {
    pub t: MonoTime,
    pub speed_mps: f64,
    pub position: Option<LatLon>,
}

/// Seconds and metres.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Held {
    pub s: f64,
    pub m: f64,
}

/// The time so far.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Episode {
    pub start: MonoTime,
    /// When it last held.
    pub end: MonoTime,
    speed_in_mps: f64,
    speed_out_mps: f64,
    /// When it was at its worst, and how bad that was by the measure of who keeps it.
    pub worst_t: MonoTime,
    pub worst: f64,
    position: Option<LatLon>,
    pub bands: [Held; BANDS],
}

impl Episode {
    /// It begins to hold.
    pub(super) fn begin(at: Going) -> Self {
        Self {
            start: at.t,
            end: at.t,
            speed_in_mps: at.speed_mps,
            speed_out_mps: at.speed_mps,
            worst_t: at.t,
            worst: f64::NEG_INFINITY,
            position: at.position,
            bands: [Held::default(); BANDS],
        }
    }

    /// It held for the last `dt_s`, `now` included.
    pub(super) fn hold(&mut self, now: Going, dt_s: f64, mean_mps: f64, band: usize) {
        (self.end, self.speed_out_mps) = (now.t, now.speed_mps);
        if let Some(held) = self.bands.get_mut(band) {
            held.s += dt_s;
            held.m += dt_s * mean_mps;
        }
    }

    /// So bad it was there; true if that was the worst so far.
    pub(super) fn weigh(&mut self, at: Going, worse: f64) -> bool {
        let worst = worse > self.worst;
        if worst {
            (self.worst, self.worst_t, self.position) = (worse, at.t, at.position.or(self.position));
        }
        worst
    }

    /// When it is over if it does not hold again.
    pub(super) fn over_at(&self, gap_s: f64) -> MonoTime {
        self.end.plus(gap_s).plus(1e-3)
    }

    /// All seconds and metres in which it held.
    pub(super) fn held(&self) -> Held {
        self.bands.iter().fold(Held::default(), |sum, h| Held { s: sum.s + h.s, m: sum.m + h.m })
    }

    /// The event of it, as far as is known here.
    pub(super) fn facts(&self, kind: EventType) -> EventFacts {
        EventFacts {
            speed_in_mps: Some(self.speed_in_mps),
            speed_out_mps: Some(self.speed_out_mps),
            position: self.position,
            distance_m: Some(round(self.held().m, 1)),
            ..EventFacts::bare(kind, self.start, self.worst_t, self.end)
        }
    }
}
