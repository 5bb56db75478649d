//! Where the phone is: how it lies in whatever carries it, and how it moves there by itself.

use milepost_engine::num::Vec3;

use crate::maths::Rotation;

/// One moment of the phone in its carrier.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    /// From the carrier's frame to the phone's.
    pub turn: Rotation,
    /// Its own rotation, phone frame.
    pub rate_rad_s: Vec3,
    /// Its own acceleration, phone frame.
    pub force_mps2: Vec3,
    /// Number of the mounting, −1 in a hand or a pocket.
    pub mount: i32,
}

/// The phone.
#[derive(Clone, Debug)]
pub(crate) struct Phone {
    turn: Rotation,
    mount: i32,
}

impl Phone {
    pub fn mounted(turn: Rotation) -> Self {
        Self { turn, mount: 0 }
    }

    pub fn step(&mut self) -> Held {
        Held { turn: self.turn, rate_rad_s: [0.0; 3], force_mps2: [0.0; 3], mount: self.mount }
    }
}
