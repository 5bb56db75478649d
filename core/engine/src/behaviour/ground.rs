//! Which way gravity lies in the phone, from nothing but the mean of the force. In a fixed mount that is as good as a
//! gyroscope makes it, and it cannot be led astray by one; after a re-mount it is wrong for some seconds.

use serde::{Deserialize, Serialize};

use crate::num::{G_MPS2, Vec3, axpy, dot, norm, scale, unit};

/// Longest memory: longer than a hill, shorter than a road's camber lasts.
const MEAN_S: f64 = 60.0;
/// Memory of the recent mean: longer than a bend.
const RECENT_S: f64 = 3.0;
/// When the recent mean stays this far away for so long, the phone lies otherwise: no manoeuvre takes so long.
const MOVED_COS: f64 = 0.966;
const MOVED_S: f64 = 8.0;
/// In a hand, force and up agree within 15° over a second.
const POINTS_COS: f64 = 0.966;
const HAND_TAU_S: f64 = 1.0;
/// So long.
const TURNED_S: f64 = 1.0;
/// What was followed weighs like so many seconds.
const FOLLOWED_S: f64 = 5.0;

/// The means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Ground {
    mean: Vec3,
    recent: Vec3,
    age_s: f64,
    away_s: f64,
    second: Vec3,
    turned_s: f64,
}

impl Ground {
    /// Takes the mean force of a frame. Returns up in the phone frame.
    pub(super) fn step(&mut self, force: Vec3, dt_s: f64) -> Option<Vec3> {
        self.age_s += dt_s.max(1e-3);
        let toward = |from: Vec3, memory: f64| axpy(from, (dt_s / memory).clamp(0.0, 1.0), axpy(force, -1.0, from));
        if self.mean == [0.0; 3] {
            (self.mean, self.recent, self.second) = (force, force, force);
        }
        self.mean = toward(self.mean, self.age_s.min(MEAN_S));
        self.recent = toward(self.recent, self.age_s.min(RECENT_S));
        self.second = toward(self.second, HAND_TAU_S);
        let away = !within(MOVED_COS, self.mean, self.recent);
        self.away_s = if away { self.away_s + dt_s } else { 0.0 };
        if self.away_s > MOVED_S {
            (self.mean, self.age_s, self.away_s) = (self.recent, MOVED_S, 0.0);
        }
        unit(self.mean)
    }

    /// Whether the force of the last second says that up is no longer where the mean has it, but rather there.
    /// It must have said so for a while: a manoeuvre tilts it, too. Call it once a frame.
    pub(super) fn turned_to(&mut self, up: Vec3, dt_s: f64) -> bool {
        let cos = |axis: Vec3| dot(self.second, axis) / (norm(self.second) * norm(axis)).max(1e-9);
        let away = !within(MOVED_COS, self.mean, self.second);
        let now = away && cos(up) > cos(self.mean) && cos(up) > POINTS_COS;
        self.turned_s = if now { self.turned_s + dt_s } else { 0.0 };
        self.turned_s >= TURNED_S
    }

    /// Whether the force of the last second bears out that up is there.
    pub(super) fn bears_out(&self, up: Vec3) -> bool {
        within(POINTS_COS, up, self.second)
    }

    /// The phone lies so now.
    pub(super) fn follow(&mut self, up: Vec3) {
        let force = scale(G_MPS2, up);
        *self = Self { mean: force, recent: force, age_s: FOLLOWED_S, away_s: 0.0, ..*self };
    }
}

/// Whether two vectors are no further apart than an acute angle of this cosine.
fn within(cos: f64, a: Vec3, b: Vec3) -> bool {
    let along = dot(a, b);
    along > 0.0 && along * along >= cos * cos * dot(a, a) * dot(b, b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_brake_hardly_tilts_it_and_a_new_place_is_learnt() {
        let mut ground = Ground::default();
        let mut up = None;
        let mut drive = |seconds: u32, force: Vec3| {
            (0..seconds * 25).for_each(|_| up = ground.step(force, 0.04));
            up.unwrap()
        };
        drive(60, [0.0, 0.0, 9.8]);
        assert!(drive(3, [0.0, 5.0, 9.8])[2] > 0.999);
        assert!(drive(20, [0.0, 9.8, 0.0])[1] > 0.99);
    }
}
