//! The hidden states and how one follows another. Rates are per second, as orders of magnitude from daily life; nothing
//! here is fitted to a recording.

use serde::{Deserialize, Serialize};

use crate::record::Mode;

/// How many phases there are.
pub const PHASES: usize = 6;

/// A value for each phase, in the order of [`Phase::ALL`].
pub type PerPhase = [f64; PHASES];

/// What the phone's carrier may be doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Phase {
    /// Not in a vehicle, not moving.
    Still,
    /// On foot.
    Walk,
    /// Cycling.
    Cycle,
    /// On a bicycle that stands.
    CycleStand,
    /// In a moving motor vehicle or train.
    Drive,
    /// In one that stands.
    DriveStand,
}

impl Phase {
    /// All of them.
    pub const ALL: [Self; PHASES] =
        [Self::Still, Self::Walk, Self::Cycle, Self::CycleStand, Self::Drive, Self::DriveStand];

    /// A vehicle moves.
    pub fn rides(self) -> bool {
        match self {
            Self::Cycle | Self::Drive => true,
            Self::Still | Self::Walk | Self::CycleStand | Self::DriveStand => false,
        }
    }

    /// The means of transport.
    pub fn mode(self) -> Mode {
        match self {
            Self::Still => Mode::Still,
            Self::Walk => Mode::Walking,
            Self::Cycle | Self::CycleStand => Mode::Cycling,
            Self::Drive | Self::DriveStand => Mode::Automotive,
        }
    }
}

/// Where a day begins.
pub const PRIOR: PerPhase = [0.6, 0.15, 0.04, 0.01, 0.15, 0.05];

/// `RATES_HZ[i][j]`: from phase i to phase j, per second. A ride begins and ends on foot or from standing; from bicycle
/// to car at once is rare.
const RATES_HZ: [PerPhase; PHASES] = [
    [0.0, 1.0 / 240.0, 1.0 / 6000.0, 1.0 / 12000.0, 1.0 / 2500.0, 1.0 / 5000.0],
    [1.0 / 120.0, 0.0, 1.0 / 1200.0, 1.0 / 4000.0, 1.0 / 800.0, 1.0 / 800.0],
    [1.0 / 2400.0, 1.0 / 900.0, 0.0, 1.0 / 90.0, 1.0 / 6000.0, 1.0 / 20000.0],
    [1.0 / 600.0, 1.0 / 250.0, 1.0 / 30.0, 0.0, 1.0 / 6000.0, 1.0 / 20000.0],
    [1.0 / 3000.0, 1.0 / 2000.0, 1.0 / 12000.0, 1.0 / 40000.0, 0.0, 1.0 / 60.0],
    [1.0 / 900.0, 1.0 / 250.0, 1.0 / 12000.0, 1.0 / 40000.0, 1.0 / 30.0, 0.0],
];

/// Probabilities to go from each phase (rows) to each (columns) within `dt_s`. `1/(1 + λt)` in place of `exp(−λt)`: the
/// same for short times, slower to forget, and the same bits on every machine.
pub fn transitions(dt_s: f64) -> [PerPhase; PHASES] {
    let mut out = RATES_HZ;
    for (i, row) in out.iter_mut().enumerate() {
        let total: f64 = row.iter().sum();
        let stay = 1.0 / (1.0 + total * dt_s);
        for (j, p) in row.iter_mut().enumerate() {
            *p = if i == j { stay } else { *p * dt_s * stay };
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_probabilities_add_up() {
        for dt_s in [0.1, 5.0, 30.0, 3600.0, 1e9] {
            for row in transitions(dt_s) {
                assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-9);
                assert!(row.iter().all(|p| (0.0..=1.0).contains(p)));
            }
        }
    }
}
