//! Manoeuvres that a calm driver does not make, and lane changes, which everyone makes.

use super::Vehicle;
use super::sight::Ahead;
use crate::rng::Rng;

/// What is going on beside ordinary driving.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Manoeuvre {
    /// Brakes with `peak_mps2` down to a speed.
    Brake { peak_mps2: f64, until_mps: f64 },
    /// Speeds up with `peak_mps2` to a speed.
    Accelerate { peak_mps2: f64, until_mps: f64 },
    /// Takes the next sharp curve with this lateral acceleration.
    Corner { peak_mps2: f64 },
    /// To one side and straight again: one period of a sine in lateral acceleration. Gentle ones are lane changes.
    Swerve { peak_mps2: f64, period_s: f64, begun_s: f64 },
}

/// Which manoeuvre comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Brake,
    Accelerate,
    Corner,
    Swerve,
}

/// Peaks as measured in ALGORITHMS.md ("Real signatures"), well above every preset's threshold.
pub(crate) fn peak_mps2(kind: Kind, rng: &mut Rng) -> f64 {
    match kind {
        Kind::Brake => rng.range(3.9, 6.2),
        Kind::Accelerate => rng.range(3.3, 4.0),
        Kind::Corner => rng.range(4.4, 5.6),
        Kind::Swerve => rng.range(4.6, 6.6),
    }
}

pub(crate) fn any_kind(rng: &mut Rng) -> Kind {
    match rng.whole(0, 9) {
        0..=3 => Kind::Brake,
        4..=5 => Kind::Accelerate,
        6..=8 => Kind::Corner,
        _ => Kind::Swerve,
    }
}

impl Vehicle {
    /// What the temper does beside ordinary driving, when there is room for it.
    pub(super) fn be_harsh(&mut self, t_s: f64, ahead: &Ahead, to_stop: f64) {
        let v = self.speed_mps;
        let need = ahead.need_mps2(v, 0.0);
        match self.manoeuvre {
            Some(Manoeuvre::Brake { peak_mps2, until_mps }) => {
                if v <= until_mps {
                    self.manoeuvre = None;
                } else {
                    self.wish_mps2 = self.wish_mps2.min(-peak_mps2);
                    self.wish_jerk = 12.0;
                }
                return;
            }
            Some(Manoeuvre::Accelerate { peak_mps2, until_mps }) => {
                if v >= until_mps || need > self.temper.brake_mps2 {
                    self.manoeuvre = None;
                } else {
                    self.wish_mps2 = peak_mps2;
                    self.wish_jerk = 8.0;
                }
                return;
            }
            Some(Manoeuvre::Corner { .. } | Manoeuvre::Swerve { .. }) => return,
            None => {}
        }
        if self.jam.is_some() {
            return;
        }
        if t_s >= self.next_harsh_s {
            let gap = self.rng.wait(self.temper.harsh_per_h / 3600.0).max(12.0);
            self.next_harsh_s = t_s + gap;
            let kind = any_kind(&mut self.rng);
            self.due = Some((kind, peak_mps2(kind, &mut self.rng)));
        }
        let clear = need < 0.5 && to_stop > 60.0;
        let straight = self.sight.here().is_some_and(|road| road.curvature == 0.0);
        let left_m = self.sight.here().map_or(0.0, |road| road.length_m - self.sight.s_m);
        if let Some((kind, peak_mps2)) = self.due {
            let begun = match kind {
                Kind::Brake if v > 10.0 && straight => {
                    let drop = self.rng.range(4.0, 9.0);
                    Some(Manoeuvre::Brake { peak_mps2, until_mps: (v - drop).max(3.0) })
                }
                Kind::Accelerate if v > 4.0 && v < 9.0 && clear && straight && ahead.need_mps2(v + 7.5, 35.0) < 1.5 => {
                    let rise = self.rng.range(5.5, 7.5);
                    Some(Manoeuvre::Accelerate { peak_mps2, until_mps: v + rise })
                }
                Kind::Corner => self.sight.mark_corner(peak_mps2).then_some(Manoeuvre::Corner { peak_mps2 }),
                Kind::Swerve if v > 10.0 && clear && straight && left_m > 2.5 * v => {
                    let period_s = self.rng.range(1.6, 2.4);
                    let peak_mps2 = peak_mps2 * self.rng.sign();
                    Some(Manoeuvre::Swerve { peak_mps2, period_s, begun_s: t_s })
                }
                Kind::Brake | Kind::Accelerate | Kind::Swerve => None,
            };
            if begun.is_some() {
                self.manoeuvre = begun;
                self.due = None;
            }
        } else if t_s >= self.next_lane_s && v > 8.0 && clear && straight && left_m > 6.0 * v {
            self.next_lane_s = t_s + 8.0 + self.rng.wait(1.0 / 150.0);
            self.lane_side = -self.lane_side;
            let period_s = self.rng.range(4.0, 6.0);
            // Three and a half metres to the side: A·T²/2π.
            let peak_mps2 = self.lane_side * 22.0 / (period_s * period_s);
            self.manoeuvre = Some(Manoeuvre::Swerve { peak_mps2, period_s, begun_s: t_s });
        }
    }
}
