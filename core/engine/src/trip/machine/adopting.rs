//! How a trip goes on whose machine was lost (the app was updated in mid-trip): from its track so far. Whether it goes on
//! or is over is then decided as ever: by the next ride, or by the timeout.

use super::Trips;
use crate::contract::TrackPoint;
use crate::geo::distance_m;
use crate::sample::MonoTime;
use crate::trip::facts::{TripFacts, TripState};
use crate::trip::mode::{Labelled, Phase};
use crate::trip::ride::{OpenTrip, TripNames};
use crate::trip::step::Step;

/// A point a second makes steps of this length.
const STEP_S: f64 = 5.0;
/// A vehicle at less than this stands.
const MOVING_MPS: f64 = 1.0;
/// One sigma of a displacement between points that were smoothed together.
const SIGMA_M: f64 = 3.0;

impl Trips {
    /// Takes up a trip that began at `start`, with its track. Only for a machine that has seen nothing.
    pub fn adopt(&mut self, start: MonoTime, names: TripNames, track: &[TrackPoint]) -> TripFacts {
        let mut trip = OpenTrip::new(0, start, names);
        trip.forced = !self.config.automatic;
        let mut last_ride = start;
        for labelled in labelled(track.iter().filter(|point| point.t >= start)) {
            // Its stops were told as far as they were known.
            trip.take(&labelled);
            if labelled.phase.rides() {
                last_ride = labelled.step.end;
            }
        }
        if let Some(last) = track.last() {
            self.steps.begin_at(last.t, last.position);
            self.silence.since(last.t);
            self.position = Some(last.position);
        }
        trip.last_ride = Some(last_ride);
        self.word_until = Some(last_ride);
        self.trips = 1;
        self.state = TripState::Trip;
        let facts = trip.facts();
        self.open = Some(trip);
        self.replan(last_ride);
        facts
    }
}

/// Steps of some seconds between points of a track, and whether the vehicle moved in them.
fn labelled<'a>(mut points: impl Iterator<Item = &'a TrackPoint>) -> Vec<Labelled> {
    let mut steps = Vec::new();
    let Some(mut from) = points.next() else { return steps };
    let (mut before, mut path_m, mut fastest) = (from, 0.0, None::<f64>);
    for point in points {
        path_m += distance_m(before.position, point.position);
        fastest = point.speed_mps.into_iter().chain(fastest).reduce(f64::max);
        before = point;
        let dt_s = point.t.since(from.t);
        if dt_s < STEP_S {
            continue;
        }
        let speed_mps = path_m / dt_s;
        let step = Step {
            start: from.t,
            end: point.t,
            from: from.position,
            to: point.position,
            chord_m: distance_m(from.position, point.position),
            sigma_m: SIGMA_M,
            path_m,
            speed_mps: Some(speed_mps),
            speed_sigma_mps: SIGMA_M / dt_s,
            max_speed_mps: fastest,
            feet: 0,
            remounted: false,
            activity: None,
        };
        let phase = if speed_mps > MOVING_MPS { Phase::Drive } else { Phase::DriveStand };
        steps.push(Labelled { step, phase });
        (from, path_m, fastest) = (point, 0.0, None);
    }
    steps
}
