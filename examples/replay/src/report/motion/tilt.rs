//! Inclination: the angle between the up that was said and the true one. Unknown counts as 20 degrees off.

use milepost_engine::num::{Vec3, dot, norm};

use super::series::Series;
use crate::report::beside::Moment;
use crate::report::drive::Drive;
use crate::report::tally::Squares;

const UNKNOWN_DEG: f64 = 20.0;
/// An attitude may settle for so long, or for a tenth of a short drive.
const SETTLE_S: f64 = 30.0;

/// The errors of a drive.
#[derive(Default)]
pub struct Tilt {
    series: Series,
    /// Where there is no vehicle, there is no mounting either.
    pub in_hand_too: bool,
}

impl Tilt {
    /// Looks at a moment.
    pub fn moment(&mut self, m: &Moment) {
        let error = m.said.and_then(|s| s.up).and_then(|up| angle_deg(up.axis, m.then.up));
        self.error(m, error);
    }

    /// An error from elsewhere: of a peer.
    pub fn error(&mut self, m: &Moment, error: Option<f64>) {
        if m.truth.mount >= 0 || self.in_hand_too {
            self.series.push(m.t_s, error.unwrap_or(UNKNOWN_DEG), error.is_some());
        }
    }

    /// Of the time in a mounting.
    pub fn finish(&self, drive: &Drive) -> Squares {
        let (from, to) = (drive.span.start_s, drive.span.end_s);
        let settled = from + SETTLE_S.min(0.1 * (to - from));
        self.series.squares(|t| t > settled)
    }
}

/// The angle between two directions.
pub fn angle_deg(a: Vec3, b: Vec3) -> Option<f64> {
    let cos = dot(a, b) / (norm(a) * norm(b));
    cos.is_finite().then(|| libm::acos(cos.clamp(-1.0, 1.0)).to_degrees())
}
