//! What holds the phone, and how it is turned in it.

use crate::maths::Rotation;
use crate::rng::Rng;

/// What holds the phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grip {
    /// A holder in the vehicle.
    Fixed,
    /// A cup holder, a tray: in the vehicle, but not tight.
    Rattling,
    /// On a table, a seat, the floor.
    Lying,
    Pocket,
    Hand,
    /// Turned and pushed about in a hand, as one tests an attitude filter.
    Worked,
    /// On its way to another grip.
    Moving,
    Falling,
}

/// Where a driver keeps the phone at the wheel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// In a holder, turned in any way.
    Holder,
    /// In a cup holder: upright, any side to the front, rattling.
    CupHolder,
    /// Loose on the seat.
    Seat,
    /// In a pocket of the driver.
    Pocket,
}

impl Keeping {
    pub(crate) fn grip(self) -> Grip {
        match self {
            Keeping::Holder => Grip::Fixed,
            Keeping::CupHolder => Grip::Rattling,
            Keeping::Seat => Grip::Lying,
            Keeping::Pocket => Grip::Pocket,
        }
    }

    /// From the vehicle's frame to the phone's.
    pub(crate) fn turn(self, rng: &mut Rng) -> Rotation {
        match self {
            Keeping::Holder => Rotation::random(rng),
            Keeping::CupHolder => {
                let (side, lean) = (rng.range(-3.1, 3.1), rng.range(0.05, 0.35));
                let leaning = Rotation::about([1.0, 0.0, 0.0], lean).after(&upright());
                leaning.after(&Rotation::about([0.0, 0.0, 1.0], side))
            }
            Keeping::Seat => Rotation::about([0.0, 0.0, 1.0], rng.range(-3.1, 3.1)),
            Keeping::Pocket => upright().after(&Rotation::about([0.0, 0.0, 1.0], rng.range(-3.1, 3.1))),
        }
    }
}

/// Screen to the back, top upwards: x left to right as the carrier goes.
pub(crate) fn upright() -> Rotation {
    Rotation([[0.0, -1.0, 0.0], [0.0, 0.0, 1.0], [-1.0, 0.0, 0.0]])
}

/// As one reads it: leaning back by 50 degrees.
pub(crate) fn in_hand() -> Rotation {
    Rotation::about([1.0, 0.0, 0.0], 0.87).after(&upright())
}
