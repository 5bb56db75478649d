//! When the vehicle's part of the filter runs: it begins once the bank knows which way is forward, and is dropped when
//! the phone is moved or the bank contradicts.

use super::Mount;
use super::begin::MAX_SPEED_MPS;
use super::config::ALIGNED_SIGMA_RAD;
use super::estimator::Estimator;
use super::filter::{AL, Start};
use super::updates::Gates;
use crate::num::{axpy, cross, dot, scale};

impl Estimator {
    /// The vehicle's part of the filter begins, if it can.
    pub(super) fn try_to_drive(&mut self) {
        let Some(a) = &mut self.attitude else { return };
        let Some(found) = self.bank.alignment(&self.history) else { return };
        if self.mount.status() == Mount::Handled {
            return;
        }
        let left = cross(a.head.up, a.basis);
        let (sin, cos) = libm::sincos(found.yaw);
        let fwd = axpy(scale(cos, a.basis), sin, left);
        let yaw = libm::atan2(dot(fwd, a.head.left), dot(fwd, a.head.fwd));
        if a.filter.driving {
            self.compare(yaw, found.yaw_sigma, found.length);
            return;
        }
        let good = found.yaw_sigma < ALIGNED_SIGMA_RAD
            && found.length > 0.6
            && found.length < 1.5
            && (2.0..MAX_SPEED_MPS).contains(&found.speed)
            && self.bank.used() >= 2;
        let known = self.location.at(a.filter_t_s, 0.0);
        let (Some(known), Some(fix)) = (known, self.last_fix) else { return };
        if !good {
            return;
        }
        let Some(course) = fix.course.or(known.psi) else { return };
        let lag = self.bank.lag().mean_s;
        let [now, then] = self.history.sums_at([a.filter_t_s, fix.t_s - lag]);
        let turned = match (now, then) {
            (Some(now), Some(then)) => now.turned - then.turned,
            (Some(_), None) | (None, Some(_)) | (None, None) => 0.0,
        };
        let start = Start {
            speed: found.speed,
            speed_sigma: found.speed_sigma + 0.1,
            psi: course + turned,
            psi_sigma: if fix.course.is_some() { 0.05 + 0.3 / found.speed } else { 0.3 },
            yaw_sigma: found.yaw_sigma,
            offset: found.offset,
            offset_sigma: found.offset_sigma,
        };
        a.filter.settle();
        a.filter.start_driving(yaw, &start);
        a.speed_t_s = a.filter_t_s;
        self.gates = Gates::default();
        self.queue.clear();
        a.head = a.filter.nominal;
        self.odometer = None;
    }

    /// The bank, which looks at nothing but force and speed, watches the filter's forward axis.
    fn compare(&mut self, apart: f64, sigma: f64, length: f64) {
        let Some(a) = &self.attitude else { return };
        let own = a.filter.variance(AL);
        let clear = apart * apart > 9.0 * (sigma * sigma + own) + 0.03;
        let sure = sigma < 0.15 && length > 0.7 && length < 1.4;
        if (clear && sure) || self.gates.misfit > 8.0 {
            self.mount.slipped();
            self.drop_mount();
            self.bank.doubt();
        }
    }

    /// The forward axis is no longer known.
    pub(super) fn drop_mount(&mut self) {
        self.bank.remount();
        self.position_lag.hole();
        self.gates = Gates::default();
        if let Some(a) = &mut self.attitude {
            a.filter.stop_driving();
            a.head = a.filter.nominal;
        }
        self.anchor();
    }
}
