//! The last moments, each in 48 bytes: whole numbers of units that are finer than anything asked of them. What a moment
//! is, `moment` says.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::geo::LatLon;
use crate::packing::{Row, ring, short, whole};
use crate::sample::MonoTime;

use super::moment::Moment;

/// Moments kept: 20 s at 25 Hz, the longest manoeuvre with what lies around it, a crash with what is asked before and
/// after.
const KEPT: usize = 500;
/// Of the raw acceleration, per m/s²: the waveform's cm/s².
const PER_RAW: f64 = 100.0;
/// Of the low-passed acceleration, per m/s²: up to 32.
const PER_LEVEL: f64 = 500.0;
/// Of the yaw rate, per rad/s: up to 8.
const PER_YAW: f64 = 4096.0;
/// Of the force, per m/s²: up to 327, twice the 16 g of a phone's sensor, a tenth of its noise.
const PER_FORCE: f64 = 100.0;
/// Of the speed, per m/s.
const PER_SPEED: f64 = 100.0;
/// Of the position, per degree: what records have of it.
const PER_DEGREE: f64 = 1e7;
/// Of a unit vector.
const PER_UNIT: f64 = 32_767.0;

const HANDLED: u8 = 1;
const IN_HAND: u8 = 2;
const IN_VEHICLE: u8 = 4;
const HAS_YAW: u8 = 8;
const HAS_SPEED: u8 = 16;
const HAS_POSITION: u8 = 32;
/// Nobody knows what was before it.
const AFTER_HOLE: u8 = 64;

/// Numbers of a moment that is packed into a snapshot.
const NUMBERS: usize = 18;

/// A moment. Its length is had from the one before.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Packed {
    t: MonoTime,
    position: [i32; 2],
    raw: [i16; 3],
    level: [i16; 2],
    yaw: i16,
    force: [i16; 3],
    force_max: u16,
    up: [i16; 3],
    speed: u16,
    flags: u8,
}

/// The ring.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Past {
    #[serde(with = "ring")]
    ring: VecDeque<Packed>,
}

impl Past {
    /// The newest moment.
    pub(super) fn push(&mut self, moment: &Moment) {
        if self.ring.len() == KEPT {
            self.ring.pop_front();
        }
        self.ring.push_back(Packed::of(moment));
    }

    /// Those from `from` to `to`, both included, in order of time.
    pub(super) fn between(&self, from: MonoTime, to: MonoTime) -> impl Iterator<Item = Moment> {
        let first = self.ring.partition_point(|m| m.t < from);
        let mut before = first.checked_sub(1).and_then(|i| self.ring.get(i)).map(|m| m.t);
        self.ring.range(first..).take_while(move |m| m.t <= to).map(move |m| m.moment(before.replace(m.t)))
    }

    /// The last one not after `t`.
    pub(super) fn at(&self, t: MonoTime) -> Option<Moment> {
        let i = self.ring.partition_point(|m| m.t <= t).checked_sub(1)?;
        let before = i.checked_sub(1).and_then(|i| self.ring.get(i)).map(|m| m.t);
        Some(self.ring.get(i)?.moment(before))
    }
}

impl Packed {
    fn of(m: &Moment) -> Self {
        let flag = |is: bool, flag: u8| if is { flag } else { 0 };
        Self {
            t: m.t,
            position: m.position.map_or([0; 2], |p| [whole(p.lat_deg * PER_DEGREE), whole(p.lon_deg * PER_DEGREE)]),
            raw: m.raw_mps2.map(|a| short(a * PER_RAW)),
            level: m.level_mps2.map(|a| short(a * PER_LEVEL)),
            yaw: m.yaw_rad_s.map_or(0, |w| short(w * PER_YAW)),
            force: m.force_mps2.map(|f| short(f * PER_FORCE)),
            force_max: whole(m.force_max_mps2 * PER_FORCE).clamp(0, 0xffff) as u16,
            up: m.up.map(|u| short(u * PER_UNIT)),
            speed: m.speed_mps.map_or(0, |v| whole(v * PER_SPEED).clamp(0, 0xffff) as u16),
            flags: flag(m.handled, HANDLED)
                | flag(m.in_hand, IN_HAND)
                | flag(m.in_vehicle, IN_VEHICLE)
                | flag(m.yaw_rad_s.is_some(), HAS_YAW)
                | flag(m.speed_mps.is_some(), HAS_SPEED)
                | flag(m.position.is_some(), HAS_POSITION)
                | flag(m.dt_s <= 0.0, AFTER_HOLE),
        }
    }

    fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    fn moment(&self, before: Option<MonoTime>) -> Moment {
        let [lat, lon] = self.position.map(|p| f64::from(p) / PER_DEGREE);
        Moment {
            t: self.t,
            dt_s: before.filter(|_| !self.has(AFTER_HOLE)).map_or(0.0, |before| self.t.since(before)),
            raw_mps2: self.raw.map(|a| f64::from(a) / PER_RAW),
            level_mps2: self.level.map(|a| f64::from(a) / PER_LEVEL),
            in_vehicle: self.has(IN_VEHICLE),
            yaw_rad_s: self.has(HAS_YAW).then(|| f64::from(self.yaw) / PER_YAW),
            force_mps2: self.force.map(|f| f64::from(f) / PER_FORCE),
            force_max_mps2: f64::from(self.force_max) / PER_FORCE,
            up: self.up.map(|u| f64::from(u) / PER_UNIT),
            handled: self.has(HANDLED),
            in_hand: self.has(IN_HAND),
            speed_mps: self.has(HAS_SPEED).then(|| f64::from(self.speed) / PER_SPEED),
            position: self.has(HAS_POSITION).then_some(LatLon { lat_deg: lat, lon_deg: lon }),
        }
    }
}

impl Row<NUMBERS> for Packed {
    fn row(&self) -> [i64; NUMBERS] {
        let [lat, lon] = self.position.map(i64::from);
        let [r0, r1, r2] = self.raw.map(i64::from);
        let [l0, l1] = self.level.map(i64::from);
        let [f0, f1, f2] = self.force.map(i64::from);
        let [u0, u1, u2] = self.up.map(i64::from);
        let (yaw, max) = (i64::from(self.yaw), i64::from(self.force_max));
        let (speed, flags) = (i64::from(self.speed), i64::from(self.flags));
        [self.t.0, lat, lon, r0, r1, r2, l0, l1, yaw, f0, f1, f2, max, u0, u1, u2, speed, flags]
    }

    fn from_row(row: [i64; NUMBERS]) -> Option<Self> {
        let [t, lat, lon, r0, r1, r2, l0, l1, yaw, f0, f1, f2, max, u0, u1, u2, speed, flags] = row;
        let short = |x: i64| i16::try_from(x).ok();
        Some(Self {
            t: MonoTime(t),
            position: [lat.try_into().ok()?, lon.try_into().ok()?],
            raw: [short(r0)?, short(r1)?, short(r2)?],
            level: [short(l0)?, short(l1)?],
            yaw: short(yaw)?,
            force: [short(f0)?, short(f1)?, short(f2)?],
            force_max: max.try_into().ok()?,
            up: [short(u0)?, short(u1)?, short(u2)?],
            speed: speed.try_into().ok()?,
            flags: flags.try_into().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(i: i32) -> Moment {
        let t = f64::from(i) * 0.04;
        Moment {
            t: MonoTime::from_seconds(t),
            dt_s: if i == 0 { 0.0 } else { 0.04 },
            raw_mps2: [t, -3.217, 0.004],
            level_mps2: [1.2345, -31.0],
            yaw_rad_s: (i % 2 == 0).then_some(-0.31),
            force_mps2: [0.12, -9.8, 157.0],
            force_max_mps2: 271.8,
            up: [0.6, 0.0, 0.8],
            in_vehicle: i % 3 == 0,
            handled: i % 5 == 0,
            in_hand: i % 7 == 0,
            speed_mps: Some(13.37),
            position: Some(LatLon { lat_deg: -33.8675, lon_deg: 179.999_999 }),
        }
    }

    #[test]
    fn given_a_full_ring_then_moments_come_back_finer_than_anybody_looks() {
        let mut past = Past::default();
        (0..600).for_each(|i| past.push(&moment(i)));
        let (from, to) = (MonoTime::from_seconds(10.0), MonoTime::from_seconds(20.0));
        assert_eq!(past.between(from, to).count(), 251);
        for (m, i) in past.between(from, to).zip(250..) {
            let whole = moment(i);
            assert_eq!(
                (m.t, m.yaw_rad_s.is_some(), m.in_vehicle),
                (whole.t, whole.yaw_rad_s.is_some(), whole.in_vehicle)
            );
            assert_eq!((m.handled, m.in_hand), (whole.handled, whole.in_hand));
            assert!((m.dt_s - 0.04).abs() < 1e-9);
            for (a, b) in
                m.raw_mps2.into_iter().chain(m.force_mps2).zip(whole.raw_mps2.into_iter().chain(whole.force_mps2))
            {
                assert!((a - b).abs() <= 0.005_01, "{m:?}");
            }
            assert!((m.position.unwrap().lon_deg - 179.999_999).abs() < 1e-7 && m.speed_mps == Some(13.37), "{m:?}");
        }
        assert_eq!(past.at(MonoTime::from_seconds(3.0)), None);
    }

    #[test]
    fn given_a_snapshot_then_it_is_the_same_ring_in_half_the_room() {
        let mut past = Past::default();
        (0..600).for_each(|i| past.push(&moment(i)));
        let bytes = postcard::to_allocvec(&past).unwrap();
        assert!(bytes.len() < KEPT * size_of::<Packed>() / 2, "{} bytes", bytes.len());
        let back: Past = postcard::from_bytes(&bytes).unwrap();
        assert_eq!(back.ring, past.ring);
    }
}
