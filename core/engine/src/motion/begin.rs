//! Where the estimate begins: at the first sample, after a hole in the IMU, and anew when it is lost.

use super::Mount;
use super::cell::Cell;
use super::estimator::{Attitude, Estimator};
use super::filter::Filter;
use super::strapdown::{Nominal, level};

/// First sigma of up about each axis: the force of a pull-away tilts it by so much, rad.
const FIRST_TILT_RAD: f64 = 0.12;
/// After a longer hole in the IMU the phone may be anywhere.
const SAME_MOUNT_S: f64 = 60.0;
/// Nothing on the ground is so fast: the filter is lost.
pub const MAX_SPEED_MPS: f64 = 150.0;

impl Estimator {
    /// Time has a hole, or begins.
    pub(super) fn hole(&mut self, cell: &Cell, t_s: f64) {
        let length_s = self.cell_t_s.map_or(f64::INFINITY, |before| t_s - before);
        if self.stays_within(length_s) {
            self.bridge(length_s, t_s);
        } else {
            self.begin(cell, t_s);
        }
        self.history.clear();
        self.bank.hole();
        self.position_lag.hole();
    }

    /// The phone does not leave its mount within a hole of this length.
    pub(super) fn stays_within(&self, length_s: f64) -> bool {
        length_s < SAME_MOUNT_S && self.mount.status() == Mount::Fixed
    }

    /// A hole so short that the phone is where it was: up and forward stay, the rest is carried on and less sure.
    fn bridge(&mut self, length_s: f64, t_s: f64) {
        while let Some(stride) = self.history.stride(f64::INFINITY, f64::NEG_INFINITY) {
            self.step(&stride);
        }
        let Some(a) = &mut self.attitude else { return };
        let off_m = a.filter.coast(length_s);
        self.path.loosen(off_m * off_m);
        a.filter_t_s = t_s;
        a.head = a.filter.nominal;
        a.basis = level(a.basis, a.head.up);
    }

    /// What diverged is begun anew, biases included: they may be what made it diverge.
    pub(super) fn check_sane(&mut self, cell: &Cell, t_s: f64) {
        let Some(a) = &self.attitude else { return };
        // NaN is no speed either.
        if a.head.speed.abs() <= MAX_SPEED_MPS {
            return;
        }
        self.bank.remount();
        self.mount.slipped();
        self.begin_with(Nominal::from_force(cell.force), cell, t_s);
        self.history.clear();
        self.bank.hole();
        self.position_lag.hole();
    }

    /// Nothing is known of the phone but its biases.
    fn begin(&mut self, cell: &Cell, t_s: f64) {
        let mut nominal = Nominal::from_force(cell.force);
        if let Some(a) = &self.attitude {
            nominal.gyro_bias = a.filter.nominal.gyro_bias;
            nominal.force_bias = a.filter.nominal.force_bias;
            self.bank.remount();
            self.mount.slipped();
        }
        self.begin_with(nominal, cell, t_s);
    }

    fn begin_with(&mut self, nominal: Nominal, cell: &Cell, t_s: f64) {
        self.odometer = None;
        self.attitude = Some(Attitude {
            filter: Filter::new(nominal, FIRST_TILT_RAD),
            filter_t_s: t_s,
            head: nominal,
            basis: nominal.fwd,
            cell: *cell,
            anchored_s: 0.0,
            jumped: [0.0; 2],
            rest_s: 0.0,
            rest_rate: [0.0; 3],
            resting_s: 0.0,
            prior_s: 0.0,
            mean_velocity: (0.0, 0.0),
            driven_s: 0.0,
            speed_t_s: f64::NEG_INFINITY,
        });
    }
}
