//! Whether the sigmas are honest: how often an error lies within one and two of the sigma said with it, of the moments
//! that have one. A quantity in one dimension should be there 68 and 95 % of the time, in two (up, position, whose
//! sigmas are those of the whole error) 63 and 98 %.

use milepost_engine::geo::distance_m;

use super::tilt::angle_deg;
use super::yaw::yaw_deg;
use crate::report::beside::Moment;
use crate::report::tally::Share;

/// Shares within one and two sigma.
#[derive(Clone, Copy, Debug, Default)]
pub struct Within(pub [Share; 2]);

impl Within {
    fn push(&mut self, error: Option<f64>, sigma: Option<f64>) {
        let (Some(error), Some(sigma)) = (error, sigma) else { return };
        for (share, times) in self.0.iter_mut().zip([1.0, 2.0]) {
            share.whole += 1.0;
            share.part += f64::from(u8::from(error <= times * sigma));
        }
    }
}

impl std::ops::AddAssign for Within {
    fn add_assign(&mut self, o: Self) {
        self.0.iter_mut().zip(o.0).for_each(|(a, b)| *a += b);
    }
}

/// Of everything that has a sigma.
#[derive(Clone, Copy, Debug, Default)]
pub struct Honesty {
    /// Up in the phone frame, two dimensions.
    pub up: Within,
    /// Forward in the phone frame, about the true up.
    pub fwd: Within,
    /// Speed.
    pub speed: Within,
    /// Position, two dimensions.
    pub position: Within,
}

impl Honesty {
    /// Looks at a moment with the phone in a mounting.
    pub fn moment(&mut self, m: &Moment) {
        let Some(said) = m.said.filter(|_| m.truth.mount >= 0) else { return };
        let up = said.up.and_then(|d| angle_deg(d.axis, m.then.up));
        self.up.push(up, said.up.map(|d| d.sigma_deg));
        let fwd = said.fwd.and_then(|d| yaw_deg(d.axis, m.then.fwd, m.then.up));
        self.fwd.push(fwd, said.fwd.map(|d| d.sigma_deg));
        self.speed.push(said.speed_mps.map(|v| (v - m.then.speed_mps).abs()), said.speed_sigma_mps);
        self.position.push(said.position.map(|p| distance_m(p, m.then.position)), said.position_sigma_m);
    }
}

impl std::ops::AddAssign for Honesty {
    fn add_assign(&mut self, o: Self) {
        self.up += o.up;
        self.fwd += o.fwd;
        self.speed += o.speed;
        self.position += o.position;
    }
}
