//! Feeds the path: a node at every fix, and once a second without one, with the displacement since the node before. While
//! the vehicle drives, the delayed filter's odometer knows it; otherwise the velocity of the fixes does. Places outside
//! and points of the track are the path's.

use super::State;
use super::estimator::{Attitude, Estimator};
use super::filter::{PSI, V};
use super::follow::OUTAGE_S;
use super::location::Point;
use super::output::heading_deg;
use super::path::{Aside, Drift, Node, Pin, Smoothed};
use super::plane::Plane;
use crate::contract::TrackPoint;
use crate::sample::MonoTime;

/// Nodes at least so often.
const NODE_EVERY_S: f64 = 1.0;
/// The same where only fixes know the way: a fix is to be expected before.
const CARRIED_EVERY_S: f64 = 2.5;
/// Fixes that come faster tell nothing new of the place.
const PIN_EVERY_S: f64 = 0.45;
/// What lasts of the velocity's error while speeds come.
const AIDED_MPS: f64 = 0.02;
/// Random walk of the displacement besides, m²/s: slip, and what cells leave.
const WALK_M2: f64 = 0.01;
const CARRIED_WALK_M2: f64 = 0.06;
/// The velocity's error lasts from fix to fix, within these bounds: receivers of 10 Hz repeat their errors for a while.
const LASTS_S: (f64, f64) = (0.5, 5.0);
/// The delayed filter is a cell or two past the moment of a fix; no more is taken back.
const LATEST_BACK_S: f64 = 0.6;
/// The place is carried on by the speed no longer than this after the newest cell.
const AHEAD_S: f64 = 1.5;

impl Estimator {
    /// The delayed filter came to a fix.
    pub(super) fn node_at_fix(&mut self, t_s: f64, pin: Pin) {
        if t_s - self.path.pinned_t_s() < PIN_EVERY_S {
            return;
        }
        self.driven_node(t_s, Some(pin));
    }

    /// Time passes without a fix.
    pub(super) fn node_without_fix(&mut self, driving: bool) {
        let Some(t_s) = self.attitude.as_ref().map(|a| a.filter_t_s) else { return };
        let Some(last) = self.path.last_t_s() else { return };
        if t_s - last < NODE_EVERY_S {
            return;
        }
        if driving {
            self.driven_node(t_s, None);
        } else if t_s - self.known_position_lag_s() - last > CARRIED_EVERY_S {
            self.carried_node(t_s - self.known_position_lag_s(), None);
        }
    }

    /// A fix while the vehicle's part of the filter sleeps.
    pub(super) fn node_of_fix(&mut self, point: &Point) {
        let t_s = point.t_s - self.known_position_lag_s();
        if t_s - self.path.pinned_t_s() < PIN_EVERY_S {
            return;
        }
        let Point { east, north, sigma, alt_m, .. } = *point;
        self.carried_node(t_s, Some(Pin { east, north, sigma, alt_m }));
    }

    /// The odometer's reading at the newest node. If it did not run then, the velocity of the fixes tells of the
    /// displacement until now.
    fn odometer(&mut self) -> (f64, f64) {
        if let Some(at) = self.odometer {
            return at;
        }
        let Some(a) = &self.attitude else { return (0.0, 0.0) };
        let since_s = self.path.last_t_s().map_or(0.0, |last| a.filter_t_s - last);
        let ((east, north), _) = self.location.carried(since_s);
        let n = &a.filter.nominal;
        *self.odometer.insert((n.east - east, n.north - north))
    }

    fn driven_node(&mut self, t_s: f64, fix: Option<Pin>) {
        let before = self.odometer();
        let Some(a) = &self.attitude else { return };
        let n = &a.filter.nominal;
        let (t_s, fix) = self.in_order(t_s, fix, (n.speed * n.course.0, n.speed * n.course.1));
        let back = n.speed * (a.filter_t_s - t_s).clamp(0.0, LATEST_BACK_S);
        let at = (n.east - back * n.course.0, n.north - back * n.course.1);
        let moved = (at.0 - before.0, at.1 - before.1);
        let drift = self.drift(a);
        let heading_deg = Some(whole_heading_deg(n.psi));
        let aside = Aside { speed: Some(n.speed.max(0.0)), heading_deg, alt_m: fix.and_then(|pin| pin.alt_m) };
        self.odometer = Some(at);
        self.push_node(Node { t_s, moved, drift, fix, aside });
    }

    fn carried_node(&mut self, t_s: f64, fix: Option<Pin>) {
        let (t_s, fix) = self.in_order(t_s, fix, self.location.velocity());
        let since_s = self.path.last_t_s().map_or(0.0, |last| t_s - last);
        let (moved, drift) = self.carried(since_s);
        let known = self.location.at(t_s, 0.0);
        let speed = known.and_then(|known| known.speed);
        let heading_deg = known.and_then(|known| known.psi).map(whole_heading_deg);
        let aside = Aside { speed, heading_deg, alt_m: fix.and_then(|pin| pin.alt_m) };
        self.odometer = None;
        self.push_node(Node { t_s, moved, drift, fix, aside });
    }

    /// Nodes are in order of time: a fix of a moment before the newest node is brought forward to it.
    fn in_order(&self, t_s: f64, fix: Option<Pin>, velocity: (f64, f64)) -> (f64, Option<Pin>) {
        let by_s = self.path.last_t_s().map_or(0.0, |last| last - t_s).max(0.0);
        let ahead = |pin: Pin| Pin { east: pin.east + by_s * velocity.0, north: pin.north + by_s * velocity.1, ..pin };
        (t_s + by_s, fix.map(ahead))
    }

    /// While speeds come, they keep the velocity's error from lasting: it is another one with every fix.
    fn drift(&self, a: &Attitude) -> Drift {
        let v = a.filter.nominal.speed;
        let variance = a.filter.variance(V) + v * v * a.filter.variance(PSI);
        if a.filter_t_s - a.speed_t_s < OUTAGE_S {
            let lasts_s = self.last_fix.map_or(1.0, |fix| fix.interval_s).clamp(LASTS_S.0, LASTS_S.1);
            return Drift { velocity_sigma: AIDED_MPS, walk: WALK_M2 + lasts_s * variance };
        }
        Drift { velocity_sigma: (AIDED_MPS * AIDED_MPS + variance).sqrt(), walk: WALK_M2 }
    }

    /// The same for the velocity of the fixes alone.
    fn carried(&self, since_s: f64) -> ((f64, f64), Drift) {
        let (moved, velocity_sigma) = self.location.carried(since_s);
        (moved, Drift { velocity_sigma, walk: CARRIED_WALK_M2 })
    }

    fn push_node(&mut self, node: Node) {
        let (Some(plane), Some(epoch)) = (self.plane, self.epoch) else { return };
        let given = &mut self.given;
        self.path.push(node, |s| given.push(track_point(&plane, epoch, &s)));
    }

    /// Says where the vehicle is.
    pub(super) fn place(&self, state: &mut State, t_s: f64) {
        let (Some(plane), Some(last)) = (self.plane, self.path.last_t_s()) else { return };
        let since_s = t_s - last;
        let driven = self.live(t_s).filter(|a| a.filter.driving);
        let (moved, drift) = match driven.zip(self.odometer) {
            Some((a, odometer)) => {
                let ahead = a.head.speed * (t_s - self.cell_t_s.unwrap_or(t_s)).clamp(0.0, AHEAD_S);
                let (cos, sin) = a.head.course;
                let (east, north) = (a.head.east + ahead * cos, a.head.north + ahead * sin);
                let moved = (east - odometer.0, north - odometer.1);
                (moved, self.drift(a))
            }
            None => self.carried(since_s),
        };
        let Some(place) = self.path.place(since_s, moved, drift) else { return };
        state.position = Some(plane.to_degrees(place.east, place.north));
        let (lag_s, lag_sigma_s) = self.position_lag.lag();
        // Without an IMU nobody can tell how old the receiver's places are.
        let late = if driven.is_some() { 0.0 } else { lag_s - self.known_position_lag_s() + lag_sigma_s };
        let (east, north) = self.location.velocity();
        let run2 = late * late * (east * east + north * north);
        state.position_sigma_m = Some((2.0 * place.variance + run2).sqrt());
    }

    /// Hands out what nothing later can change.
    pub fn take_track(&mut self, out: &mut Vec<TrackPoint>) {
        out.append(&mut self.given);
    }

    /// Hands out everything up to `until`.
    pub fn flush_track(&mut self, until: MonoTime, out: &mut Vec<TrackPoint>) {
        out.append(&mut self.given);
        let (Some(plane), Some(epoch)) = (self.plane, self.epoch) else { return };
        self.path.flush(until.since(epoch), |s| out.push(track_point(&plane, epoch, &s)));
    }
}

fn track_point(plane: &Plane, epoch: MonoTime, s: &Smoothed) -> TrackPoint {
    let Aside { speed, heading_deg, alt_m } = s.aside;
    let position = plane.to_degrees(s.east, s.north);
    TrackPoint { t: epoch.plus(s.t_s), position, speed_mps: speed, heading_deg, alt_m }
}

fn whole_heading_deg(psi: f64) -> u16 {
    libm::round(heading_deg(psi)) as u16 % 360
}
