//! The mean of the estimate and how a cell moves it: gravity direction, the vehicle's forward axis, speed, heading and
//! position in the plane. It holds no uncertainty; `filter` does.
//!
//! A vehicle moves where it points, so speed is one number and the path lies along the forward axis (non-holonomic
//! constraint: Dissanayake et al. 2001, IEEE Trans. Robotics and Automation 17:731). The forward axis is fixed in the
//! phone as long as the mount is, and is kept horizontal.

use serde::{Deserialize, Serialize};

use crate::num::{G_MPS2, Vec3, axpy, cross, dot, scale, unit};

use super::cell::Cell;

/// Nobody drives backwards faster.
const FASTEST_BACKWARDS_MPS: f64 = -4.0;

/// The mean of everything that is estimated.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Nominal {
    /// Up in the phone frame, unit.
    pub up: Vec3,
    /// The vehicle's forward in the phone frame, unit, across `up`; any horizontal direction until the mount is known.
    pub fwd: Vec3,
    /// To the left: `up × fwd`.
    pub left: Vec3,
    /// Gyroscope bias, phone frame.
    pub gyro_bias: Vec3,
    /// Accelerometer bias, phone frame.
    pub force_bias: Vec3,
    /// Speed along `fwd`.
    pub speed: f64,
    /// Direction of `fwd`, radians counter-clockwise from east, not wrapped.
    pub psi: f64,
    /// Its cosine and sine, carried along so that a cell needs neither.
    pub course: (f64, f64),
    /// Metres driven towards east so far: displacements are had from it, places are left to `path`.
    pub east: f64,
    /// Towards north.
    pub north: f64,
}

/// What a cell says in the vehicle's axes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Felt {
    /// Forward acceleration.
    pub long: f64,
    /// Acceleration to the left.
    pub lat: f64,
    /// Acceleration up.
    pub vert: f64,
    /// Rotation about up, to the left; `None` without a gyroscope.
    pub yaw_rate: Option<f64>,
}

impl Nominal {
    /// Knows only which way the force points.
    pub fn from_force(force: Vec3) -> Self {
        let up = unit(force).unwrap_or([0.0, 0.0, 1.0]);
        let [x, y, z] = up.map(f64::abs);
        let seed = if y <= x && y <= z {
            [0.0, 1.0, 0.0]
        } else if x <= z {
            [1.0, 0.0, 0.0]
        } else {
            [0.0, 0.0, 1.0]
        };
        let mut nominal = Self {
            up,
            fwd: seed,
            left: seed,
            gyro_bias: [0.0; 3],
            force_bias: [0.0; 3],
            speed: 0.0,
            psi: 0.0,
            course: (1.0, 0.0),
            east: 0.0,
            north: 0.0,
        };
        nominal.square_up();
        nominal
    }

    /// The rotation rate without its bias.
    pub fn rate(&self, cell: &Cell) -> Option<Vec3> {
        cell.rate.map(|rate| axpy(rate, -1.0, self.gyro_bias))
    }

    /// A cell in the vehicle's axes.
    #[inline]
    pub fn felt(&self, cell: &Cell) -> Felt {
        let force = axpy(cell.force, -1.0, self.force_bias);
        Felt {
            long: dot(force, self.fwd),
            lat: dot(force, self.left),
            vert: dot(force, self.up) - G_MPS2,
            yaw_rate: self.rate(cell).map(|rate| dot(rate, self.up)),
        }
    }

    /// Rotates with the phone: up and forward as the cell leaves them.
    #[inline]
    pub fn turn(&mut self, cell: &Cell) {
        self.turn_without_left(cell);
        self.left = cross(self.up, self.fwd);
    }

    #[inline]
    fn turn_without_left(&mut self, cell: &Cell) {
        let Some(rate) = self.rate(cell) else { return };
        let w = scale(cell.dt_s, rate);
        // Second order of the rotation vector, exact to 10⁻⁷ rad for the rates of a vehicle: u + u×w + ½ (u×w)×w, with
        // (u×w)×w = (u·w) w − w² u. How long the result is follows from what went in, which is sooner known.
        let (w2, along) = (dot(w, w), dot(self.up, w));
        let turned = axpy(axpy(cross(self.up, w), 0.5 * along, w), 1.0 - 0.5 * w2, self.up);
        self.up = shortened(turned, dot(self.up, self.up) + 0.25 * w2 * (w2 - along * along));
        let steep = dot(self.fwd, self.up);
        self.fwd = shortened(axpy(self.fwd, -steep, self.up), dot(self.fwd, self.fwd) - steep * steep);
    }

    /// Moves through many cells at once.
    pub fn carry(&mut self, cells: impl Iterator<Item = Cell>, driving: bool) {
        for cell in cells {
            let fwd = self.fwd;
            self.turn_without_left(&cell);
            if driving {
                // Left takes part only where there is no gyroscope.
                if cell.rate.is_none() {
                    self.left = cross(self.up, self.fwd);
                }
                // The middle of a long cell is what its mean force belongs to.
                let middle = scale(0.5, axpy(fwd, 1.0, self.fwd));
                let long = dot(axpy(cell.force, -1.0, self.force_bias), middle);
                let felt = Felt { long, ..self.felt(&cell) };
                self.drive(&felt, cell.dt_s);
            }
        }
        self.left = cross(self.up, self.fwd);
    }

    /// Moves along the forward axis with the acceleration that was felt.
    #[inline]
    pub fn drive(&mut self, felt: &Felt, dt_s: f64) {
        // Without a gyroscope the lateral force tells of the turn.
        let yaw_rate = felt.yaw_rate.unwrap_or(if self.speed > 3.0 { felt.lat / self.speed } else { 0.0 });
        let speed = self.speed + 0.5 * felt.long * dt_s;
        let (angle, (cos, sin)) = (yaw_rate * dt_s, self.course);
        // Second order of the rotation, as for `up`; made unit by one step of Newton.
        let (c, s) = (cos - sin * angle - 0.5 * cos * angle * angle, sin + cos * angle - 0.5 * sin * angle * angle);
        let k = 1.5 - 0.5 * (c * c + s * s);
        self.course = (k * c, k * s);
        self.speed = (self.speed + felt.long * dt_s).max(FASTEST_BACKWARDS_MPS);
        self.psi += angle;
        self.east += 0.5 * speed * (cos + self.course.0) * dt_s;
        self.north += 0.5 * speed * (sin + self.course.1) * dt_s;
    }

    /// Heading, set anew.
    pub fn head_for(&mut self, psi: f64) {
        self.psi = psi;
        let (sin, cos) = libm::sincos(psi);
        self.course = (cos, sin);
    }

    /// Turns the forward axis to the left.
    pub fn yaw_mount(&mut self, angle_rad: f64) {
        let (sin, cos) = libm::sincos(angle_rad);
        self.fwd = axpy(scale(cos, self.fwd), sin, self.left);
        self.square_up();
    }

    /// Makes the axes unit and square again.
    pub fn square_up(&mut self) {
        self.up = unit(self.up).unwrap_or([0.0, 0.0, 1.0]);
        self.fwd = level(self.fwd, self.up);
        self.left = cross(self.up, self.fwd);
    }
}

/// So far |a|² may be from 1 for one step of Newton to do.
const NEARLY: f64 = 0.01;

/// A vector of about unit length made unit: one step of Newton for 1/√x, whose error is 3/8 of the square of how far |a|²
/// was from 1; a long way off it is done in full.
pub fn nearly_unit(a: Vec3) -> Vec3 {
    shortened(a, dot(a, a))
}

/// The same of a vector whose length squared is known already.
#[inline]
fn shortened(a: Vec3, length2: f64) -> Vec3 {
    let off = length2 - 1.0;
    if off.abs() < NEARLY { scale(1.0 - 0.5 * off, a) } else { unit(a).unwrap_or([0.0, 0.0, 1.0]) }
}

/// A direction that was horizontal a moment ago, horizontal again.
pub fn level_still(axis: Vec3, up: Vec3) -> Vec3 {
    let flat = axpy(axis, -dot(axis, up), up);
    let off = dot(flat, flat) - 1.0;
    if off.abs() < NEARLY { scale(1.0 - 0.5 * off, flat) } else { level(axis, up) }
}

/// The horizontal direction nearest to `axis`.
pub fn level(axis: Vec3, up: Vec3) -> Vec3 {
    let flat = axpy(axis, -dot(axis, up), up);
    let [ux, uy, uz] = up;
    // An axis along gravity has no horizontal direction: any will do.
    unit(flat).or_else(|| unit(cross(up, [uy, uz, -ux]))).unwrap_or([1.0, 0.0, 0.0])
}
