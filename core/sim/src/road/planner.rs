//! Lays road ahead of the vehicle, segment by segment: districts of streets, country roads and motorways, with lights,
//! yields, roundabouts, bumps, level crossings and tunnels between them; wandering about, or to a place.

use std::collections::VecDeque;

use super::segment::{End, Pose, Segment, Sky};
use crate::rng::Rng;

/// Where the road leads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Goal {
    /// Anywhere, near enough to the origin that the plane stays true.
    Wander,
    /// To this place, `(east_m, north_m)`.
    Place(f64, f64),
    /// Into the next car park.
    Park,
}

/// What kind of roads there are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RoadStyle {
    /// Parts of the road in town, in the country and on motorways, by number of districts.
    pub town: f64,
    pub country: f64,
    pub motorway: f64,
    /// Junctions with a light.
    pub lights: f64,
    /// Districts of high houses.
    pub canyons: f64,
    /// Country districts with a level crossing.
    pub crossings: f64,
    /// Districts with a tunnel.
    pub tunnels: f64,
    /// How hilly: standard deviation of the slope.
    pub hills: f64,
}

impl Default for RoadStyle {
    fn default() -> Self {
        Self {
            town: 0.6,
            country: 0.28,
            motorway: 0.12,
            lights: 0.4,
            canyons: 0.0,
            crossings: 0.05,
            tunnels: 0.04,
            hills: 0.022,
        }
    }
}

/// The plane maps to the globe well enough up to here.
const FAR_M: f64 = 9_000.0;
const KMH: f64 = 1.0 / 3.6;

#[derive(Clone, Debug)]
pub(crate) struct Planner {
    rng: Rng,
    style: RoadStyle,
    /// Where the road laid so far ends.
    end: Pose,
    goal: Goal,
    done: bool,
    queue: VecDeque<Segment>,
    blocks_left: u64,
    limit_mps: f64,
    sky: Sky,
}

impl Planner {
    pub fn new(rng: Rng, style: RoadStyle, start: Pose, goal: Goal) -> Self {
        let mut planner = Self {
            rng,
            style,
            end: start,
            goal,
            done: false,
            queue: VecDeque::new(),
            blocks_left: 0,
            limit_mps: 50.0 * KMH,
            sky: Sky::Open,
        };
        planner.lay(Segment::street(12.0, 12.0 * KMH));
        planner.town(3);
        planner
    }

    /// From now on the road leads there; what is laid already stays.
    pub fn set_goal(&mut self, goal: Goal) {
        self.goal = goal;
    }

    /// The next segment; `None` after the terminus.
    pub fn next(&mut self) -> Option<Segment> {
        while self.queue.is_empty() && !self.done {
            self.extend();
        }
        self.queue.pop_front()
    }

    fn lay(&mut self, segment: Segment) {
        self.end = segment.carry(self.end);
        self.queue.push_back(Segment { sky: if segment.sky == Sky::Open { self.sky } else { segment.sky }, ..segment });
    }

    fn extend(&mut self) {
        match self.goal {
            Goal::Park => return self.park(),
            Goal::Place(east_m, north_m) => {
                let (distance, _) = self.end.towards(east_m, north_m);
                if distance < 420.0 {
                    return self.arrive(east_m, north_m);
                }
                // Streets are found at both ends of a journey, faster roads only where there is room for them.
                if self.blocks_left == 0 && distance < 2_500.0 {
                    return self.town(1);
                }
            }
            Goal::Wander => {}
        }
        if self.blocks_left > 0 {
            self.blocks_left -= 1;
            return self.block();
        }
        let RoadStyle { town, country, motorway, .. } = self.style;
        let x = self.rng.unit() * (town + country + motorway);
        let blocks = self.rng.whole(4, 10);
        if x < town {
            self.town(blocks);
        } else if x < town + country {
            self.country();
        } else {
            self.motorway();
        }
    }

    /// A new district of streets.
    fn town(&mut self, blocks: u64) {
        self.blocks_left = blocks;
        self.limit_mps = if self.rng.chance(0.25) { 30.0 * KMH } else { 50.0 * KMH };
        self.sky = if self.rng.chance(self.style.canyons) { Sky::Canyon } else { Sky::Open };
    }

    /// One street and the junction at its end.
    fn block(&mut self) {
        let length = self.rng.range(70.0, 330.0);
        let limit = self.limit_mps;
        if limit < 10.0 && self.rng.chance(0.25) {
            self.street(0.5 * length, End::Through);
            self.lay(Segment { bump: true, ..Segment::street(3.0, 20.0 * KMH) });
            self.street(0.5 * length, End::Through);
        } else if self.rng.chance(0.25) {
            let angle = self.rng.sign() * self.rng.range(0.1, 0.6);
            let radius = self.rng.range(60.0, 250.0);
            let slope = self.slope();
            self.lay(Segment { grade: slope, ..Segment::curve(angle, radius, limit) });
        }
        let turn = self.turn();
        let end = match (self.rng.chance(self.style.lights), turn) {
            (true, _) => End::Light,
            (false, Some(_)) if self.rng.chance(0.5) => End::Yield,
            (false, _) => End::Through,
        };
        self.street(length, end);
        match turn {
            Some(angle) if self.rng.chance(0.12) => self.roundabout(angle),
            Some(angle) => {
                let radius = if angle < 0.0 { self.rng.range(8.0, 13.0) } else { self.rng.range(11.0, 20.0) };
                self.lay(Segment::curve(angle, radius, limit));
            }
            None => self.lay(Segment::street(16.0, limit)),
        }
    }

    fn street(&mut self, length_m: f64, end: End) {
        let (grade, bank) = (self.slope(), 0.015 + 0.008 * self.rng.noise());
        self.lay(Segment { grade, bank, end, ..Segment::street(length_m, self.limit_mps) });
    }

    fn slope(&mut self) -> f64 {
        (self.style.hills * self.rng.noise()).clamp(-0.1, 0.1)
    }

    /// By how much the heading is off from where one wants to go, if one wants to go anywhere.
    fn wanted(&self) -> Option<f64> {
        let (east_m, north_m) = match self.goal {
            Goal::Place(e, n) => (e, n),
            Goal::Wander | Goal::Park => (0.0, 0.0),
        };
        let (distance, angle) = self.end.towards(east_m, north_m);
        (matches!(self.goal, Goal::Place(..)) || distance > FAR_M).then_some(angle)
    }

    /// The turn at the next junction, `None` for straight on.
    fn turn(&mut self) -> Option<f64> {
        let angle = self.rng.range(1.2, 1.8);
        match self.wanted() {
            Some(w) if w.abs() > 0.6 && self.rng.chance(0.85) => Some(if w < 0.0 { -angle } else { angle }),
            Some(w) if w.abs() < 0.6 => None,
            Some(_) | None => self.rng.chance(0.55).then(|| self.rng.sign() * angle),
        }
    }

    /// In at the right, round to the left, out at the right (traffic keeps to the right).
    fn roundabout(&mut self, angle: f64) {
        let (deflect, radius) = (self.rng.range(0.4, 0.7), self.rng.range(11.0, 22.0));
        let limit = self.limit_mps;
        self.lay(Segment::curve(-deflect, 16.0, limit));
        let around = (angle + 2.0 * deflect).max(0.4);
        self.lay(Segment::curve(around, radius, limit));
        self.lay(Segment::curve(-deflect, 18.0, limit));
    }

    fn country(&mut self) {
        self.sky = Sky::Open;
        let limit = if self.rng.chance(0.5) { 80.0 * KMH } else { 100.0 * KMH };
        let crossing = self.rng.chance(self.style.crossings);
        let tunnel = self.rng.chance(self.style.tunnels);
        let stretches = self.rng.whole(4, 9);
        for i in 0..stretches {
            let mut end = if self.rng.chance(0.12) { End::Light } else { End::Through };
            if crossing && i == 2 {
                end = End::LevelCrossing;
            }
            let sky = if tunnel && i == 3 { Sky::Tunnel } else { Sky::Open };
            let (length, grade) = (self.rng.range(150.0, 900.0), self.slope() * 1.5);
            self.lay(Segment { grade, sky, end, ..Segment::street(length, limit) });
            let wanted = self.wanted().unwrap_or_else(|| self.rng.sign() * 1.5);
            let angle = wanted.clamp(-1.0, 1.0) * self.rng.range(0.2, 0.9) + 0.25 * self.rng.noise();
            let radius = self.rng.range(70.0, 420.0);
            if angle.abs() > 0.1 {
                let grade = self.slope();
                self.lay(Segment { grade, ..Segment::curve(angle, radius, limit) });
            }
        }
        self.street(60.0, End::Yield);
        let angle = self.turn().unwrap_or(0.6);
        self.roundabout(angle);
        let blocks = self.rng.whole(1, 4);
        self.town(blocks);
    }

    fn motorway(&mut self) {
        self.sky = Sky::Open;
        let (limit, side) = (self.rng.range(100.0, 130.0) * KMH, self.wanted().map_or(1.0, f64::signum));
        let ramp = self.rng.range(0.8, 2.6);
        let radius = self.rng.range(45.0, 80.0);
        self.lay(Segment::curve(-side * ramp, radius, 80.0 * KMH));
        self.lay(Segment::street(250.0, limit));
        let tunnel = self.rng.chance(self.style.tunnels);
        for i in 0..self.rng.whole(2, 5) {
            let (length, grade) = (self.rng.range(500.0, 1_600.0), self.slope());
            let sky = if tunnel && i == 1 { Sky::Tunnel } else { Sky::Open };
            self.lay(Segment { grade, sky, ..Segment::street(length, limit) });
            let wanted = self.wanted().unwrap_or_else(|| self.rng.sign());
            let angle = wanted.clamp(-0.7, 0.7) * self.rng.range(0.3, 1.0);
            if angle.abs() > 0.05 {
                let radius = self.rng.range(600.0, 2_500.0);
                self.lay(Segment::curve(angle, radius, limit));
            }
        }
        self.lay(Segment::street(180.0, 80.0 * KMH));
        let off = -self.rng.range(0.6, 1.4);
        self.lay(Segment::curve(off, 55.0, 60.0 * KMH));
        self.town(2);
        self.street(80.0, End::Light);
    }

    /// Turns until the place lies ahead, then goes straight to it.
    fn arrive(&mut self, east_m: f64, north_m: f64) {
        self.limit_mps = self.limit_mps.min(50.0 * KMH);
        if self.end.towards(east_m, north_m).0 < 60.0 {
            // Too near to turn towards it: first get some room.
            self.street(120.0, End::Through);
        }
        for radius in [13.0, 30.0] {
            let (_, mut angle) = self.end.towards(east_m, north_m);
            if angle.abs() < 0.03 {
                continue;
            }
            // The curve itself moves one sideways: look from its end, and turn by what is missing.
            for _ in 0..8 {
                let after = Segment::curve(angle, radius, self.limit_mps).carry(self.end);
                angle += 0.8 * after.towards(east_m, north_m).1;
            }
            self.lay(Segment::curve(angle, radius, self.limit_mps));
        }
        let (distance, _) = self.end.towards(east_m, north_m);
        let slow = (0.3 * distance).min(30.0);
        self.street(distance - slow, End::Through);
        self.lay(Segment { end: End::Terminus, ..Segment::street(slow.max(1.0), 20.0 * KMH) });
        self.done = true;
    }

    /// Off the road into a car park: slow, two tight turns, and there.
    fn park(&mut self) {
        self.street(60.0, End::Through);
        let lot = 15.0 * KMH;
        self.lay(Segment::curve(-1.5, 8.0, lot));
        self.lay(Segment::street(25.0, lot));
        let side = self.rng.sign();
        self.lay(Segment::curve(side * 1.5, 6.5, lot));
        self.lay(Segment { end: End::Terminus, ..Segment::street(8.0, 8.0 * KMH) });
        self.done = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Stream;

    #[test]
    fn every_place_is_reached() {
        for seed in 0..200 {
            let mut rng = Rng::stream(seed, Stream::Scenario, 0);
            let (e, n) = (rng.range(-8_000.0, 8_000.0), rng.range(-8_000.0, 8_000.0));
            let start = Pose { heading_rad: rng.range(-3.0, 3.0), ..Pose::default() };
            let mut planner =
                Planner::new(Rng::stream(seed, Stream::Road, 0), RoadStyle::default(), start, Goal::Place(e, n));
            let mut pose = start;
            let mut length = 0.0;
            while let Some(segment) = planner.next() {
                pose = segment.carry(pose);
                length += segment.length_m;
                assert!(length < 120_000.0, "seed {seed} goes round in circles");
            }
            let (off, _) = pose.towards(e, n);
            assert!(off < 10.0, "seed {seed} ends {off} m away");
        }
    }

    #[test]
    fn wandering_stays_near_the_origin() {
        let mut planner =
            Planner::new(Rng::stream(5, Stream::Road, 0), RoadStyle::default(), Pose::default(), Goal::Wander);
        let mut pose = Pose::default();
        for _ in 0..3_000 {
            pose = planner.next().unwrap().carry(pose);
            assert!(pose.towards(0.0, 0.0).0 < 3.0 * FAR_M);
        }
    }
}
