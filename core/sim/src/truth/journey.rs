//! Trips, legs and stops from what truly happened: a trip is a maximal run of rides with gaps shorter than five minutes.

use milepost_engine::record::{Mode, StopClass};

use super::{Fact, Leg, Span, Stop, Trip};
use crate::world::DT_S;

/// Rides with a shorter gap belong to one trip (the courier's `stop_timeout`).
const TRIP_GAP_S: f64 = 300.0;
/// Shorter ones are no stops (RECORDS.md).
const MIN_STOP_S: f64 = 10.0;
/// Shorter walks are none.
const MIN_WALK_S: f64 = 5.0;

/// What the carrier does now.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Going {
    /// In a vehicle; standing for this reason.
    Vehicle {
        standing: Option<StopClass>,
    },
    Foot,
}

#[derive(Clone, Copy, Debug)]
struct Open {
    mode: Mode,
    span: Span,
    distance_m: f64,
}

/// The book-keeper.
#[derive(Clone, Debug, Default)]
pub(crate) struct Journey {
    trip: Option<Trip>,
    leg: Option<Open>,
    /// Since when the vehicle has not moved, and the best reason seen.
    still: Option<(f64, StopClass)>,
}

impl Journey {
    /// One step.
    pub fn step(&mut self, t_s: f64, speed_mps: f64, going: Going, out: &mut Vec<Fact>) {
        match going {
            Going::Vehicle { .. } if speed_mps > 0.0 => self.rides(t_s, speed_mps, out),
            Going::Vehicle { standing } => self.stands(t_s, standing),
            Going::Foot => {
                if speed_mps > 0.0 {
                    self.moves(Mode::Walking, t_s, speed_mps, out);
                }
            }
        }
        if let (Some(trip), Some(_)) = (self.trip, self.still)
            && t_s - trip.span.end_s >= TRIP_GAP_S
        {
            self.end(out);
        }
    }

    /// The world is over.
    pub fn end(&mut self, out: &mut Vec<Fact>) {
        self.still = None;
        self.close_leg(out);
        out.extend(self.trip.take().map(Fact::Trip));
    }

    fn rides(&mut self, t_s: f64, speed_mps: f64, out: &mut Vec<Fact>) {
        if let (Some((since, class)), Some(_)) = (self.still.take(), self.trip)
            && t_s - since >= MIN_STOP_S
        {
            out.push(Fact::Stop(Stop { class, span: Span { start_s: since, end_s: t_s } }));
        }
        self.moves(Mode::Automotive, t_s, speed_mps, out);
        let span = Span { start_s: t_s, end_s: t_s };
        let trip = self.trip.get_or_insert(Trip { span, distance_m: 0.0, max_speed_mps: 0.0 });
        trip.span.end_s = t_s;
        trip.distance_m += speed_mps * DT_S;
        trip.max_speed_mps = trip.max_speed_mps.max(speed_mps);
    }

    fn stands(&mut self, t_s: f64, standing: Option<StopClass>) {
        let (since, class) = self.still.unwrap_or((t_s, StopClass::Unknown));
        // A stop is what it turns out to be: standing behind others before the line is part of the light.
        self.still = Some((since, standing.unwrap_or(class)));
    }

    fn moves(&mut self, mode: Mode, t_s: f64, speed_mps: f64, out: &mut Vec<Fact>) {
        if self.leg.is_some_and(|l| l.mode != mode) {
            self.close_leg(out);
        }
        let span = Span { start_s: t_s, end_s: t_s };
        let leg = self.leg.get_or_insert(Open { mode, span, distance_m: 0.0 });
        leg.span.end_s = t_s;
        leg.distance_m += speed_mps * DT_S;
    }

    fn close_leg(&mut self, out: &mut Vec<Fact>) {
        if let Some(Open { mode, span, distance_m }) = self.leg.take()
            && (mode != Mode::Walking || span.end_s - span.start_s >= MIN_WALK_S)
        {
            out.push(Fact::Leg(Leg { mode, span, distance_m }));
        }
    }
}
