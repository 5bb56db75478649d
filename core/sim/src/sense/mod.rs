//! What the phone's sensors make of the world, errors included: each in a file of its own.

mod gnss;
mod imu;
mod signals;
mod wakers;

pub(crate) use gnss::{Gnss, GnssStyle};
pub(crate) use imu::{Imu, ImuStyle};
pub(crate) use signals::{Facts, SignalStyle, Signals};
pub(crate) use wakers::Wakers;
