//! One frame of motion, reduced to what the detectors of manoeuvres look at: horizontal acceleration in the vehicle's
//! axes, or, while forward is not known, in two level axes of the phone; both low-passed at 2 Hz. Decides nothing.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::geo::LatLon;
use crate::motion::{Frame, Mount};
use crate::num::{G_MPS2, Vec3, axpy, cross, dot, unit};
use crate::sample::MonoTime;

/// Forward must be known this well (one sigma) for long and lateral to be told apart by it: at 15° a quarter of a
/// brake shows as cornering.
const FORWARD_SIGMA_MAX_DEG: f64 = 15.0;
/// Two cascaded first-order low-passes of this time constant fall to −3 dB at 2 Hz: manoeuvres pass, the road does not.
const SMOOTH_TAU_S: f64 = 0.0512;
/// Moments kept: 20 s at 25 Hz, the longest manoeuvre with what lies around it.
const KEPT: usize = 500;
/// A level axis is chosen anew when up comes within 26° of the phone axis it was made from.
const AXIS_COS_MAX: f64 = 0.9;

/// In which axes a moment is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Axes {
    /// Not even up is known.
    #[default]
    None,
    /// Two horizontal axes fixed in the phone: forward is not known.
    Level,
    /// Forward and left.
    Vehicle,
}

/// What happened at a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Moment {
    pub t: MonoTime,
    pub dt_s: f64,
    pub axes: Axes,
    /// Forward, left, up; or two level axes and up.
    pub raw_mps2: Vec3,
    /// The two horizontal ones after the low-pass.
    pub smooth_mps2: [f64; 2],
    /// To the left, after the same low-pass, so that the two keep step.
    pub yaw_rad_s: Option<f64>,
    pub speed_mps: Option<f64>,
    pub position: Option<LatLon>,
}

impl Moment {
    pub(super) fn horizontal_mps2(&self) -> f64 {
        let [a, b] = self.smooth_mps2;
        (a * a + b * b).sqrt()
    }
}

/// The last moments, and the filter that makes them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Moments {
    ring: VecDeque<Moment>,
    axes: Axes,
    mount_number: u32,
    phone_axis: usize,
    stage: [[f64; 3]; 2],
}

impl Moments {
    /// Takes a frame. `None` while not even up is known. The flag says that what came before cannot be compared with
    /// this: other axes, another mount, a hole.
    pub(super) fn step(&mut self, frame: &Frame) -> Option<(Moment, bool)> {
        let (axes, raw) = self.resolve(frame)?;
        let broken = axes != self.axes
            || frame.mount_number != self.mount_number
            || frame.dt_s <= 0.0
            || frame.mount == Mount::Handled;
        (self.axes, self.mount_number) = (axes, frame.mount_number);
        let [a, b, _] = raw;
        let up = frame.state.up.map(|u| u.axis);
        let yaw = frame.yaw_rate_rad_s.or_else(|| Some(dot(frame.rate_rad_s?, up?)));
        let mut x = [a, b, yaw.unwrap_or(0.0)];
        if broken {
            self.stage = [x; 2];
        }
        let gain = 1.0 - libm::exp(-frame.dt_s / SMOOTH_TAU_S);
        for stage in &mut self.stage {
            for (state, input) in stage.iter_mut().zip(x) {
                *state += gain * (input - *state);
            }
            x = *stage;
        }
        let [a, b, w] = x;
        let moment = Moment {
            t: frame.state.t,
            dt_s: frame.dt_s,
            axes,
            raw_mps2: raw,
            smooth_mps2: [a, b],
            yaw_rad_s: yaw.map(|_| w),
            speed_mps: frame.state.speed_mps,
            position: frame.state.position,
        };
        if self.ring.len() == KEPT {
            self.ring.pop_front();
        }
        self.ring.push_back(moment);
        Some((moment, broken))
    }

    /// Those from `from` to `to`, both included, in order of time.
    pub(super) fn between(&self, from: MonoTime, to: MonoTime) -> impl Iterator<Item = &Moment> {
        let first = self.ring.partition_point(|m| m.t < from);
        self.ring.range(first..).take_while(move |m| m.t <= to)
    }

    /// The last one not after `t`.
    pub(super) fn at(&self, t: MonoTime) -> Option<&Moment> {
        let after = self.ring.partition_point(|m| m.t <= t);
        self.ring.get(after.checked_sub(1)?)
    }

    fn resolve(&mut self, frame: &Frame) -> Option<(Axes, Vec3)> {
        let known = frame.state.fwd.is_some_and(|f| f.sigma_deg <= FORWARD_SIGMA_MAX_DEG);
        if let (Some(a), true) = (frame.state.acceleration, known) {
            return Some((Axes::Vehicle, [a.long_mps2, a.lat_mps2, a.vert_mps2]));
        }
        let up = frame.state.up?.axis;
        let (one, two) = self.level(up)?;
        let f = frame.force_mps2;
        Some((Axes::Level, [dot(f, one), dot(f, two), dot(f, up) - G_MPS2]))
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
                    let (m, _) = moments.step(&frame(t, a, 0.0, 0.0, None, true))?;
                    (t > 1.0).then_some(m.horizontal_mps2())
                })
                .fold(0.0, f64::max);
            assert!((low..=high).contains(&peak), "{hz} Hz: {peak}");
        }
    }

    #[test]
    fn without_forward_the_level_axes_hold_the_same_magnitude() {
        let mut moments = Moments::default();
        let m = (0..50).filter_map(|i| moments.step(&frame(f64::from(i) * 0.04, 3.0, 4.0, 0.0, None, false))).last();
        let (m, _) = m.unwrap();
        assert!(m.axes == Axes::Level && (m.horizontal_mps2() - 5.0).abs() < 1e-9, "{m:?}");
    }
}
