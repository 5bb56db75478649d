//! The body on its springs: pitch and roll under load, the slope and bank of the road, vibration, potholes, doors.

use milepost_engine::num::Vec3;

use crate::maths::{Band, Drift, Spring};
use crate::rng::Rng;
use crate::world::DT_S;

/// Pinned hardness: vibration of (0.05 + 0.012·v) m/s² and (0.002 + 0.0006·v) rad/s between 4 and 35 Hz.
const SHAKE_IDLE_MPS2: f64 = 0.05;
const SHAKE_PER_MPS: f64 = 0.012;
const SHAKE_IDLE_RAD_S: f64 = 0.002;
const SHAKE_RATE_PER_MPS: f64 = 0.0006;

#[derive(Clone, Debug)]
pub(crate) struct Body {
    rng: Rng,
    /// Radians per m/s².
    pitch_gain: f64,
    roll_gain: f64,
    pitch: Spring,
    roll: Spring,
    /// Slope and bank of the road, each smoothed twice along the way.
    grade: [f64; 2],
    bank: [f64; 2],
    force_bands: [[Band; 2]; 3],
    rate_bands: [Band; 3],
    /// The wheel's hop and the body's bounce after a hole.
    hop: Spring,
    bounce: Spring,
    slam: Spring,
    hole_side: f64,
    rough: Drift,
}

/// What the body adds to the vehicle's motion.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sway {
    pub pitch_rad: f64,
    pub pitch_rate_rad_s: f64,
    pub roll_rad: f64,
    pub roll_rate_rad_s: f64,
    pub vertical_mps2: f64,
    /// Rise over run, now.
    pub grade: f64,
    pub shake_mps2: Vec3,
    pub shake_rad_s: Vec3,
}

impl Body {
    pub fn new(mut rng: Rng) -> Self {
        let mut band = |low: f64, high: f64| {
            let centre = rng.range(low, high);
            Band::new(centre, 0.2 * centre + 1.0, 1.0 / DT_S)
        };
        let force_bands = [(); 3].map(|()| [band(5.0, 13.0), band(15.0, 32.0)]);
        let rate_bands = [(); 3].map(|()| band(5.0, 25.0));
        let rough = Drift::new(20.0, DT_S, &mut rng);
        Self {
            pitch_gain: rng.range(0.003, 0.007),
            roll_gain: rng.range(0.005, 0.010),
            pitch: Spring::default(),
            roll: Spring::default(),
            grade: [0.0; 2],
            bank: [0.015; 2],
            force_bands,
            rate_bands,
            hop: Spring::default(),
            bounce: Spring::default(),
            slam: Spring::default(),
            hole_side: 1.0,
            rough,
            rng,
        }
    }

    /// A wheel goes through a hole or over a bump of so many m/s² (as seen in the cabin).
    pub fn hit(&mut self, peak_mps2: f64, both_sides: bool) {
        self.hop.v += peak_mps2 * HOP_RAD_S * 1.3;
        self.bounce.v += 0.2 * peak_mps2 * BOUNCE_RAD_S;
        self.hole_side = if both_sides { 0.0 } else { self.rng.sign() };
    }

    /// A door or a boot falls shut.
    pub fn slam(&mut self, peak_mps2: f64) {
        self.slam.v += peak_mps2 * SLAM_RAD_S * 1.2;
    }

    /// `along` and `across` in m/s²; `grade` and `bank` of the road here.
    pub fn step(
        &mut self,
        speed_mps: f64,
        along_mps2: f64,
        across_mps2: f64,
        grade: f64,
        bank: f64,
        engine: bool,
    ) -> Sway {
        // A crest or dip is built so wide that v²·g' stays around half a metre per second squared.
        let way = (speed_mps * DT_S / (25.0 + 0.12 * speed_mps * speed_mps)).min(0.5);
        let [g1, g] = self.grade;
        let g1 = g1 + way * (grade - g1);
        let g_step = way * (g1 - g);
        let slope = g + g_step;
        self.grade = [g1, slope];
        let [b1, b] = self.bank;
        let b1 = b1 + way * (bank - b1);
        let b_step = way * (b1 - b);
        self.bank = [b1, b + b_step];

        self.pitch.step(self.pitch_gain * along_mps2, 8.8, 0.35, DT_S);
        self.roll.step(self.roll_gain * across_mps2, 10.0, 0.35, DT_S);
        self.hop.step(0.0, HOP_RAD_S, 0.22, DT_S);
        self.bounce.step(0.0, BOUNCE_RAD_S, 0.3, DT_S);
        self.slam.step(0.0, SLAM_RAD_S, 0.15, DT_S);

        let rough = 1.0 + 0.2 * self.rough.step(&mut self.rng).clamp(-2.5, 2.5);
        let (force, rate) = if engine {
            (
                (SHAKE_IDLE_MPS2 + SHAKE_PER_MPS * speed_mps) * rough * core::f64::consts::FRAC_1_SQRT_2,
                (SHAKE_IDLE_RAD_S + SHAKE_RATE_PER_MPS * speed_mps) * rough,
            )
        } else {
            (0.0, 0.0)
        };
        let rng = &mut self.rng;
        let [fx, fy, fz] = self.force_bands.each_mut().map(|[low, high]| force * (low.step(rng) + high.step(rng)));
        let [rx, ry, rz] = self.rate_bands.each_mut().map(|b| rate * b.step(rng));
        let (hop, slam) = (self.hop.x, self.slam.x);
        // The slope's angle by the series of atan, and its derivative.
        let angle = slope * (1.0 - slope * slope / 3.0);
        let angle_rate = g_step / DT_S * (1.0 - slope * slope);
        Sway {
            pitch_rad: self.pitch.x + angle,
            pitch_rate_rad_s: self.pitch.v + angle_rate,
            roll_rad: self.roll.x + b + b_step,
            roll_rate_rad_s: self.roll.v + b_step / DT_S,
            vertical_mps2: along_mps2 * slope + speed_mps * g_step / DT_S,
            grade: slope,
            shake_mps2: [
                fx - 0.15 * hop + 0.3 * slam,
                fy + 0.1 * hop * self.hole_side + slam,
                fz + hop + self.bounce.x + 0.6 * slam,
            ],
            shake_rad_s: [rx + 0.02 * hop * self.hole_side + 0.01 * slam, ry + 0.015 * hop, rz + 0.004 * slam],
        }
    }
}

/// Natural frequencies: wheel on its tyre (10 Hz), body on its springs (1.4 Hz), sheet metal (16 Hz).
const HOP_RAD_S: f64 = 63.0;
const BOUNCE_RAD_S: f64 = 8.8;
const SLAM_RAD_S: f64 = 100.0;
