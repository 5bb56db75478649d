//! Legs: labelled steps become stretches by one means of transport. A stand-still belongs to the leg it interrupts until
//! a leg on foot begins. Legs are final when their trip ends.

use serde::{Deserialize, Serialize};

use super::anchor::First;
use super::facts::LegFacts;
use super::mode::{Labelled, Phase};
use super::step::Step;
use crate::record::Mode;
use crate::sample::{Activity, MonoTime};

/// A trip has at most so many legs: a courier's day has some hundred. The shortest one is given to its neighbour then.
const MAX_LEGS: usize = 400;
/// Less than this on foot is getting in or out, or noise.
const MIN_FOOT_S: f64 = 25.0;
/// A ride shorter than this between two others of another kind is one of theirs: nobody changes from car to bicycle and
/// back within a minute or two.
const MIN_RIDE_S: f64 = 150.0;

/// Faster than this by positions is rare on a bicycle or scooter, and no rare thing in a car.
const CYCLE_TOP_MPS: f64 = 8.0;
/// Seconds at such speed, as a part of the leg, that are as good as none: downhill, and jumps of poor positions.
const FAST_PART: f64 = 0.08;
/// How sharp that is.
const FAST_SPREAD: f64 = 0.05;
/// What a unanimous vote of the OS weighs against speed.
const VOTES: f64 = 3.0;
/// So many seconds of votes are half a vote.
const VOTE_DOUBT_S: f64 = 60.0;

/// One leg in the making.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Draft {
    mode: Mode,
    start: MonoTime,
    end: MonoTime,
    distance_m: f64,
    first: Option<Step>,
    last: Option<Step>,
    /// Seconds that were surely too fast for a bicycle.
    fast_s: f64,
    /// Seconds that the OS took for a motor vehicle, and for a bicycle.
    votes_s: (f64, f64),
    /// Seconds that it took for running.
    run_s: f64,
}

impl Draft {
    fn duration_s(&self) -> f64 {
        self.end.since(self.start)
    }

    fn join(&mut self, next: &Self) {
        self.end = next.end;
        self.distance_m += next.distance_m;
        self.first = self.first.or(next.first);
        self.last = next.last.or(self.last);
        self.fast_s += next.fast_s;
        self.votes_s = (self.votes_s.0 + next.votes_s.0, self.votes_s.1 + next.votes_s.1);
        self.run_s += next.run_s;
    }

    fn by_all_of_it(&self) -> Mode {
        match self.mode {
            Mode::Walking if self.run_s > 0.5 * self.duration_s() => Mode::Running,
            mode if mode.is_ride() => self.ride(),
            mode => mode,
        }
    }

    /// Which ride it is. Nobody cycles for long without being slow or being taken for a cyclist once.
    fn ride(&self) -> Mode {
        let (motor_s, cycle_s) = self.votes_s;
        let by_speed = ((self.fast_s / self.duration_s().max(1.0) - FAST_PART) / FAST_SPREAD).clamp(-2.0, 4.0);
        let by_votes = VOTES * (motor_s - cycle_s) / (motor_s + cycle_s + VOTE_DOUBT_S);
        if by_speed + by_votes > 0.0 { Mode::Automotive } else { Mode::Cycling }
    }
}

/// The legs of a trip, and its first and last step in motion.
#[derive(Clone, Debug, PartialEq)]
pub struct Finished {
    /// In order of time.
    pub legs: Vec<LegFacts>,
    /// First in motion.
    pub first: Option<Step>,
    /// What lies before it, if the trip began in there.
    pub asleep: Option<First>,
    /// Last in motion.
    pub last: Option<Step>,
}

/// The legs of the open trip so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Legs {
    drafts: Vec<Draft>,
}

impl Legs {
    /// Takes the next step of the trip.
    pub fn push(&mut self, labelled: &Labelled) {
        let Labelled { step, phase } = labelled;
        let moved = match phase {
            Phase::Walk | Phase::Cycle | Phase::Drive => true,
            Phase::Still | Phase::CycleStand | Phase::DriveStand => false,
        };
        let draft = Draft {
            mode: phase.mode(),
            start: step.start,
            end: step.end,
            distance_m: if moved { step.path_m } else { 0.0 },
            first: moved.then_some(*step),
            last: moved.then_some(*step),
            fast_s: if step.sure_speed_mps() > CYCLE_TOP_MPS { step.duration_s() } else { 0.0 },
            votes_s: match step.activity {
                Some(Activity::Automotive) => (step.duration_s(), 0.0),
                Some(Activity::Cycling) => (0.0, step.duration_s()),
                Some(Activity::Still | Activity::Walking | Activity::Running | Activity::Unknown) | None => (0.0, 0.0),
            },
            run_s: if step.activity == Some(Activity::Running) { step.duration_s() } else { 0.0 },
        };
        match self.drafts.last_mut() {
            Some(last) if last.mode == draft.mode || draft.mode == Mode::Still => last.join(&draft),
            Some(last) if last.mode == Mode::Still => {
                last.join(&draft);
                last.mode = draft.mode;
            }
            Some(_) | None => {
                if self.drafts.len() >= MAX_LEGS {
                    self.join_shortest();
                }
                self.drafts.push(draft);
            }
        }
    }

    /// Metres of all legs.
    pub fn distance_m(&self) -> f64 {
        self.drafts.iter().map(|d| d.distance_m).sum()
    }

    /// The legs as they are in the end. With `rides_only`, what lies before the first ride and after the last is no part,
    /// but for the way that was made `asleep`. What lies after `end`, the last ride, is only the beginning of a walk:
    /// however short, it is none of the errors that are smoothed away.
    pub fn finish(&self, rides_only: bool, asleep: Option<First>, end: MonoTime) -> Finished {
        let mut drafts = self.drafts.clone();
        while rides_only && drafts.last().is_some_and(|d| !d.mode.is_ride() && d.start >= end) {
            drafts.pop();
        }
        smooth(&mut drafts, |d| d.mode == Mode::Walking && d.duration_s() < MIN_FOOT_S);
        smooth_between(&mut drafts);
        for d in &mut drafts {
            d.mode = d.by_all_of_it();
        }
        smooth(&mut drafts, |_| false);
        let mut used = None;
        if rides_only {
            let first = drafts.iter().position(|d| d.mode.is_ride()).unwrap_or(drafts.len());
            drafts.drain(..first);
            while drafts.last().is_some_and(|d| !d.mode.is_ride()) {
                drafts.pop();
            }
            if let Some(d) = drafts.first_mut()
                && let Some(step) = d.first
            {
                let moved = d.last.map_or(d.end, |s| s.end);
                // The way that nobody saw lies in the first step or right before it.
                let within = asleep.filter(|a| a.covers(step.end));
                used = within.or(asleep.filter(|a| a.leads_to(step.start)));
                let (way, counted_m, since) = match used {
                    Some(before) if within.is_none() => (before, 0.0, step.start),
                    Some(within) => (within, step.path_m, step.end),
                    None => (First::of(&step), step.path_m, step.end),
                };
                d.start = way.departure(d.distance_m - counted_m, moved.since(since));
                d.distance_m += used.map_or(0.0, |a| a.chord_m - counted_m);
            }
            if let Some(d) = drafts.last_mut() {
                d.end = d.last.map_or(d.end, |s| s.end);
            }
        }
        Finished {
            first: drafts.first().and_then(|d| d.first),
            asleep: used,
            last: drafts.last().and_then(|d| d.last),
            legs: drafts
                .iter()
                .map(|d| LegFacts { mode: d.mode, start: d.start, end: d.end, distance_m: d.distance_m })
                .collect(),
        }
    }

    fn join_shortest(&mut self) {
        let pairs = self.drafts.iter().zip(self.drafts.iter().skip(1)).enumerate();
        let shortest = pairs.min_by(|(_, (a, b)), (_, (c, d))| {
            (a.duration_s() + b.duration_s()).total_cmp(&(c.duration_s() + d.duration_s()))
        });
        let Some((i, _)) = shortest else { return };
        let next = self.drafts.remove((i + 1).min(self.drafts.len().saturating_sub(1)));
        if let Some(d) = self.drafts.get_mut(i) {
            let mode = if next.duration_s() > d.duration_s() { next.mode } else { d.mode };
            d.join(&next);
            d.mode = mode;
        }
    }
}

/// Gives every leg that is `too_short` to its neighbours and joins what is alike then.
fn smooth(drafts: &mut Vec<Draft>, too_short: impl Fn(&Draft) -> bool) {
    let mut out: Vec<Draft> = Vec::with_capacity(drafts.len());
    for d in drafts.iter() {
        match out.last_mut() {
            Some(last) if last.mode == d.mode || too_short(d) => last.join(d),
            Some(last) if too_short(last) => {
                last.join(d);
                last.mode = d.mode;
            }
            Some(_) | None => out.push(*d),
        }
    }
    *drafts = out;
}

/// Neighbouring rides of different kinds without a walk between them: the short one is an error of the mode.
fn smooth_between(drafts: &mut Vec<Draft>) {
    let mut out: Vec<Draft> = Vec::with_capacity(drafts.len());
    for d in drafts.iter() {
        match out.last_mut() {
            Some(last) if last.mode == d.mode => last.join(d),
            Some(last)
                if last.mode.is_ride() && d.mode.is_ride() && last.duration_s().min(d.duration_s()) < MIN_RIDE_S =>
            {
                let mode = if d.duration_s() > last.duration_s() { d.mode } else { last.mode };
                last.join(d);
                last.mode = mode;
            }
            Some(_) | None => out.push(*d),
        }
    }
    *drafts = out;
}

/// The mode of the longest leg by distance.
pub fn main_mode(legs: &[LegFacts]) -> Mode {
    legs.iter()
        .fold(
            None::<&LegFacts>,
            |best, l| if best.is_none_or(|b| l.distance_m > b.distance_m) { Some(l) } else { best },
        )
        .map_or(Mode::Unknown, |l| l.mode)
}
