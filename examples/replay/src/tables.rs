//! The CSV files of a replay: one function per row.

use milepost_engine::contract::{GnssPlan, SensingPlan, StateRow, TrackPoint};
use milepost_engine::motion::Direction;

use crate::cells::{number, time, word};

/// Header of `states.csv`.
pub const STATES: &str = "t_s,lat,lon,pos_sigma_m,speed_mps,speed_sigma_mps,heading_deg,a_long_mps2,a_lat_mps2,a_vert_mps2,\
up_x,up_y,up_z,up_sigma_deg,fwd_x,fwd_y,fwd_z,fwd_sigma_deg,mode,mode_5s,mode_30s,trip_state\n";
/// Header of `track.csv`.
pub const TRACK: &str = "t_s,lat,lon,speed_mps,trip_id\n";
/// Header of `plan.csv`.
pub const PLAN: &str =
    "t_s,gnss,imu_hz,activity,wake_fence_lat,wake_fence_lon,wake_fence_radius_m,next_tick_t_s,reason\n";

/// A row of `states.csv`.
pub fn state(line: &mut String, row: &StateRow) {
    let s = &row.state;
    let a = s.acceleration;
    time(line, s.t);
    number(line, s.position.map(|p| p.lat_deg), 7);
    number(line, s.position.map(|p| p.lon_deg), 7);
    number(line, s.position_sigma_m, 2);
    number(line, s.speed_mps, 3);
    number(line, s.speed_sigma_mps, 3);
    number(line, s.heading_deg, 2);
    number(line, a.map(|a| a.long_mps2), 3);
    number(line, a.map(|a| a.lat_mps2), 3);
    number(line, a.map(|a| a.vert_mps2), 3);
    direction(line, s.up);
    direction(line, s.fwd);
    word(line, row.mode.name());
    word(line, row.mode_5s.name());
    word(line, row.mode_30s.name());
    word(line, row.trip_state.name());
    line.push('\n');
}

/// A row of `track.csv`.
pub fn track(line: &mut String, point: &TrackPoint, trip_id: &str) {
    time(line, point.t);
    number(line, Some(point.position.lat_deg), 7);
    number(line, Some(point.position.lon_deg), 7);
    number(line, point.speed_mps, 2);
    word(line, trip_id);
    line.push('\n');
}

/// A row of `plan.csv`.
pub fn plan(line: &mut String, plan: &SensingPlan) {
    time(line, plan.t);
    match plan.gnss {
        GnssPlan::Off => word(line, "off"),
        GnssPlan::LowPower => word(line, "low_power"),
        GnssPlan::Every(s) => number(line, Some(s), 1),
    }
    number(line, Some(f64::from(plan.imu_hz)), 0);
    word(line, if plan.activity { "on" } else { "off" });
    number(line, plan.wake_fence.map(|f| f.centre.lat_deg), 7);
    number(line, plan.wake_fence.map(|f| f.centre.lon_deg), 7);
    number(line, plan.wake_fence.map(|f| f.radius_m), 0);
    line.push(',');
    if let Some(t) = plan.next_tick {
        time(line, t);
    }
    word(line, plan.reason.name());
    line.push('\n');
}

fn direction(line: &mut String, direction: Option<Direction>) {
    let axis = direction.map(|d| d.axis);
    number(line, axis.map(|[x, _, _]| x), 5);
    number(line, axis.map(|[_, y, _]| y), 5);
    number(line, axis.map(|[_, _, z]| z), 5);
    number(line, direction.map(|d| d.sigma_deg), 2);
}
