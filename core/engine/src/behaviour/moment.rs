//! One frame of motion, reduced to what the detectors of manoeuvres look at: horizontal acceleration in two level axes
//! of the phone, and in the vehicle's while forward is known; low-passed at 2 Hz. Decides nothing.

use serde::{Deserialize, Serialize};

use crate::geo::LatLon;
use crate::motion::{Frame, Mount};
use crate::num::{G_MPS2, Vec3, axpy, cross, dot, unit};
use crate::sample::MonoTime;

use super::ground::Ground;
use super::past::Past;

/// Forward must be known this well (one sigma) for long and lateral to be told apart by it: at 15° a quarter of a
/// brake shows as cornering.
const FORWARD_SIGMA_MAX_DEG: f64 = 15.0;
/// Two cascaded first-order low-passes of this time constant fall to −3 dB at 2 Hz: manoeuvres pass, the road does not.
const SMOOTH_TAU_S: f64 = 0.0512;
/// A level axis is chosen anew when up comes within 26° of the phone axis it was made from.
const AXIS_COS_MAX: f64 = 0.9;
/// Motion's up and that of the mean force are the same within 15°.
const AGREES_COS: f64 = 0.966;
/// A mean of less than this is no mean.
const TILT_OVER_S: f64 = 1.5;

/// What happened at a time, as far as it is looked at again.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Moment {
    pub t: MonoTime,
    pub dt_s: f64,
    /// Forward, left, up where forward is known; else two level axes and up. As it came.
    pub raw_mps2: Vec3,
    /// Horizontal, in two axes that are fixed in the phone, low-passed.
    pub level_mps2: [f64; 2],
    /// Forward was known.
    pub in_vehicle: bool,
    /// To the left, after the same low-pass, so that they keep step.
    pub yaw_rad_s: Option<f64>,
    /// Mean force, phone frame.
    pub force_mps2: Vec3,
    /// Largest |force| of a sample.
    pub force_max_mps2: f64,
    /// Up in the phone frame, from the mean force.
    pub up: Vec3,
    /// Motion takes the phone for handled.
    pub handled: bool,
    /// And the force says so too: it really turned.
    pub in_hand: bool,
    pub speed_mps: Option<f64>,
    pub position: Option<LatLon>,
}

impl Moment {
    pub(super) fn horizontal_mps2(&self) -> f64 {
        let [a, b] = self.level_mps2;
        (a * a + b * b).sqrt()
    }
}

/// The newest moment, with what only the detectors of now look at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Now {
    pub moment: Moment,
    /// Forward and left where that is known, low-passed.
    pub vehicle_mps2: Option<[f64; 2]>,
    /// The force of the last second agrees with what motion takes for up.
    pub borne_out: bool,
}

/// Two cascaded first-order low-passes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct LowPass {
    stage: [[f64; 3]; 2],
    running: bool,
}

impl LowPass {
    fn step(&mut self, mut x: Vec3, gain: f64) -> Vec3 {
        if !self.running {
            *self = Self { stage: [x; 2], running: true };
        }
        for stage in &mut self.stage {
            for (state, input) in stage.iter_mut().zip(x) {
                *state += gain * (input - *state);
            }
            x = *stage;
        }
        x
    }
}

/// The last moments, and the filters that make them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Moments {
    past: Past,
    ground: Ground,
    mount_number: u32,
    phone_axis: usize,
    level: LowPass,
    vehicle: LowPass,
}

impl Moments {
    /// Takes a frame. `None` for a force without direction.
    pub(super) fn step(&mut self, frame: &Frame) -> Option<Now> {
        let f = frame.force_mps2;
        let mean = self.ground.step(f, frame.dt_s)?;
        let handled = frame.mount == Mount::Handled;
        let turned = frame.state.up.map(|u| u.axis).filter(|u| self.ground.turned_to(*u, frame.dt_s));
        if frame.mount_number != self.mount_number {
            self.mount_number = frame.mount_number;
            turned.into_iter().for_each(|up| self.ground.follow(up));
        }
        let in_hand = handled && turned.is_some();
        let up = turned.filter(|_| in_hand).unwrap_or(mean);
        let (one, two) = self.level(up)?;
        if frame.dt_s <= 0.0 {
            (self.level.running, self.vehicle.running) = (false, false);
        }
        let gain = gain(frame.dt_s / SMOOTH_TAU_S);
        let yaw = yaw(frame, up);
        let [a, b, w] = self.level.step([dot(f, one), dot(f, two), yaw.unwrap_or(0.0)], gain);
        let vehicle = vehicle(frame);
        let smooth = vehicle.map(|raw| self.vehicle.step(raw, gain));
        self.vehicle.running &= vehicle.is_some();
        let moment = Moment {
            t: frame.state.t,
            dt_s: frame.dt_s,
            raw_mps2: vehicle.unwrap_or([dot(f, one), dot(f, two), dot(f, up) - G_MPS2]),
            level_mps2: [a, b],
            in_vehicle: vehicle.is_some(),
            yaw_rad_s: yaw.map(|_| w),
            force_mps2: f,
            force_max_mps2: frame.force_max_mps2,
            up,
            handled,
            in_hand,
            speed_mps: frame.state.speed_mps,
            position: frame.state.position,
        };
        self.past.push(&moment);
        Some(Now {
            moment,
            vehicle_mps2: smooth.map(|[long, lat, _]| [long, lat]),
            borne_out: frame.state.up.is_some_and(|u| self.ground.bears_out(u.axis)),
        })
    }

    /// Where up was and where the mean force of a later window is: degrees between them; `None` with too little in it.
    pub(super) fn tilt_deg(&self, up: Vec3, from: MonoTime, to: MonoTime) -> Option<f64> {
        let (mut sum, mut s) = ([0.0; 3], 0.0);
        for m in self.between(from, to) {
            sum = axpy(sum, m.dt_s, m.force_mps2);
            s += m.dt_s;
        }
        let cos = dot(unit(sum).filter(|_| s >= TILT_OVER_S)?, up);
        Some(libm::acos(cos.clamp(-1.0, 1.0)) / crate::geo::RAD_PER_DEG)
    }

    /// Those from `from` to `to`, both included, in order of time.
    pub(super) fn between(&self, from: MonoTime, to: MonoTime) -> impl Iterator<Item = Moment> {
        self.past.between(from, to)
    }

    /// The last one not after `t`.
    pub(super) fn at(&self, t: MonoTime) -> Option<Moment> {
        self.past.at(t)
    }

    /// Two horizontal axes, the first along a phone axis as long as that is not too steep.
    fn level(&mut self, up: Vec3) -> Option<(Vec3, Vec3)> {
        let steep = |i: usize| up.get(i).is_none_or(|c| c.abs() > AXIS_COS_MAX);
        if steep(self.phone_axis) {
            self.phone_axis = (0..3).find(|i| !steep(*i))?;
        }
        let axis = [0, 1, 2].map(|i| if i == self.phone_axis { 1.0 } else { 0.0 });
        let one = unit(axpy(axis, -dot(axis, up), up))?;
        Some((one, cross(up, one)))
    }
}

/// 1 − e⁻ˣ, by Padé's approximant of the third order: nothing transcendental in every frame.
fn gain(x: f64) -> f64 {
    let (even, odd) = (120.0 + 12.0 * x * x, x * (60.0 + x * x));
    (2.0 * odd / (even + odd)).clamp(0.0, 1.0)
}

/// Forward, left and up, where forward is known and the phone stays where it is.
fn vehicle(frame: &Frame) -> Option<Vec3> {
    let known = frame.state.fwd.is_some_and(|f| f.sigma_deg <= FORWARD_SIGMA_MAX_DEG);
    let a = frame.state.acceleration.filter(|_| known && frame.mount != Mount::Handled)?;
    Some([a.long_mps2, a.lat_mps2, a.vert_mps2])
}

/// Turning to the left about `up`; as motion has it, bias removed, where it agrees on what is up.
fn yaw(frame: &Frame, up: Vec3) -> Option<f64> {
    let agrees = frame.state.up.is_some_and(|u| dot(u.axis, up) > AGREES_COS);
    frame.yaw_rate_rad_s.filter(|_| agrees).or_else(|| Some(dot(frame.rate_rad_s?, up)))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::motion::{Acceleration, Direction, State};

    /// A frame of a phone lying level, its y axis forward, with or without the knowledge of that.
    pub(crate) fn frame(t_s: f64, long: f64, lat: f64, yaw: f64, speed: Option<f64>, forward: bool) -> Frame {
        let direction = |axis| Direction { axis, sigma_deg: 1.0 };
        Frame {
            state: State {
                t: MonoTime::from_seconds(t_s),
                speed_mps: speed,
                acceleration: forward.then_some(Acceleration {
                    long_mps2: long,
                    lat_mps2: lat,
                    vert_mps2: 0.0,
                    sigma_mps2: 0.1,
                }),
                up: Some(direction([0.0, 0.0, 1.0])),
                fwd: forward.then_some(direction([0.0, 1.0, 0.0])),
                ..State::default()
            },
            dt_s: 0.04,
            force_mps2: [-lat, long, G_MPS2],
            force_max_mps2: G_MPS2,
            rate_rad_s: Some([0.0, 0.0, yaw]),
            yaw_rate_rad_s: Some(yaw),
            mount: if forward { Mount::Fixed } else { Mount::Unknown },
            ..Frame::default()
        }
    }

    #[test]
    fn a_constant_acceleration_passes_the_filter_and_a_rattle_does_not() {
        for (hz, low, high) in [(0.0, 2.99, 3.01), (2.0, 1.9, 2.4), (8.0, 0.0, 0.6)] {
            let mut moments = Moments::default();
            let peak = (0..500)
                .filter_map(|i| {
                    let t = f64::from(i) * 0.04;
                    let a = 3.0 * libm::cos(2.0 * core::f64::consts::PI * hz * t);
                    let m = moments.step(&frame(t, a, 0.0, 0.0, None, true))?;
                    (t > 1.0).then_some(m.vehicle_mps2?[0].abs())
                })
                .fold(0.0, f64::max);
            assert!((low..=high).contains(&peak), "{hz} Hz: {peak}");
        }
    }

    #[test]
    fn without_forward_the_level_axes_hold_the_same_magnitude() {
        let mut moments = Moments::default();
        for i in 0..1500 {
            moments.step(&frame(f64::from(i) * 0.04, 0.0, 0.0, 0.0, None, false));
        }
        let m = (1500..1525).filter_map(|i| moments.step(&frame(f64::from(i) * 0.04, 3.0, 4.0, 0.0, None, false)));
        let m = m.last().unwrap();
        assert!(m.vehicle_mps2.is_none() && (m.moment.horizontal_mps2() - 5.0).abs() < 0.3, "{m:?}");
    }
}
