//! Stretches of horizontal acceleration with forward unknown. A stretch is cut into lobes, times of one direction; what
//! a lobe is, turning says: a turn's acceleration goes with the yaw rate, a brake's does not. So corner, swerve and
//! along-the-road are told apart; brake from acceleration is not. Without a gyroscope nothing is.

use super::config::BehaviourConfig;
use super::harsh::{AROUND_S, Found, Guess, lowest};
use super::hysteresis::Stretch;
use super::moment::{Moment, Moments};
use super::swerve;
use super::yaw::{Turning, YAW_SEEN_RAD_S, shape_correlation};

/// Lobes of a stretch: a brake, a corner, an acceleration; the rest is small.
const LOBES_MAX: usize = 4;
/// Two lobes further apart than this are two manoeuvres.
const SWERVE_GAP_S: f64 = 1.0;
/// Along the road, less change of speed than this (6.5 km/h) is a gear change or a bump.
const SPEED_CHANGE_MIN_MPS: f64 = 1.8;
/// Two directions are opposite from this cosine on.
const OPPOSITE_COS: f64 = -0.7;
/// Acceleration that goes with the yaw rate to this degree is a turn's.
const FOLLOWS_MIN: f64 = 0.6;
/// Around a lobe, its shape is compared with that of the yaw rate.
const SHAPE_AROUND_S: f64 = 1.5;
/// Correlation of shapes from which on a lobe is part of a turn.
const SHAPE_MIN: f64 = 0.6;

/// A time of one direction.
#[derive(Clone, Copy, Debug)]
struct Lobe {
    stretch: Stretch,
    direction: [f64; 2],
}

/// What the stretch holds.
pub(super) fn judge(config: &BehaviourConfig, stretch: &Stretch, moments: &Moments, found: &mut impl FnMut(Found)) {
    let lobes = lobes(config, lowest(config), stretch, moments);
    let mut used = [false; LOBES_MAX];
    for (i, a) in lobes.iter().enumerate() {
        for (j, b) in lobes.iter().enumerate().skip(i + 1) {
            let free = used.get(i) == Some(&false) && used.get(j) == Some(&false);
            if let Some(both) = swerve_of(config, a, b, moments).filter(|_| free) {
                found(Found::of(&both, Guess::Swerve, moments));
                for k in [i, j] {
                    used.get_mut(k).into_iter().for_each(|u| *u = true);
                }
            }
        }
    }
    for (lobe, used) in lobes.iter().zip(used) {
        if let (false, Some(guess)) = (used, single(config, lobe, moments)) {
            found(Found::of(&lobe.stretch, guess, moments));
        }
    }
}

fn single(config: &BehaviourConfig, lobe: &Lobe, moments: &Moments) -> Option<Guess> {
    let s = &lobe.stretch;
    if s.end.since(s.start) < config.harsh_min_s {
        return None;
    }
    let turning = Turning::of(moments.between(s.start.plus(-AROUND_S), s.end.plus(AROUND_S)));
    if !turning.seen {
        return None;
    }
    let turns = turning.peak_rad_s >= YAW_SEEN_RAD_S;
    if turns && turning.net_deg.abs() >= config.corner_min_heading_deg {
        return (s.peak >= config.corner_mps2).then_some(Guess::Corner);
    }
    let wide = moments.between(s.start.plus(-SHAPE_AROUND_S), s.end.plus(SHAPE_AROUND_S));
    if turns && shape_correlation(wide, lobe.direction).abs() >= SHAPE_MIN {
        return None;
    }
    let hard = s.peak >= config.brake_mps2.min(config.acceleration_mps2);
    (hard && s.sum >= SPEED_CHANGE_MIN_MPS).then_some(Guess::Longitudinal)
}

/// Both lobes as one, if they are the two sides of a swerve.
fn swerve_of(config: &BehaviourConfig, a: &Lobe, b: &Lobe, moments: &Moments) -> Option<Stretch> {
    let ([x, y], [u, v]) = (a.direction, b.direction);
    let (first, second) = if a.stretch.start <= b.stretch.start { (a, b) } else { (b, a) };
    let gap = second.stretch.start.since(first.stretch.end);
    if x * u + y * v > OPPOSITE_COS || gap > SWERVE_GAP_S {
        return None;
    }
    let (from, to) = (first.stretch.start, second.stretch.end);
    let turning = Turning::of(moments.between(from.plus(-AROUND_S), to.plus(AROUND_S)));
    let high = if a.stretch.peak >= b.stretch.peak { a } else { b };
    let is = turning.seen
        && turning.peak_rad_s >= YAW_SEEN_RAD_S
        && turning.follows >= FOLLOWS_MIN
        && swerve::is_swerve(config, &turning)
        && high.stretch.peak >= config.swerve_mps2;
    is.then_some(Stretch { start: from, end: to, sum: a.stretch.sum + b.stretch.sum, ..high.stretch })
}

/// From the highest peak down: the moments around it that point its way.
fn lobes(config: &BehaviourConfig, enter: f64, stretch: &Stretch, moments: &Moments) -> Vec<Lobe> {
    let mut free: Vec<Option<Moment>> = moments.between(stretch.start, stretch.end).map(Some).collect();
    let mut lobes = Vec::new();
    while lobes.len() < LOBES_MAX {
        let highest = free
            .iter()
            .enumerate()
            .filter_map(|(i, m)| m.map(|m| (i, m)))
            .max_by(|a, b| a.1.horizontal_mps2().total_cmp(&b.1.horizontal_mps2()));
        let Some((at, top)) = highest.filter(|(_, m)| m.horizontal_mps2() >= enter) else { break };
        let direction = top.level_mps2.map(|c| c / top.horizontal_mps2());
        let along =
            |m: &Option<Moment>| m.map(|m| along(&m, direction)).filter(|a| *a >= enter * config.harsh_leave_ratio);
        let (before, after) = free.split_at(at);
        let from = at - before.iter().rev().take_while(|m| along(m).is_some()).count();
        let to = at + after.iter().take_while(|m| along(m).is_some()).count();
        let mut lobe = Stretch { start: top.t, end: top.t, peak_t: top.t, peak: top.horizontal_mps2(), sum: 0.0 };
        for slot in free.iter_mut().take(to).skip(from) {
            if let (Some(a), Some(m)) = (along(slot), slot.take()) {
                lobe.start = lobe.start.min(m.t.plus(-m.dt_s));
                lobe.end = lobe.end.max(m.t);
                lobe.sum += a * m.dt_s;
            }
        }
        lobes.push(Lobe { stretch: lobe, direction });
    }
    lobes
}

fn along(moment: &Moment, [x, y]: [f64; 2]) -> f64 {
    let [a, b] = moment.level_mps2;
    a * x + b * y
}
