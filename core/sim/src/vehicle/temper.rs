//! A driver's temper in numbers: what is comfortable, how far over the limit, how often something harsh happens.

use crate::rng::Rng;

/// From calm (0) to aggressive (1): the one number that a score should find again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Temper {
    /// Accelerations that this driver uses without thinking.
    pub accelerate_mps2: f64,
    pub brake_mps2: f64,
    pub corner_mps2: f64,
    pub jerk_mps3: f64,
    /// Speed wanted, of the limit.
    pub speed_factor: f64,
    /// Harsh manoeuvres per hour at the wheel.
    pub harsh_per_h: f64,
    /// Times the phone is taken in the hand, per hour at the wheel.
    pub handling_per_h: f64,
    /// From awake (0) to nodding off (1): brakes late and hard, wanders in the lane, holds no speed, dozes at lights.
    pub tired: f64,
}

impl Temper {
    /// Ordinary driving stays below what any preset calls harsh (ALGORITHMS: calm driving reaches 2.5 m/s²); harsh
    /// manoeuvres are deliberate and well above, so that the truth is not a matter of a threshold.
    pub fn new(temper: f64, tired: f64, rng: &mut Rng) -> Self {
        let own = |rng: &mut Rng, sd: f64| 1.0 + sd * rng.noise();
        Self {
            accelerate_mps2: ((1.35 + 0.6 * temper) * own(rng, 0.07)).min(2.1),
            brake_mps2: ((1.5 + 0.6 * temper) * own(rng, 0.07)).min(2.3),
            corner_mps2: ((1.8 + 0.6 * temper) * own(rng, 0.06)).min(2.5),
            jerk_mps3: (1.3 + 1.5 * temper) * own(rng, 0.1),
            speed_factor: 0.95 + 0.19 * temper + 0.02 * rng.noise(),
            harsh_per_h: 0.35 * libm::exp(4.2 * temper),
            handling_per_h: 0.1 * libm::exp(3.5 * temper),
            tired,
        }
    }
}
