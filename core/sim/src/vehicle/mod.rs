//! The vehicle and who drives it: follows the road, obeys what stands on it more or less, and reports how it moves.
//! Where the road comes from is `road`'s; what the phone makes of it is `phone`'s.

mod body;
mod crash;
mod driver;
mod harsh;
mod temper;

pub(crate) use driver::{Standing, Vehicle};
pub(crate) use temper::Temper;
