//! Roads: a generated route, endless or to a given place. How it is driven is the vehicle's.

mod planner;
mod segment;

pub(crate) use planner::{Goal, Planner, RoadStyle};
pub(crate) use segment::{End, Pose, Segment, Sky};
