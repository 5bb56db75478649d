//! What the driver wants, from what is in sight and from the temper, and the foot that follows it.

use super::harsh::Manoeuvre;
use super::sight::{Ahead, Gate};
use super::{Standing, Vehicle};
use crate::road::End;
use crate::world::DT_S;

/// A tired driver sees that the light has changed so much later.
const DOZE_S: f64 = 2.5;
/// And begins to brake when so much more than what is comfortable is needed, of the comfortable.
const LATE: f64 = 0.9;
/// And holds the speed so much worse.
const UNSTEADY: f64 = 1.5;

impl Vehicle {
    pub(super) fn think(&mut self, t_s: f64) {
        self.sight.look_ahead();
        let mood = self.mood.step(&mut self.rng);
        let Some(first) = self.sight.laid.front().copied() else {
            // The road has ended under the wheels: the journey is over.
            self.park();
            return;
        };
        let (v, tired, corner_mps2) = (self.speed_mps, self.temper.tired, self.temper.corner_mps2);
        let factor = self.temper.speed_factor * (1.0 + 0.05 * (1.0 + UNSTEADY * tired) * mood.clamp(-2.0, 2.0));
        let mut free = first.speed_mps(corner_mps2, factor);
        let mut closed = None;
        let jammed = self.jam.as_mut().and_then(|jam| jam.speed_mps(t_s, &mut self.rng));
        match jammed {
            Some(slow) => free = free.min(slow),
            None => self.jam = None,
        }
        let mut ahead = Ahead::default();
        let mut to_stop = f64::INFINITY;
        let horizon = v * v / (2.0 * 0.6 * self.temper.brake_mps2) + 60.0;
        let mut d = first.road.length_m - self.sight.s_m;
        let mut index = 0;
        while d < horizon
            && let Some(laid) = self.sight.laid.get_mut(index)
        {
            laid.look_at_gate(d, v, t_s, &mut self.rng);
            let (stop, slow) = match laid.gate {
                Gate::Open | Gate::Unseen => (None, None),
                Gate::Slow => (None, Some(4.5)),
                Gate::Until(t) if t_s >= t + DOZE_S * tired => {
                    laid.gate = Gate::Open;
                    (None, None)
                }
                Gate::Wait(s) if v < 0.05 && d - laid.queue_m < 5.0 => {
                    laid.gate = Gate::Until(t_s + s);
                    (Some(laid.queue_m), None)
                }
                Gate::Until(_) | Gate::Wait(_) | Gate::Never => (Some(laid.queue_m), None),
            };
            if let Some(before) = stop {
                let left = d - before - 0.5;
                ahead.slow_to(0.0, left.max(0.25));
                to_stop = to_stop.min(left);
                closed = closed.or(Some((laid.road.end, left)));
                break;
            }
            if let Some(slow) = slow {
                ahead.slow_to(slow, d.max(0.5));
            }
            index += 1;
            let Some(next) = self.sight.laid.get(index) else { break };
            ahead.slow_to(next.speed_mps(corner_mps2, factor), d.max(1.0));
            d += next.road.length_m;
        }
        self.decide(t_s, free, &ahead, to_stop);
        let gates = self.jam.is_some_and(|j| j.gates);
        self.note_standing(if gates { Some((End::LevelCrossing, 0.0)) } else { closed }, jammed.is_some());
    }

    /// From what is allowed and what comes to what the foot shall do.
    fn decide(&mut self, t_s: f64, free: f64, ahead: &Ahead, to_stop: f64) {
        let (v, comfort) = (self.speed_mps, self.temper);
        let late = LATE * comfort.tired;
        // The foot needs time to press: brake as if the road were shorter by what passes until then.
        let missing = (ahead.need_mps2(v, 0.0) + self.along_mps2).max(0.0);
        let need = ahead.need_mps2(v, 0.5 * v * missing / comfort.jerk_mps3);
        let ratio = v / free.max(0.3);
        let power = comfort.accelerate_mps2 * (13.0 / v.max(13.0));
        let mut wish =
            (power * (1.0 - ratio * ratio * ratio * ratio)).max(if ratio > 1.15 { -comfort.brake_mps2 } else { -0.7 });
        self.wish_jerk = comfort.jerk_mps3;
        // One brakes when braking comfortably is nearly needed, and then goes on until it is done.
        self.braking = need > (0.75 + late) * comfort.brake_mps2 || (self.braking && need > 0.35 * comfort.brake_mps2);
        if self.braking {
            wish = wish.min(-1.06 * need);
            if need > 1.3 * comfort.brake_mps2 {
                self.wish_jerk = 3.0 * comfort.jerk_mps3;
            }
        } else if need > (0.4 + late) * comfort.brake_mps2 {
            wish = wish.min(-0.25);
        }
        if to_stop < 2.5 && v < 1.3 {
            wish = if v > 0.0 { -(0.4 + 0.5 * v) } else { 0.0 };
        }
        if free < 0.1 {
            wish = if v > 0.0 { wish.min(-(0.5 + 0.4 * v).min(comfort.brake_mps2)) } else { 0.0 };
        }
        self.wish_mps2 = wish;
        self.be_harsh(t_s, ahead, to_stop);
    }

    /// The foot follows the wish, as fast as this driver's jerk allows.
    pub(super) fn pedal(&mut self, t_s: f64) {
        let mut wish = self.wish_mps2;
        if self.manual_gears && wish > 0.7 {
            let gear = [4.5, 9.0, 14.5, 21.0].iter().filter(|v| self.speed_mps > **v).count() as u32;
            if gear > self.gear && !matches!(self.manoeuvre, Some(Manoeuvre::Accelerate { .. })) {
                self.shift_until_s = t_s + 0.35;
            }
            self.gear = gear;
            if t_s < self.shift_until_s {
                wish = 0.1;
            }
        }
        let most = self.wish_jerk * DT_S;
        self.along_mps2 += (wish - self.along_mps2).clamp(-most, most);
    }

    fn note_standing(&mut self, closed: Option<(End, f64)>, jammed: bool) {
        if self.speed_mps > 0.05 {
            self.standing = None;
            return;
        }
        match closed {
            Some((End::Terminus, left)) if left < 6.0 => self.park(),
            Some((End::LevelCrossing, left)) if left < 8.0 => self.standing = Some(Standing::Crossing),
            Some((_, left)) if left < 8.0 => self.standing = Some(Standing::Light),
            Some(_) | None if jammed => self.standing = Some(Standing::Jam),
            Some(_) | None => {}
        }
    }

    fn park(&mut self) {
        self.sight.end();
        self.manoeuvre = None;
        self.due = None;
        self.jam = None;
    }
}
