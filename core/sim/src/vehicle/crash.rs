//! Crashes: pulses of acceleration on the body, what the body does after them, and that it then stands.

use core::f64::consts::PI;

use crate::rng::Rng;
use crate::truth::Crash;

/// One blow: half a sine of acceleration that changes the velocity by so much.
#[derive(Clone, Copy, Debug, Default)]
struct Blow {
    at_s: f64,
    length_s: f64,
    /// Change of velocity: forward, left, up.
    change_mps: [f64; 3],
}

/// A crash that is going on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Crashing {
    begun_s: f64,
    blows: [Blow; 5],
    /// Brakes afterwards.
    pub drag_mps2: f64,
    yaw_rad_s: f64,
    roll: Option<Roll>,
}

#[derive(Clone, Copy, Debug)]
struct Roll {
    from_s: f64,
    length_s: f64,
    angle_rad: f64,
}

/// What a crash does to the vehicle now.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Blows {
    pub force_mps2: [f64; 3],
    pub yaw_rad_s: f64,
    pub roll_rad: f64,
    pub roll_rad_s: f64,
}

impl Crashing {
    pub fn new(crash: Crash, t_s: f64, speed_mps: f64, rng: &mut Rng) -> Self {
        let side = rng.sign();
        let blow = |at_s: f64, length_s: f64, change_mps: [f64; 3]| Blow { at_s, length_s, change_mps };
        let mut blows = [Blow::default(); 5];
        let mut put = |i: usize, b: Blow| {
            if let Some(place) = blows.get_mut(i) {
                *place = b;
            }
        };
        let (mut yaw_rad_s, mut roll) = (0.0, None);
        match crash {
            Crash::RearEnd => {
                // 10 km/h and a little more, in a tenth of a second (ALGORITHMS.md, "Impact").
                let change = rng.range(2.8, 4.5).min(speed_mps);
                put(0, blow(0.0, rng.range(0.08, 0.13), [-change, 0.2 * side, 0.0]));
            }
            Crash::Side => {
                let change = rng.range(3.0, 5.0);
                put(0, blow(0.0, rng.range(0.07, 0.11), [-0.8, side * change, 0.0]));
                put(1, blow(0.12, 0.45, [0.0, -side * change, 0.0]));
                yaw_rad_s = side * rng.range(0.8, 2.0);
            }
            Crash::GuardRail => {
                let mut at = 0.0;
                for i in 0..3 {
                    let change = rng.range(2.4, 3.6);
                    put(i, blow(at, rng.range(0.07, 0.1), [-rng.range(0.8, 1.8), side * change, 0.4 * change]));
                    at += rng.range(0.3, 0.6);
                }
                put(3, blow(at, 0.5, [0.0, -side * 8.0, 0.0]));
                yaw_rad_s = side * 0.4;
            }
            Crash::RollOver => {
                let turns = rng.whole(1, 4) as f64 * 0.5;
                let length_s = 0.9 * turns + 0.8;
                roll = Some(Roll { from_s: 0.15, length_s, angle_rad: -side * turns * 2.0 * PI });
                put(0, blow(0.0, 0.15, [-1.5, side * 3.0, 0.5]));
                put(1, blow(0.6, 0.09, [-1.0, -side * 2.0, 2.5]));
                put(2, blow(0.35 + 0.5 * length_s, 0.08, [-0.8, side * 1.5, 2.2]));
                put(3, blow(0.15 + length_s, 0.1, [-0.8, -side * 1.5, 1.8]));
            }
        }
        let drag_mps2 = rng.range(3.5, 6.0);
        Self { begun_s: t_s, blows, drag_mps2, yaw_rad_s, roll }
    }

    pub fn now(&self, t_s: f64) -> Blows {
        let since = t_s - self.begun_s;
        let mut out = Blows::default();
        for blow in self.blows.iter().filter(|b| b.length_s > 0.0) {
            let x = (since - blow.at_s) / blow.length_s;
            if (0.0..1.0).contains(&x) {
                let shape = 0.5 * PI * libm::sin(PI * x) / blow.length_s;
                let ([fx, fy, fz], [cx, cy, cz]) = (out.force_mps2, blow.change_mps);
                out.force_mps2 = [fx + shape * cx, fy + shape * cy, fz + shape * cz];
            }
        }
        out.yaw_rad_s = self.yaw_rad_s * libm::exp(-since / 0.4);
        if let Some(roll) = self.roll {
            // A smooth turn from rest to rest.
            let x = ((since - roll.from_s) / roll.length_s).clamp(0.0, 1.0);
            out.roll_rad = roll.angle_rad * x * x * (3.0 - 2.0 * x);
            out.roll_rad_s = roll.angle_rad * 6.0 * x * (1.0 - x) / roll.length_s;
        }
        out
    }
}
