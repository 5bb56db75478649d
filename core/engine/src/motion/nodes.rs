//! Feeds the path: a node at every fix, and once a second without one, with the displacement since the node before. While
//! the vehicle drives, the delayed filter's odometer knows it; otherwise the velocity of the fixes does. Places outside
//! and points of the track are the path's.

use super::State;
use super::estimator::{Attitude, Estimator, OUTAGE_S};
use super::filter::{PSI, V};
use super::location::Point;
use super::path::{Node, Pin};
use crate::contract::TrackPoint;

/// Nodes at least so often.
const NODE_EVERY_S: f64 = 1.0;
/// Fixes that come faster tell nothing new of the place.
const PIN_EVERY_S: f64 = 0.45;
/// What lasts of the velocity's error while speeds come.
const AIDED_MPS: f64 = 0.02;
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
        if driving { self.driven_node(t_s, None) } else { self.carried_node(t_s, None) }
    }

    /// A fix while the vehicle's part of the filter sleeps.
    pub(super) fn node_of_fix(&mut self, point: &Point) {
        let t_s = point.t_s - self.known_position_lag_s();
        if t_s - self.path.pinned_t_s() < PIN_EVERY_S {
            return;
        }
        self.carried_node(t_s, Some(Pin { east: point.east, north: point.north, sigma: point.sigma }));
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
        let back = n.speed * (a.filter_t_s - t_s).clamp(0.0, LATEST_BACK_S);
        let at = (n.east - back * n.course.0, n.north - back * n.course.1);
        let moved = (at.0 - before.0, at.1 - before.1);
        let velocity_sigma = self.velocity_sigma(a);
        let speed = Some(n.speed.max(0.0));
        self.odometer = Some(at);
        self.push_node(Node { t_s, moved, velocity_sigma, fix, speed });
    }

    fn carried_node(&mut self, t_s: f64, fix: Option<Pin>) {
        let since_s = self.path.last_t_s().map_or(0.0, |last| t_s - last);
        let (moved, velocity_sigma) = self.location.carried(since_s);
        let speed = self.location.at(t_s, 0.0).and_then(|known| known.speed);
        self.odometer = None;
        self.push_node(Node { t_s, moved, velocity_sigma, fix, speed });
    }

    /// One sigma of what lasts of the velocity's error. While the receiver tells its speed, that keeps it from lasting;
    /// what does not last is the path's own walk.
    fn velocity_sigma(&self, a: &Attitude) -> f64 {
        let told = self.last_fix.is_some_and(|fix| fix.speed.is_some());
        if told && a.filter_t_s - a.speed_t_s < OUTAGE_S {
            return AIDED_MPS;
        }
        let v = a.filter.nominal.speed;
        (AIDED_MPS * AIDED_MPS + a.filter.variance(V) + v * v * a.filter.variance(PSI)).sqrt()
    }

    fn push_node(&mut self, node: Node) {
        let (Some(plane), Some(epoch)) = (self.plane, self.epoch) else { return };
        let given = &mut self.given;
        self.path.push(node, |s| {
            let position = plane.to_degrees(s.east, s.north);
            given.push(TrackPoint { t: epoch.plus(s.t_s), position, speed_mps: s.speed });
        });
    }

    /// Says where the vehicle is.
    pub(super) fn place(&self, state: &mut State, t_s: f64) {
        let (Some(plane), Some(last)) = (self.plane, self.path.last_t_s()) else { return };
        let since_s = t_s - last;
        let driven = self.live(t_s).filter(|a| a.filter.driving);
        let (moved, velocity_sigma) = match driven.zip(self.odometer) {
            Some((a, odometer)) => {
                let ahead = a.head.speed * (t_s - self.cell_t_s.unwrap_or(t_s)).clamp(0.0, AHEAD_S);
                let (cos, sin) = a.head.course;
                let (east, north) = (a.head.east + ahead * cos, a.head.north + ahead * sin);
                let moved = (east - odometer.0, north - odometer.1);
                (moved, self.velocity_sigma(a))
            }
            None => self.location.carried(since_s),
        };
        let Some(place) = self.path.place(since_s, moved, velocity_sigma) else { return };
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

    /// Hands out everything.
    pub fn flush_track(&mut self, out: &mut Vec<TrackPoint>) {
        out.append(&mut self.given);
        let (Some(plane), Some(epoch)) = (self.plane, self.epoch) else { return };
        self.path.flush(|s| {
            let position = plane.to_degrees(s.east, s.north);
            out.push(TrackPoint { t: epoch.plus(s.t_s), position, speed_mps: s.speed });
        });
    }
}
