//! Others in the way: stop and go, and gates that are down.

use crate::rng::Rng;

/// Something in the way for a time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Jam {
    /// Gates, not other cars: nobody moves before it is over.
    pub gates: bool,
    until_s: f64,
    phase_until_s: f64,
    speed_mps: f64,
}

impl Jam {
    /// Stop and go until then.
    pub fn traffic(until_s: f64) -> Self {
        Self { gates: false, until_s, phase_until_s: 0.0, speed_mps: 3.0 }
    }

    /// The gates of a level crossing are down until then.
    pub fn gates(until_s: f64) -> Self {
        Self { gates: true, until_s, phase_until_s: until_s, speed_mps: 0.0 }
    }

    /// How fast one can be now; `None` when it is over.
    pub fn speed_mps(&mut self, t_s: f64, rng: &mut Rng) -> Option<f64> {
        if t_s >= self.until_s {
            return None;
        }
        if t_s >= self.phase_until_s {
            let moving = self.speed_mps < 0.1;
            let length = if moving { rng.range(6.0, 25.0) } else { rng.range(8.0, 70.0) };
            self.speed_mps = if moving { rng.range(1.5, 6.0) } else { 0.0 };
            self.phase_until_s = t_s + length;
        }
        Some(self.speed_mps)
    }
}
