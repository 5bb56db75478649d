//! When it was driven: how much of a trip lay in the night, how much in the rush hours, and for how long the driver had
//! been at the wheel without a break. Facts of a trip; no score rests on them.

use serde::{Deserialize, Serialize};

use crate::record::Mode;
use crate::sample::MonoTime;
use crate::trip::TripFacts;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Between 23:00 and 05:00 most fatal crashes per kilometre happen (EU Care database).
const NIGHT_MS: (i64, i64) = (23 * HOUR_MS, 6 * HOUR_MS);
/// The two rush hours: when each begins, and how long it lasts.
const RUSH_MS: [(i64, i64); 2] = [(7 * HOUR_MS, 2 * HOUR_MS), (16 * HOUR_MS, 3 * HOUR_MS)];
/// The first of January 1970 was a Thursday; weekends have no rush hour.
const THURSDAY: i64 = 3;
const WORKDAYS: i64 = 5;
/// Standing for so long is a break: the shortest that counts in Regulation (EC) 561/2006.
const BREAK_S: f64 = 900.0;

/// Seconds of `start_ms..end_ms` (epoch) in the night, local time.
pub fn night_s(start_ms: i64, end_ms: i64, utc_offset_min: i32) -> f64 {
    daily_s(local_ms(start_ms, utc_offset_min), local_ms(end_ms, utc_offset_min), NIGHT_MS)
}

/// Seconds of `start_ms..end_ms` (epoch) between 7 and 9 and between 16 and 19 on workdays, local time.
pub fn rush_hour_s(start_ms: i64, end_ms: i64, utc_offset_min: i32) -> f64 {
    /// A trip of more days than this is none.
    const DAYS_MAX: i64 = 31;
    let (start, end) = (local_ms(start_ms, utc_offset_min), local_ms(end_ms, utc_offset_min));
    let (first, last) = (start.div_euclid(DAY_MS), end.div_euclid(DAY_MS));
    let workday = |day: &i64| (day + THURSDAY).rem_euclid(7) < WORKDAYS;
    let days = (first..=last.min(first.saturating_add(DAYS_MAX))).filter(workday);
    days.map(|day| {
        let (from, to) = (start.max(day * DAY_MS), end.min((day + 1) * DAY_MS));
        RUSH_MS.into_iter().map(|rush| daily_s(from, to.max(from), rush)).sum::<f64>()
    })
    .sum()
}

/// Time at the wheel since the last break.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct AtWheel {
    last: Option<Shift>,
}

/// Up to the end of the last trip.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Shift {
    trip: u64,
    end: MonoTime,
    /// Before that trip, and with it.
    before_s: f64,
    with_s: f64,
}

impl AtWheel {
    /// A trip ended, or was revised after its end. Returns the seconds at the wheel since the last break, this trip
    /// included.
    pub fn ended(&mut self, facts: &TripFacts, end: MonoTime) -> f64 {
        let before_s = match self.last {
            Some(last) if last.trip == facts.number => last.before_s,
            Some(last) if facts.start.since(last.end) < BREAK_S => last.with_s,
            Some(_) | None => 0.0,
        };
        let driven = facts.legs.iter().filter(|leg| drives(leg.mode));
        let with_s = before_s + driven.map(|leg| leg.end.since(leg.start).max(0.0)).sum::<f64>();
        self.last = Some(Shift { trip: facts.number, end, before_s, with_s });
        with_s
    }

    /// The axis of time broke: nobody knows for how long the phone was off.
    pub fn restart(&mut self) {
        self.last = None;
    }
}

fn drives(mode: Mode) -> bool {
    match mode {
        Mode::Automotive | Mode::Cycling | Mode::Unknown => true,
        Mode::Still | Mode::Walking | Mode::Running | Mode::Bus | Mode::Rail => false,
    }
}

fn local_ms(ms: i64, utc_offset_min: i32) -> i64 {
    ms.saturating_add(i64::from(utc_offset_min) * 60_000)
}

/// Seconds of a local time in a part of every day that begins then and lasts so long.
fn daily_s(start_ms: i64, end_ms: i64, (begins, lasts): (i64, i64)) -> f64 {
    // From some day on: whole days count all of it, the broken one what it has of it.
    let in_all = |ms: i64| {
        let ms = ms.saturating_sub(begins);
        ms.div_euclid(DAY_MS).saturating_mul(lasts) + ms.rem_euclid(DAY_MS).min(lasts)
    };
    in_all(end_ms).saturating_sub(in_all(start_ms)).max(0) as f64 / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trip::{EndReason, LegFacts, TripStatusFacts};

    #[test]
    fn nights_are_local() {
        assert_eq!(night_s(22 * HOUR_MS, 24 * HOUR_MS, 0), 3600.0);
        assert_eq!(night_s(22 * HOUR_MS, 24 * HOUR_MS, 60), 7200.0);
        assert_eq!(night_s(0, 48 * HOUR_MS, -300), 12.0 * 3600.0);
        assert_eq!(night_s(12 * HOUR_MS, 13 * HOUR_MS, 0), 0.0);
    }

    #[test]
    fn rush_hours_are_local_and_on_workdays() {
        let saturday = 2 * DAY_MS;
        assert_eq!(rush_hour_s(6 * HOUR_MS, 8 * HOUR_MS, 0), 3600.0);
        assert_eq!(rush_hour_s(5 * HOUR_MS, 7 * HOUR_MS, 60), 3600.0);
        assert_eq!(rush_hour_s(0, DAY_MS, 0), 5.0 * 3600.0);
        assert_eq!(rush_hour_s(saturday, saturday + 2 * DAY_MS, 0), 0.0);
        assert_eq!(rush_hour_s(0, 7 * DAY_MS, 0), 25.0 * 3600.0);
        assert_eq!(rush_hour_s(i64::MIN, i64::MAX, 1440).min(0.0), 0.0, "no overflow");
    }

    #[test]
    fn time_at_the_wheel_adds_up_until_a_break() {
        let mut wheel = AtWheel::default();
        let mut trip = |number, start_s: f64, end_s: f64| {
            let (start, end) = (MonoTime::from_seconds(start_s), MonoTime::from_seconds(end_s));
            let facts = TripFacts {
                number,
                status: TripStatusFacts::Ended(EndReason::StopTimeout),
                start,
                end: Some(end),
                start_inferred: false,
                missed_start_m: None,
                mode: Mode::Automotive,
                distance_m: 1.0,
                max_speed_mps: None,
                start_position: None,
                end_position: None,
                legs: vec![LegFacts { mode: Mode::Automotive, start, end, distance_m: 1.0 }],
                tags: Vec::new(),
                external_id: None,
            };
            wheel.ended(&facts, end)
        };
        assert_eq!(trip(1, 0.0, 3_600.0), 3_600.0);
        assert_eq!(trip(2, 4_000.0, 5_000.0), 4_600.0);
        assert_eq!(trip(2, 4_000.0, 5_500.0), 5_100.0, "revised, not counted twice");
        assert_eq!(trip(3, 7_000.0, 7_100.0), 100.0, "after a break");
    }
}
