//! Figures of trips and stops of one drive: the judge's definitions (`score_trips.py`), also for the demo.

use milepost_engine::record::StopClass;
use milepost_sim::{FixRuns, Span, Trip, Truth};

use super::drive::Drive;
use super::matching::{MIN_IOU, iou, length_s, overlap_any_s, overlap_s, pairs};
use super::tally::{Count, Errors, Found, Share};

/// A delivery may be reported so much longer than it was.
const DELIVERY_TIMES: f64 = 3.0;
const DELIVERY_MORE_S: f64 = 120.0;
/// Stops from this length on should be seen, whatever they are called.
const LONG_STOP_S: f64 = 20.0;

/// Trips of a drive, or of many.
#[derive(Clone, Debug, Default)]
pub struct TripFigures {
    /// One to one at an IoU of a half.
    pub found: Found,
    /// Reported; of true ones.
    pub reported: Count,
    /// |said − true| of those found.
    pub start: Errors,
    /// The same at the other end.
    pub end: Errors,
    /// Distance to the stretch in which the fixes leave that end.
    pub start_given: Errors,
    /// The same at the other end.
    pub end_given: Errors,
    /// Error of the distance, per cent.
    pub distance: Errors,
}

impl std::ops::AddAssign for TripFigures {
    fn add_assign(&mut self, o: Self) {
        self.found += o.found;
        self.reported += o.reported;
        self.start += o.start;
        self.end += o.end;
        self.start_given += o.start_given;
        self.end_given += o.end_given;
        self.distance += o.distance;
    }
}

/// Trips said against trips that were.
pub fn trips(drive: &Drive) -> TripFigures {
    let ended = drive.said.trips();
    let said: Vec<Span> = ended.iter().map(|t| t.span).collect();
    let (found, matched) = trips_found(&drive.truth.trips, &said, &drive.fixes);
    let mut figures = TripFigures {
        found,
        reported: Count { count: said.len() as f64, of: (found.hit + found.missed) as f64 },
        ..TripFigures::default()
    };
    let TripFigures { start, end, start_given, end_given, distance, .. } = &mut figures;
    for errors in [&mut *start, end, start_given, end_given, distance] {
        errors.absent = found.missed;
    }
    for (unit, s) in matched {
        let (Some(trip), Some(said)) = (drive.truth.trips.get(unit), ended.get(s)) else { continue };
        let (is, was) = (said.span, trip.span);
        let (first, last) = drive.fixes.within(was).unwrap_or((was.start_s, was.end_s));
        start.values.push((is.start_s - was.start_s).abs());
        end.values.push((is.end_s - was.end_s).abs());
        start_given.values.push(outside(is.start_s, was.start_s, first));
        end_given.values.push(outside(is.end_s, last, was.end_s));
        if trip.distance_m > 0.0 {
            distance.values.push(100.0 * (said.body.distance_m - trip.distance_m).abs() / trip.distance_m);
        }
    }
    figures
}

fn outside(t: f64, from: f64, to: f64) -> f64 {
    (from - t).max(t - to).max(0.0)
}

/// The tally, and pairs `(true trip, said trip)`. A trip without a single fix counts neither way; the span between its
/// first and last fix is as good as the true one.
pub fn trips_found(truth: &[Trip], said: &[Span], fixes: &FixRuns) -> (Found, Vec<(usize, usize)>) {
    let seen: Vec<Option<Span>> =
        truth.iter().map(|t| fixes.within(t.span).map(|(start_s, end_s)| Span { start_s, end_s })).collect();
    let observable = |unit: usize| seen.get(unit).is_some_and(Option::is_some);
    let fit = |unit: usize, s: usize| {
        let (Some(trip), Some(said)) = (truth.get(unit), said.get(s)) else { return 0.0 };
        let given = seen.get(unit).copied().flatten().unwrap_or(trip.span);
        let best = iou(*said, trip.span).max(iou(*said, given));
        if best >= MIN_IOU { best } else { 0.0 }
    };
    let matched = pairs(truth.len(), said.len(), fit);
    let free = |s: usize| matched.iter().all(|(_, taken)| *taken != s);
    let unseen = || truth.iter().enumerate().filter(|(unit, _)| !observable(*unit)).map(|(_, t)| t.span);
    let false_ = said
        .iter()
        .enumerate()
        .filter(|(s, span)| free(*s) && overlap_any_s(**span, unseen()) < 0.5 * length_s(**span))
        .count();
    let hits: Vec<_> = matched.into_iter().filter(|(unit, _)| observable(*unit)).collect();
    let all = (0..truth.len()).filter(|unit| observable(*unit)).count();
    (Found { hit: hits.len(), false_, missed: all - hits.len() }, hits)
}

/// Stops of a drive, or of many.
#[derive(Clone, Copy, Debug, Default)]
pub struct StopFigures {
    /// Deliveries.
    pub deliveries: Found,
    /// Lights taken for a delivery, of lights.
    pub lights_taken: Count,
    /// Lights and deliveries over 20 s that are any stop.
    pub long_found: Share,
}

impl std::ops::AddAssign for StopFigures {
    fn add_assign(&mut self, o: Self) {
        self.deliveries += o.deliveries;
        self.lights_taken += o.lights_taken;
        self.long_found += o.long_found;
    }
}

/// Stops said against stops that were.
pub fn stops(drive: &Drive) -> StopFigures {
    let said = drive.said.stops(Some(StopClass::Delivery));
    let all = drive.said.stops(None);
    let lights = of(&drive.truth, Kind::Light);
    let taken = lights.iter().filter(|light| said.iter().any(|s| covers(*s, **light))).count();
    let long: Vec<Span> = lights
        .iter()
        .chain(&of(&drive.truth, Kind::Delivery))
        .filter(|s| length_s(**s) >= LONG_STOP_S)
        .copied()
        .collect();
    let seen = long.iter().filter(|true_| all.iter().any(|s| covers(*s, **true_))).count();
    StopFigures {
        deliveries: deliveries(&drive.truth, &said),
        lights_taken: Count { count: taken as f64, of: lights.len() as f64 },
        long_found: Share { part: seen as f64, whole: long.len() as f64 },
    }
}

/// Deliveries said against those that were. One said in a dwell of another kind, or outside the trips, counts neither
/// way.
pub fn deliveries(truth: &Truth, said: &[Span]) -> Found {
    let wanted = of(truth, Kind::Delivery);
    let matched = pairs(wanted.len(), said.len(), |d, s| match (wanted.get(d), said.get(s)) {
        (Some(d), Some(s)) => f64::from(u8::from(covers(*s, *d))),
        (Some(_) | None, Some(_) | None) => 0.0,
    });
    let dwells = of(truth, Kind::Dwell);
    let wrong = |(i, s): &(usize, &Span)| {
        matched.iter().all(|(_, used)| used != i)
            && overlap_any_s(**s, dwells.iter().copied()) < 0.5 * length_s(**s)
            && overlap_any_s(**s, truth.trips.iter().map(|t| t.span)) > 0.5 * length_s(**s)
    };
    let false_ = said.iter().enumerate().filter(wrong).count();
    Found { hit: matched.len(), false_, missed: wanted.len() - matched.len() }
}

/// The judge knows three kinds of stops.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Light,
    Delivery,
    Dwell,
}

fn of(truth: &Truth, kind: Kind) -> Vec<Span> {
    let mine = |class: StopClass| match class {
        StopClass::Light => Kind::Light,
        StopClass::Delivery => Kind::Delivery,
        StopClass::Jam | StopClass::Break | StopClass::Unknown => Kind::Dwell,
    };
    truth.stops.iter().filter(|s| mine(s.class) == kind).map(|s| s.span).collect()
}

fn covers(said: Span, truth: Span) -> bool {
    overlap_s(said, truth) > 0.5 * length_s(truth)
        && length_s(said) < DELIVERY_TIMES * length_s(truth) + DELIVERY_MORE_S
}

#[cfg(test)]
mod tests {
    use milepost_sim::Stop;

    use super::*;

    fn span(start_s: f64, end_s: f64) -> Span {
        Span { start_s, end_s }
    }

    fn trip(start_s: f64, end_s: f64) -> Trip {
        Trip { span: span(start_s, end_s), distance_m: 1_000.0, max_speed_mps: 10.0 }
    }

    #[test]
    fn trips_are_found_by_half_and_unseen_ones_count_neither_way() {
        let mut fixes = FixRuns::default();
        (0..100).for_each(|t| fixes.fix(f64::from(t)));
        let truth = [trip(0.0, 100.0), trip(500.0, 600.0)];
        let said = [span(10.0, 90.0), span(520.0, 590.0), span(300.0, 320.0)];
        let (found, matched) = trips_found(&truth, &said, &fixes);
        assert_eq!((found, matched), (Found { hit: 1, false_: 1, missed: 0 }, vec![(0, 0)]));
    }

    #[test]
    fn a_delivery_said_too_long_is_missed_and_false_unless_it_lies_in_a_break() {
        let stop = |class, from, to| Stop { class, span: span(from, to) };
        let truth = Truth {
            trips: vec![trip(0.0, 5_000.0)],
            stops: vec![
                stop(StopClass::Delivery, 100.0, 160.0),
                stop(StopClass::Delivery, 1_000.0, 1_060.0),
                stop(StopClass::Break, 2_000.0, 2_100.0),
            ],
            ..Truth::default()
        };
        let said = [span(110.0, 170.0), span(900.0, 1_300.0), span(2_000.0, 2_090.0), span(6_000.0, 6_100.0)];
        assert_eq!(deliveries(&truth, &said), Found { hit: 1, false_: 1, missed: 1 });
    }
}
