//! Rows of the CSV files. Readings are written so that reading them back gives the very same numbers.

use std::io::{self, Write};

use milepost_engine::parse::{Named, write as name_signal};
use milepost_engine::sample::{Fix, ImuSample, MonoTime, NS_PER_S, Signal};

use crate::truth::TrueState;

pub(super) const IMU: &str = "t_s,ax,ay,az,gx,gy,gz";
pub(super) const GNSS: &str = "t_s,lat,lon,alt_m,speed_mps,bearing_deg,hacc_m,arrived_t_s";
pub(super) const SIGNALS: &str = "t_s,kind,value,confidence";
pub(super) const STATES: &str =
    "t,lat,lon,speed,heading_deg,a_long,a_lat,a_vert,up_x,up_y,up_z,fwd_x,fwd_y,fwd_z,mount,limit";

/// Seconds to the microsecond, which is what the world's stamps are whole in.
fn time(out: &mut impl Write, t: MonoTime) -> io::Result<()> {
    let micros = (t.0 % NS_PER_S) / 1000;
    write!(out, "{}.{micros:06}", t.0 / NS_PER_S)
}

fn cell<T: std::fmt::Display>(out: &mut impl Write, value: Option<T>) -> io::Result<()> {
    match value {
        Some(value) => write!(out, ",{value}"),
        None => write!(out, ","),
    }
}

pub(super) fn imu(out: &mut impl Write, sample: &ImuSample) -> io::Result<()> {
    time(out, sample.t)?;
    let [x, y, z] = sample.force_mps2;
    write!(out, ",{x},{y},{z}")?;
    match sample.rate_rad_s {
        Some([x, y, z]) => writeln!(out, ",{x},{y},{z}"),
        None => writeln!(out, ",,,"),
    }
}

pub(super) fn fix(out: &mut impl Write, fix: &Fix) -> io::Result<()> {
    time(out, fix.t)?;
    write!(out, ",{},{}", fix.lat_deg, fix.lon_deg)?;
    for value in [fix.alt_m, fix.speed_mps, fix.bearing_deg, fix.hacc_m] {
        cell(out, value)?;
    }
    write!(out, ",")?;
    if let Some(arrived) = fix.arrived {
        time(out, arrived)?;
    }
    writeln!(out)
}

pub(super) fn signal(out: &mut impl Write, t: MonoTime, signal: Signal) -> io::Result<()> {
    let (kind, value, confidence) = name_signal(&Named::Signal(signal));
    time(out, t)?;
    write!(out, ",{kind},{value}")?;
    cell(out, confidence)?;
    writeln!(out)
}

pub(super) fn state(out: &mut impl Write, s: &TrueState) -> io::Result<()> {
    time(out, s.t)?;
    write!(out, ",{:.8},{:.8},{:.4},{:.2}", s.position.lat_deg, s.position.lon_deg, s.speed_mps, s.heading_deg)?;
    write!(out, ",{:.4},{:.4},{:.4}", s.a_long_mps2, s.a_lat_mps2, s.a_vert_mps2)?;
    for axis in [s.up, s.fwd] {
        let [x, y, z] = axis;
        write!(out, ",{x:.6},{y:.6},{z:.6}")?;
    }
    write!(out, ",{}", s.mount)?;
    match s.limit_mps {
        Some(limit) => writeln!(out, ",{limit:.3}"),
        None => writeln!(out, ","),
    }
}
