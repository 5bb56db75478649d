//! Finds manoeuvres in horizontal acceleration: stretches above a threshold, by axis where forward is known, by
//! magnitude where it is not. What a stretch is, `lateral` and `no_frame` say; whether GNSS agrees, `confirm`.

use serde::{Deserialize, Serialize};

use crate::geo::LatLon;
use crate::num::Vec3;
use crate::sample::MonoTime;

use super::config::BehaviourConfig;
use super::hysteresis::{Hysteresis, Levels, Stretch};
use super::moment::{Moments, Now};
use super::yaw::Turning;
use super::{corner, no_frame};

/// A manoeuvre is over its threshold for so long in all. Ordinary accelerations end just below it, and noise lifts
/// single frames.
const REACH_S: f64 = 0.2;
/// A hand so close to a manoeuvre may be what was felt.
const HAND_S: f64 = 1.0;
/// Turning is looked at with so much around a stretch: yaw leads and trails lateral acceleration.
pub(super) const AROUND_S: f64 = 0.5;

/// What a manoeuvre looks like before GNSS was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Guess {
    Brake,
    Acceleration,
    /// One of the two: the sign of forward is not known.
    Longitudinal,
    Corner,
    /// A corner, if GNSS saw one: there is no gyroscope.
    CornerBlind,
    Swerve,
}

/// A manoeuvre.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Found {
    pub guess: Guess,
    pub start: MonoTime,
    pub peak: MonoTime,
    pub end: MonoTime,
    pub peak_mps2: f64,
    /// Integral of the acceleration: the change of speed, for a brake.
    pub impulse_mps: f64,
    /// The speed at which its lateral acceleration and its yaw rate fit.
    pub turn_speed_mps: Option<f64>,
    pub heading_change_deg: Option<f64>,
    pub in_vehicle_axes: bool,
    /// The phone seemed to be in a hand: where up was, to see whether it lies the same afterwards.
    pub shaky: Option<Vec3>,
    /// It was.
    pub in_hand: bool,
    pub speed_in_mps: Option<f64>,
    pub speed_out_mps: Option<f64>,
    pub position: Option<LatLon>,
}

impl Found {
    /// A stretch of moments, with what lies around it.
    pub(super) fn of(stretch: &Stretch, guess: Guess, moments: &Moments) -> Self {
        let turning = turning(stretch, moments);
        let peak = moments.at(stretch.peak_t);
        let (from, to) = (stretch.start.plus(-HAND_S), stretch.end.plus(HAND_S));
        let handled = moments.between(from, to).any(|m| m.handled);
        Found {
            guess,
            start: stretch.start,
            peak: stretch.peak_t,
            end: stretch.end,
            peak_mps2: stretch.peak,
            impulse_mps: stretch.sum,
            turn_speed_mps: turning.speed_mps(),
            heading_change_deg: turning.heading_change_deg(),
            in_vehicle_axes: guess != Guess::Longitudinal && peak.is_some_and(|m| m.in_vehicle),
            shaky: handled.then(|| moments.at(stretch.start).map(|m| m.up)).flatten(),
            in_hand: moments.between(from, to).any(|m| m.in_hand),
            speed_in_mps: moments.at(stretch.start).and_then(|m| m.speed_mps),
            speed_out_mps: moments.at(stretch.end).and_then(|m| m.speed_mps),
            position: peak.and_then(|m| m.position),
        }
    }
}

/// The detectors.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Harsh {
    brake: Hysteresis,
    acceleration: Hysteresis,
    lateral: Hysteresis,
    level: Hysteresis,
}

impl Harsh {
    /// Takes a moment; hands out what came to its end.
    pub(super) fn step(
        &mut self,
        config: &BehaviourConfig,
        moments: &Moments,
        now: &Now,
        mut found: impl FnMut(Found),
    ) {
        let moment = &now.moment;
        if moment.dt_s <= 0.0 {
            // A hole: what was open is judged as it was.
            self.finish(config, moments, &mut found);
        }
        let levels = |enter| levels(config, enter);
        let (t, dt) = (moment.t, moment.dt_s);
        if let Some([long, lat]) = now.vehicle_mps2 {
            if let Some(s) = self.brake.step(levels(config.brake_mps2), t, dt, -long) {
                found(Found::of(&s, Guess::Brake, moments));
            }
            if let Some(s) = self.acceleration.step(levels(config.acceleration_mps2), t, dt, long) {
                found(Found::of(&s, Guess::Acceleration, moments));
            }
            let enter = config.corner_mps2.min(config.swerve_mps2);
            if let Some(s) = self.lateral.step(levels(enter), t, dt, lat.abs()) {
                match corner::judge(config, &s, moments) {
                    Some(guess) => found(Found::of(&s, guess, moments)),
                    // Sideways without turning: then it was not sideways, and forward is not where it was thought.
                    None => no_frame::judge(config, &s, moments, &mut found),
                }
            }
        } else if moment.yaw_rad_s.is_none() {
            // Of a stretch without forward and gyroscope nothing can be said: what was felt by axis is all there is.
            self.finish_vehicle(config, moments, &mut found);
        } else {
            self.clear_vehicle();
        }
        if let Some(s) = self.level.step(any(config), t, dt, moment.horizontal_mps2()) {
            self.without_frame(config, &s, moments, &mut found);
        }
    }

    /// Stretches all along which forward was known are the business of the detectors by axis.
    fn without_frame(
        &self,
        config: &BehaviourConfig,
        stretch: &Stretch,
        moments: &Moments,
        found: &mut impl FnMut(Found),
    ) {
        if !moments.between(stretch.start, stretch.end).all(|m| m.in_vehicle) {
            no_frame::judge(config, stretch, moments, found);
        }
    }

    /// The input is over: what is open comes to its end.
    pub(super) fn finish(&mut self, config: &BehaviourConfig, moments: &Moments, found: &mut impl FnMut(Found)) {
        self.finish_vehicle(config, moments, found);
        if let Some(s) = self.level.close(any(config)) {
            self.without_frame(config, &s, moments, found);
        }
    }

    /// The detectors by axis come to their end.
    fn finish_vehicle(&mut self, config: &BehaviourConfig, moments: &Moments, found: &mut impl FnMut(Found)) {
        if let Some(s) = self.brake.close(levels(config, config.brake_mps2)) {
            found(Found::of(&s, Guess::Brake, moments));
        }
        if let Some(s) = self.acceleration.close(levels(config, config.acceleration_mps2)) {
            found(Found::of(&s, Guess::Acceleration, moments));
        }
        if let Some(s) = self.lateral.close(levels(config, config.corner_mps2.min(config.swerve_mps2))) {
            found_if(corner::judge(config, &s, moments), &s, moments, found);
        }
    }

    /// Forward is not known any more: the stretch without it is looked at as a whole.
    fn clear_vehicle(&mut self) {
        for h in [&mut self.brake, &mut self.acceleration, &mut self.lateral] {
            h.clear();
        }
    }
}

/// How a stretch turned, with a little around it.
pub(super) fn turning(stretch: &Stretch, moments: &Moments) -> Turning {
    Turning::of(moments.between(stretch.start.plus(-AROUND_S), stretch.end.plus(AROUND_S)))
}

/// Where the magnitude of a manoeuvre of an unknown kind begins.
pub(super) fn lowest(config: &BehaviourConfig) -> f64 {
    config.brake_mps2.min(config.acceleration_mps2).min(config.corner_mps2).min(config.swerve_mps2)
}

/// In level axes the lowest of all thresholds only cuts a stretch out; what is in it has its own.
fn any(config: &BehaviourConfig) -> Levels {
    Levels { reach_s: 0.0, ..levels(config, lowest(config)) }
}

fn levels(config: &BehaviourConfig, enter: f64) -> Levels {
    Levels {
        enter,
        reach_s: REACH_S,
        leave: enter * config.harsh_leave_ratio,
        min_s: config.harsh_min_s,
        merge_s: config.harsh_merge_s,
    }
}

fn found_if(guess: Option<Guess>, stretch: &Stretch, moments: &Moments, found: &mut impl FnMut(Found)) {
    if let Some(guess) = guess {
        found(Found::of(stretch, guess, moments));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::behaviour::moment::tests::frame;

    /// A brake of 4 m/s² from the second to the fifth second, in the fourth of which forward becomes unknown.
    fn brake_that_loses_forward(gyroscope: bool) -> Vec<(Guess, f64)> {
        let (config, mut moments, mut harsh) = (BehaviourConfig::default(), Moments::default(), Harsh::default());
        let mut all = Vec::new();
        for i in 0..250 {
            let t_s = f64::from(i) * 0.04;
            let long = if (2.0..5.0).contains(&t_s) { -4.0 } else { 0.0 };
            let mut frame = frame(t_s, long, 0.0, 0.0, Some(15.0), t_s < 4.0);
            if !gyroscope {
                (frame.rate_rad_s, frame.yaw_rate_rad_s) = (None, None);
            }
            if let Some(now) = moments.step(&frame) {
                harsh.step(&config, &moments, &now, |found| all.push(found));
            }
        }
        harsh.finish(&config, &moments, &mut |found| all.push(found));
        all.iter().map(|found| (found.guess, found.end.since(found.start))).collect()
    }

    #[test]
    fn a_brake_in_which_forward_becomes_unknown_is_one_found_manoeuvre_with_and_without_a_gyroscope() {
        let blind = brake_that_loses_forward(false);
        assert!(matches!(blind[..], [(Guess::Brake, s)] if (1.5..2.2).contains(&s)), "{blind:?}");
        let seen = brake_that_loses_forward(true);
        assert!(matches!(seen[..], [(Guess::Longitudinal, s)] if (2.5..3.6).contains(&s)), "{seen:?}");
    }
}
