//! Stops: the times between two rides of one trip in which the vehicle stood, and why it did. It decides on dwell, walks,
//! steps and slow motion before and after; whether the trip ends here is `machine`'s.

use serde::{Deserialize, Serialize};

use super::mode::{Labelled, Phase};
use crate::geo::{LatLon, distance_m};
use crate::record::StopClass;
use crate::sample::MonoTime;

/// Longer dwells without anyone getting out are rests.
const BREAK_S: f64 = 300.0;
/// Lights are over by then, nearly always.
const LIGHT_S: f64 = 75.0;
/// Someone who carries a parcel goes at least this far from the vehicle.
const WALK_M: f64 = 12.0;
/// Or takes so many steps.
const STEPS: u64 = 12;
/// Two stops no more than so many metres and seconds apart are one queue.
const QUEUE_M: f64 = 150.0;
const QUEUE_S: f64 = 60.0;

/// A stop that is over.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dwell {
    /// From.
    pub start: MonoTime,
    /// To.
    pub end: MonoTime,
    /// Where the vehicle stands.
    pub position: LatLon,
    /// Farthest from there.
    pub reach_m: f64,
    /// Seconds on foot.
    pub walk_s: f64,
    /// Steps counted.
    pub steps: u64,
    /// The phone was taken out of its mount, or put back.
    pub remounted: bool,
    /// It came right after another.
    pub queued: bool,
}

/// Finds dwells in labelled steps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Dwells {
    riding: bool,
    open: Option<Dwell>,
    last: Option<(MonoTime, LatLon)>,
}

impl Dwells {
    /// Takes the next step. Returns the dwell that it ends.
    pub fn push(&mut self, labelled: &Labelled) -> Option<Dwell> {
        let Labelled { step, phase } = labelled;
        if phase.rides() {
            self.riding = true;
            let dwell = self.open.take()?;
            self.last = Some((dwell.end, dwell.position));
            return Some(dwell);
        }
        if !self.riding {
            return None;
        }
        let queued =
            self.last.is_some_and(|(t, p)| step.start.since(t) <= QUEUE_S && distance_m(p, step.from) <= QUEUE_M);
        let dwell = self.open.get_or_insert(Dwell {
            start: step.start,
            end: step.end,
            position: step.from,
            reach_m: 0.0,
            walk_s: 0.0,
            steps: 0,
            remounted: false,
            queued,
        });
        dwell.end = step.end;
        dwell.reach_m = dwell.reach_m.max(distance_m(dwell.position, step.to) - step.sigma_m);
        dwell.remounted |= step.remounted;
        dwell.steps = dwell.steps.saturating_add(u64::from(step.feet));
        if *phase == Phase::Walk {
            dwell.walk_s += step.duration_s();
        }
        None
    }
}

impl Dwell {
    /// Seconds.
    pub fn duration_s(&self) -> f64 {
        self.end.since(self.start)
    }

    /// Why, and how sure.
    pub fn class(&self) -> (StopClass, f64) {
        let on_foot = self.steps >= STEPS || (self.walk_s >= 10.0 && self.reach_m >= WALK_M);
        let long = self.duration_s();
        if on_foot {
            return (StopClass::Delivery, if self.steps >= STEPS { 0.9 } else { 0.7 });
        }
        if self.queued {
            return (StopClass::Jam, 0.6);
        }
        // A phone that leaves its mount goes to a door with its driver, or is only read at a light: it makes surer, or less
        // sure, and decides nothing.
        if long <= LIGHT_S {
            return (StopClass::Light, if self.remounted { 0.6 } else { 0.8 });
        }
        if long < BREAK_S {
            return (StopClass::Delivery, if self.remounted { 0.7 } else { 0.5 });
        }
        (StopClass::Break, if self.remounted { 0.5 } else { 0.6 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dwell(seconds: f64) -> Dwell {
        Dwell {
            start: MonoTime(0),
            end: MonoTime::from_seconds(seconds),
            position: LatLon { lat_deg: 52.0, lon_deg: 13.0 },
            reach_m: 0.0,
            walk_s: 0.0,
            steps: 0,
            remounted: false,
            queued: false,
        }
    }

    #[test]
    fn each_sign_speaks_and_any_may_be_missing() {
        let class = |d: Dwell| d.class();
        assert_eq!(class(dwell(40.0)), (StopClass::Light, 0.8));
        assert_eq!(class(Dwell { steps: 30, ..dwell(40.0) }), (StopClass::Delivery, 0.9), "counted steps");
        let walked = Dwell { walk_s: 20.0, reach_m: 15.0, ..dwell(40.0) };
        assert_eq!(class(walked), (StopClass::Delivery, 0.7), "a walk by positions and activity, without steps");
        let waved = Dwell { walk_s: 20.0, reach_m: 4.0, ..dwell(40.0) };
        assert_eq!(class(waved).0, StopClass::Light, "positions that wander");
        assert_eq!(class(Dwell { remounted: true, ..dwell(40.0) }), (StopClass::Light, 0.6), "the mount alone");
        assert_eq!(class(dwell(150.0)), (StopClass::Delivery, 0.5), "nothing but time");
        assert_eq!(class(Dwell { remounted: true, ..dwell(150.0) }), (StopClass::Delivery, 0.7));
        assert_eq!(
            class(Dwell { queued: true, ..dwell(150.0) }).0,
            StopClass::Jam,
            "right after another, at its place"
        );
        assert_eq!(class(dwell(400.0)).0, StopClass::Break);
    }
}
