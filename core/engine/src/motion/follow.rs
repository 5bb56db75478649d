//! The delayed filter follows behind by the receiver's lag, where fixes are true, and the present is drawn from it.

use super::estimator::Estimator;
use super::history::Stride;
use super::updates::{self, What};
use crate::num::{G_MPS2, axpy, cross, dot, scale};

/// Longer without a speed, the filter falls back on what accelerations are like.
pub const OUTAGE_S: f64 = 4.0;
/// The present is drawn anew from the delayed filter at every fix that corrects that, and at least so often: a little
/// more than fixes are apart.
const ANCHOR_S: f64 = 1.5;
/// A measurement this much behind the filter is dropped.
const LATEST_S: f64 = 0.6;
/// How far back positions count in the filter's.
const POSITION_MEMORY_S: f64 = 120.0;

impl Estimator {
    /// How far the filter runs behind.
    pub(super) fn delay_s(&self) -> f64 {
        if self.attitude.as_ref().is_some_and(|a| a.filter.driving) {
            self.bank.lag().mean_s.max(self.position_lag_s())
        } else {
            0.0
        }
    }

    /// Position lag in use.
    pub(super) fn position_lag_s(&self) -> f64 {
        self.position_lag.lag().0
    }

    /// The delayed filter catches up to its delay.
    pub(super) fn follow(&mut self) {
        let Some(now) = self.cell_t_s else { return };
        let target = now - self.delay_s() + 1e-6;
        let mut corrected = false;
        while let Some(stride) = self.history.stride(target, self.queue.front().map_or(f64::INFINITY, |m| m.t_s)) {
            corrected |= self.step(&stride);
        }
        let Some(a) = &mut self.attitude else { return };
        a.anchored_s += a.cell.dt_s;
        if corrected || a.anchored_s >= ANCHOR_S {
            self.anchor();
        }
    }

    /// Draws the present from the delayed filter.
    pub(super) fn anchor(&mut self) {
        let Some(a) = &mut self.attitude else { return };
        let mut head = a.filter.nominal;
        head.carry(self.history.fresh_cells(), a.filter.driving);
        let jump = axpy(head.up, -1.0, a.head.up);
        let [along, across] = a.jumped;
        a.jumped = [along + G_MPS2 * dot(jump, a.basis), across + G_MPS2 * dot(jump, cross(a.head.up, a.basis))];
        a.head = head;
        a.anchored_s = 0.0;
    }

    /// The delayed filter moves on; returns whether a fix corrected it.
    pub(super) fn step(&mut self, stride: &Stride) -> bool {
        let Some(a) = &mut self.attitude else { return false };
        let before = (a.filter.nominal.east, a.filter.nominal.north);
        let Stride { t_s, ref cell, at_rest, .. } = *stride;
        let span = a.filter.step(stride);
        let moved = (a.filter.nominal.east - before.0, a.filter.nominal.north - before.1);
        a.filter_t_s = t_s;
        a.driven_s = if a.filter.driving { (a.driven_s + cell.dt_s).min(POSITION_MEMORY_S) } else { 0.0 };
        let k = 1.0 / a.driven_s.max(cell.dt_s).max(1e-3);
        let (ve, vn) = a.mean_velocity;
        let dt = cell.dt_s;
        a.mean_velocity = (ve + k * (moved.0 - ve * dt), vn + k * (moved.1 - vn * dt));
        if at_rest {
            a.rest_s += cell.dt_s;
            a.rest_rate = axpy(a.rest_rate, cell.dt_s, cell.rate.unwrap_or([0.0; 3]));
        } else {
            (a.rest_s, a.rest_rate, a.resting_s) = (0.0, [0.0; 3], 0.0);
        }
        if let Some(span) = span {
            let fix_speed = self.last_fix.filter(|f| a.filter_t_s - f.t_s < 5.0).and_then(|f| f.speed);
            let slow = fix_speed.map_or(a.filter.nominal.speed < 2.0, |v| v < 1.0);
            if a.rest_s >= 1.0 && slow {
                let rate = cell.rate.map(|_| scale(1.0 / a.rest_s, a.rest_rate));
                a.resting_s += a.rest_s;
                updates::rest(&mut a.filter, span.long, span.lat, rate, a.resting_s);
                (a.rest_s, a.rest_rate) = (0.0, [0.0; 3]);
            } else if at_rest && slow {
                // Rest speaks once a second.
            } else if a.filter.driving {
                if a.filter.nominal.speed > 1.0 {
                    updates::lateral(&mut a.filter, &span);
                }
                if a.filter_t_s - a.speed_t_s > OUTAGE_S {
                    updates::drift_along(&mut a.filter, &span);
                }
            } else {
                let explained = self.last_fix.filter(|f| a.filter_t_s - f.t_s < 3.0 && f.interval_s < 3.0).map(|f| {
                    let turn = f.speed.unwrap_or(20.0) * span.yaw_rate.unwrap_or(0.1);
                    (f.slope * f.slope + turn * turn).sqrt()
                });
                updates::drift(&mut a.filter, &span, explained);
            }
            a.prior_s += span.dt_s;
            if a.prior_s >= 1.0 {
                if let Some((up, over_s)) = self.mount.gravity()
                    && a.filter.driving
                    && over_s > 30.0
                {
                    updates::mount_prior(&mut a.filter, up, over_s, a.prior_s);
                }
                a.prior_s = 0.0;
            }
        }
        let driving = a.filter.driving;
        let corrected = self.apply_due(driving);
        if let Some(a) = self.attitude.as_mut().filter(|_| corrected || span.is_some()) {
            a.filter.weigh();
        }
        self.node_without_fix(driving);
        corrected
    }

    /// Applies what the filter has come to; returns whether a fix corrected it.
    fn apply_due(&mut self, driving: bool) -> bool {
        let mut corrected = false;
        while let Some(a) = &mut self.attitude
            && let Some(m) = self.queue.front().copied().filter(|m| m.t_s <= a.filter_t_s)
        {
            self.queue.pop_front();
            // Much later, it came with a lag that was not known then.
            if !driving || a.filter_t_s - m.t_s >= LATEST_S {
                continue;
            }
            match m.what {
                What::Speed(..) => a.speed_t_s = a.filter_t_s,
                What::Course(..) => {}
                What::Position(pin) => {
                    self.node_at_fix(m.t_s, pin);
                    continue;
                }
            }
            let interval_s = self.last_fix.map_or(1.0, |fix| fix.interval_s);
            self.gates.apply(&mut a.filter, &m.what, interval_s);
            corrected = true;
        }
        corrected
    }
}
