//! A small drive with truth, for tests of motion alone: phone-class errors on a road with lights, bends and hills.

use milepost_engine::geo::{LatLon, shifted};
use milepost_engine::num::{Vec3, axpy, cross, dot, scale, unit};
use milepost_engine::sample::{Fix, ImuSample, MonoTime};

/// Samples a second inside the world.
pub const HZ: f64 = 100.0;

/// SplitMix64.
pub struct Rng(u64);

impl Rng {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x1234_5678)
    }
    pub fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }
    pub fn range(&mut self, a: f64, b: f64) -> f64 {
        a + (b - a) * self.uniform()
    }
    pub fn normal(&mut self) -> f64 {
        let (a, b) = (self.uniform().max(1e-300), self.uniform());
        (-2.0 * libm::log(a)).sqrt() * libm::cos(std::f64::consts::TAU * b)
    }
    pub fn direction(&mut self) -> Vec3 {
        unit([self.normal(), self.normal(), self.normal()]).unwrap()
    }
}

/// The truth at a sample.
#[derive(Clone, Copy, Debug)]
pub struct Truth {
    pub t_s: f64,
    pub speed: f64,
    /// Radians counter-clockwise from east.
    pub psi: f64,
    pub east: f64,
    pub north: f64,
    pub a_long: f64,
    pub a_lat: f64,
    /// In the phone frame.
    pub up: Vec3,
    pub fwd: Vec3,
}

/// How the world is.
#[derive(Clone, Debug)]
pub struct Options {
    pub seed: u64,
    pub seconds: f64,
    pub fix_every_s: f64,
    pub noisy: bool,
    /// Seconds without fixes.
    pub outages: Vec<(f64, f64)>,
    pub speed_lag_s: Option<f64>,
    pub position_lag_s: Option<f64>,
    /// Forward and up of the vehicle in the phone frame; random if none.
    pub mount: Option<(Vec3, Vec3)>,
    pub start_t_s: f64,
}

impl Options {
    pub fn seed(seed: u64) -> Self {
        Self {
            seed,
            seconds: 600.0,
            fix_every_s: 1.0,
            noisy: true,
            outages: Vec::new(),
            speed_lag_s: None,
            position_lag_s: None,
            mount: None,
            start_t_s: 1000.0,
        }
    }
}

/// What was driven.
pub struct Drive {
    pub imu: Vec<ImuSample>,
    pub fixes: Vec<Fix>,
    pub truth: Vec<Truth>,
    pub speed_lag_s: f64,
    pub position_lag_s: f64,
    pub start_t_s: f64,
}

/// Where the drive begins.
pub const ORIGIN: LatLon = LatLon { lat_deg: 48.2, lon_deg: 11.6 };

/// Drives.
pub fn drive(o: &Options) -> Drive {
    let mut rng = Rng::new(o.seed);
    let (bf, bu) = o.mount.unwrap_or_else(|| {
        let u = rng.direction();
        let d = rng.direction();
        (unit(axpy(d, -dot(d, u), u)).unwrap(), u)
    });
    let bl = cross(bu, bf);
    let on = if o.noisy { 1.0 } else { 0.0 };
    let gyro_bias: Vec3 = [0; 3].map(|_| on * rng.range(-0.008, 0.008));
    let force_bias: Vec3 = [0; 3].map(|_| on * rng.range(-0.08, 0.08));
    let drawn = rng.range(0.0, 2.2);
    let with = rng.uniform() < 0.5;
    let speed_lag_s = o.speed_lag_s.unwrap_or(drawn);
    let position_lag_s = o.position_lag_s.unwrap_or(if with { speed_lag_s } else { 0.0 });
    let n = (o.seconds * HZ) as usize;
    let dt = 1.0 / HZ;
    let (mut v, mut a, mut psi, mut east, mut north) = (0.0f64, 0.0f64, rng.range(-3.0, 3.0), 0.0, 0.0);
    let (mut target, mut until, mut rate_to) = (0.0, rng.range(3.0, 20.0), 1.5);
    let (mut turn_left, mut turn_rate, mut bend) = (0.0f64, 0.0f64, 0.0f64);
    let mut r = 0.0f64;
    let (mut grade, mut pitch_s, mut roll_s, mut cross_fall) = (0.0f64, 0.0f64, 0.0f64, 0.0f64);
    let mut phase = [0; 6].map(|_| rng.range(0.0, 6.0));
    let mut hz = [0; 6].map(|_| rng.range(4.0, 35.0));
    let mut before: Option<(f64, f64)> = None;
    let (mut imu, mut truth) = (Vec::with_capacity(n), Vec::with_capacity(n));
    for i in 0..n {
        let t = i as f64 * dt;
        if t > until {
            let top = if rng.uniform() < 0.3 { 33.0 } else { 17.0 };
            target = if rng.uniform() < 0.3 { 0.0 } else { rng.range(6.0, top) };
            rate_to = rng.range(0.8, 3.2);
            until = t + (v - target).abs() / rate_to + rng.range(8.0, 45.0);
        }
        let want = ((target - v) * 0.8).clamp(-rate_to, rate_to * 0.8);
        a += (want - a) * dt / 0.5;
        if v <= 0.0 && a < 0.0 {
            a = 0.0;
        }
        if turn_left <= 0.0 && v > 3.0 && rng.uniform() < dt / 25.0 {
            let a_lat = rng.range(0.8, 3.0);
            turn_rate = (a_lat / v).min(0.5) * if rng.uniform() < 0.5 { 1.0 } else { -1.0 };
            turn_left = if v < 12.0 { rng.range(0.5, 1.6) } else { rng.range(0.05, 0.4) };
        }
        bend += (-bend * 0.05 + 0.3 * rng.normal() * 0.32 / dt.sqrt() * 0.1) * dt;
        let mut want_r = (bend * 0.02) * (v / 10.0).min(1.0);
        if turn_left > 0.0 && v > 0.5 {
            want_r += turn_rate;
            turn_left -= turn_rate.abs() * dt;
        }
        if v < 0.3 {
            want_r = 0.0;
        }
        r += (want_r - r) * dt / 0.4;
        if v < 0.05 {
            r = 0.0;
        }
        v = (v + a * dt).max(0.0);
        let (sin, cos) = libm::sincos(psi);
        east += v * cos * dt;
        north += v * sin * dt;
        psi += r * dt;
        let a_lat = v * r;
        grade += -grade * v * dt / 250.0 + 0.03 * (2.0 * v * dt / 250.0).sqrt() * rng.normal();
        pitch_s += (0.006 * a - pitch_s) * dt / 0.3;
        roll_s += (0.008 * a_lat - roll_s) * dt / 0.3;
        cross_fall += -cross_fall * v * dt / 100.0 + 0.015 * (2.0 * v * dt / 100.0).sqrt() * rng.normal();
        // Nose up and right side down; level axes in the body's.
        let (pitch, roll) = (libm::atan(grade) + pitch_s, roll_s + cross_fall);
        let (sp, cp) = libm::sincos(pitch);
        let (sr, cr) = libm::sincos(roll);
        // Body axes (x forward, y left, z up) in the level frame.
        let bx = [cp, 0.0, sp];
        let by = [0.0, cr, sr];
        let by = unit(axpy(by, -dot(by, bx), bx)).unwrap();
        let bz = cross(bx, by);
        let acc = [a, a_lat, 9.80665];
        let f = [dot(acc, bx), dot(acc, by), dot(acc, bz)];
        let (dp, dr) = before.map_or((0.0, 0.0), |(p, q)| ((pitch - p) / dt, (roll - q) / dt));
        before = Some((pitch, roll));
        // Level rates: yaw about z; nose up is a turn about −y; left side up is a turn about x.
        let w_level = axpy(axpy([0.0, 0.0, r], -dp, [0.0, 1.0, 0.0]), dr, bx);
        let w = [dot(w_level, bx), dot(w_level, by), dot(w_level, bz)];
        let phone = |x: Vec3| axpy(axpy(scale(x[0], bf), x[1], bl), x[2], bu);
        let mut force = phone(f);
        let mut rate = phone(w);
        if o.noisy {
            for k in 0..6 {
                hz[k] = (hz[k] + 0.5 * rng.normal() * dt.sqrt()).clamp(4.0, 35.0);
                phase[k] += std::f64::consts::TAU * hz[k] * dt;
            }
            let (va, vg) = (0.05 + 0.012 * v, 0.002 + 0.0006 * v);
            for k in 0..3 {
                force[k] += force_bias[k] + 0.03 * rng.normal() + 1.41 * va * libm::sin(phase[k]);
                rate[k] += gyro_bias[k] + 0.002 * rng.normal() + 1.41 * vg * libm::sin(phase[k + 3]);
            }
        }
        imu.push(ImuSample {
            t: MonoTime::from_seconds(o.start_t_s + t),
            force_mps2: force.map(|x| x as f32),
            rate_rad_s: Some(rate.map(|x| x as f32)),
        });
        let level_up = [bx[2], by[2], bz[2]];
        let level_fwd = [bx[0], by[0], bz[0]];
        truth.push(Truth {
            t_s: o.start_t_s + t,
            speed: v,
            psi,
            east,
            north,
            a_long: a,
            a_lat,
            up: phone(level_up),
            fwd: phone(level_fwd),
        });
    }
    let (mut ge, mut gn) = (on * 3.0 * rng.normal(), on * 3.0 * rng.normal());
    let mut fixes = Vec::new();
    let mut t = 3.0;
    while t < o.seconds - 0.1 {
        let keep = libm::exp(-o.fix_every_s / 60.0);
        ge = keep * ge + on * 3.0 * (1.0 - keep * keep).sqrt() * rng.normal();
        gn = keep * gn + on * 3.0 * (1.0 - keep * keep).sqrt() * rng.normal();
        let at = |lag: f64| truth[((t - lag).max(0.0) * HZ) as usize];
        let (p, s) = (at(position_lag_s), at(speed_lag_s));
        let place = shifted(ORIGIN, p.east + ge + on * 0.6 * rng.normal(), p.north + gn + on * 0.6 * rng.normal());
        let speed = (s.speed + on * 0.15 * rng.normal()).max(0.0);
        let course = s.psi + on * (0.02 + 0.15 / speed.max(0.3)) * rng.normal();
        if !o.outages.iter().any(|&(a, b)| t >= a && t < b) {
            fixes.push(Fix {
                t: MonoTime::from_seconds(o.start_t_s + t),
                lat_deg: place.lat_deg,
                lon_deg: place.lon_deg,
                alt_m: None,
                speed_mps: Some(speed as f32),
                bearing_deg: (speed > 1.0).then_some((90.0 - course.to_degrees()).rem_euclid(360.0) as f32),
                hacc_m: Some(4.0),
                arrived: None,
                wall_ms: None,
                mock: false,
            });
        }
        t += o.fix_every_s;
    }
    Drive { imu, fixes, truth, speed_lag_s, position_lag_s, start_t_s: o.start_t_s }
}
