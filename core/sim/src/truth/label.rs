//! Labels harsh manoeuvres, speeding and outages from what truly happened, step by step.

use milepost_engine::record::EventType;

use super::{Event, Fact, Span, Stretch};
use crate::world::DT_S;

/// Below `may`, no preset calls it harsh; above `need`, every one does (ALGORITHMS.md, FIELD.md: thresholds in use
/// reach from 2.25 to 3.1 for accelerations, 2.7 to 4.4 for brakes, 3.5 to 5.5 for corners).
struct Grade {
    may_mps2: f64,
    need_mps2: f64,
}

const BRAKE: Grade = Grade { may_mps2: 2.5, need_mps2: 3.4 };
const ACCELERATE: Grade = Grade { may_mps2: 2.2, need_mps2: 3.0 };
const ACROSS: Grade = Grade { may_mps2: 2.7, need_mps2: 3.8 };

/// Leaves at this part of the lower threshold, as the detectors do.
const LEAVE: f64 = 0.7;
/// Runs that are nearer than this are one.
const MERGE_S: f64 = 0.8;
/// A harsh manoeuvre lasts.
const MIN_HARSH_S: f64 = 0.5;
/// Below this speed it is a manoeuvre in a yard (15 km/h), near it nobody need see it.
const MIN_SPEED_MPS: f64 = 15.0 / 3.6;
const CLEAR_SPEED_MPS: f64 = 6.0;
/// Phone handling: above 10 km/h, two seconds at least, gaps of up to five.
const HANDLING_MIN_MPS: f64 = 10.0 / 3.6;
const HANDLING_MIN_S: f64 = 2.0;
const HANDLING_MERGE_S: f64 = 5.0;
/// Group delay of the low-pass.
const DELAY_S: f64 = 0.113;

/// Second-order Butterworth low-pass at 2 Hz, 100 samples a second.
#[derive(Clone, Copy, Debug, Default)]
struct LowPass {
    x: [f64; 2],
    y: [f64; 2],
}

impl LowPass {
    fn step(&mut self, x: f64) -> f64 {
        let ([x1, x2], [y1, y2]) = (self.x, self.y);
        let y = 0.003_621_681_5 * (x + 2.0 * x1 + x2) + 1.822_694_925_2 * y1 - 0.837_181_651_3 * y2;
        self.x = [x, x1];
        self.y = [y, y1];
        y
    }
}

/// A run above a threshold that is not over yet.
#[derive(Clone, Copy, Debug)]
struct Run {
    kind: EventType,
    start_s: f64,
    last_s: f64,
    peak_mps2: f64,
    harsh_s: f64,
    max_speed_mps: f64,
}

#[derive(Clone, Copy, Debug)]
struct Over {
    span: Span,
    distance_m: f64,
}

/// The labeller.
#[derive(Clone, Debug, Default)]
pub(crate) struct Labels {
    along: LowPass,
    across: LowPass,
    runs: [Option<Run>; 2],
    over: Option<Over>,
    blind: Option<Over>,
    held: Option<Span>,
}

/// What it looks at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub t_s: f64,
    pub speed_mps: f64,
    pub along_mps2: f64,
    pub across_mps2: f64,
    pub swerving: bool,
    pub driving: bool,
    pub crashed: bool,
    pub in_hand: bool,
    pub limit_mps: Option<f64>,
    pub blind: bool,
}

impl Labels {
    /// One step.
    pub fn step(&mut self, m: Moment, out: &mut Vec<Fact>) {
        let along = self.along.step(m.along_mps2);
        let across = self.across.step(m.across_mps2);
        let (kind, grade) =
            if along < 0.0 { (EventType::HarshBraking, BRAKE) } else { (EventType::HarshAcceleration, ACCELERATE) };
        let aside = if m.swerving { EventType::Swerve } else { EventType::HarshCornering };
        let [first, second] = &mut self.runs;
        run(first, kind, &grade, along.abs(), &m, out);
        run(second, aside, &ACROSS, across.abs(), &m, out);
        let over = m.driving && m.limit_mps.is_some_and(|limit| m.speed_mps > limit);
        stretch(&mut self.over, over, &m, 3.0, Fact::Speeding, out);
        stretch(&mut self.blind, m.driving && m.blind, &m, 3.0, Fact::Outage, out);
        self.hold(&m, out);
    }

    /// The world is over.
    pub fn end(&mut self, out: &mut Vec<Fact>) {
        for open in self.runs.iter_mut().filter_map(Option::take) {
            close(open, out);
        }
        let ends = [(self.over.take(), Fact::Speeding as fn(Stretch) -> Fact), (self.blind.take(), Fact::Outage)];
        for (over, fact) in ends {
            out.extend(over.map(|o| fact(Stretch { span: o.span, distance_m: o.distance_m })));
        }
        out.extend(self.held.take().map(Fact::Handling));
    }

    fn hold(&mut self, m: &Moment, out: &mut Vec<Fact>) {
        if m.in_hand && m.driving && m.speed_mps > HANDLING_MIN_MPS && !m.crashed {
            self.held.get_or_insert(Span { start_s: m.t_s, end_s: m.t_s }).end_s = m.t_s;
        }
        if let Some(held) = self.held
            && m.t_s - held.end_s > HANDLING_MERGE_S
        {
            self.held = None;
            if held.end_s - held.start_s >= HANDLING_MIN_S {
                out.push(Fact::Handling(held));
            }
        }
    }
}

fn run(open: &mut Option<Run>, kind: EventType, grade: &Grade, a: f64, m: &Moment, out: &mut Vec<Fact>) {
    let t_s = m.t_s - DELAY_S;
    let above = a > LEAVE * grade.may_mps2 && m.driving && !m.crashed;
    if let Some(r) = open {
        let another = above && r.kind != kind && !(r.kind == EventType::Swerve && kind == EventType::HarshCornering);
        if t_s - r.last_s > MERGE_S || another || !m.driving {
            close(*r, out);
            *open = None;
        }
    }
    if !above {
        return;
    }
    let r =
        open.get_or_insert(Run { kind, start_s: t_s, last_s: t_s, peak_mps2: 0.0, harsh_s: 0.0, max_speed_mps: 0.0 });
    r.last_s = t_s;
    r.peak_mps2 = r.peak_mps2.max(a);
    r.max_speed_mps = r.max_speed_mps.max(m.speed_mps);
    if a > 0.9 * grade.need_mps2 && m.speed_mps > CLEAR_SPEED_MPS {
        r.harsh_s += DT_S;
    }
}

fn close(r: Run, out: &mut Vec<Fact>) {
    let grade = match r.kind {
        EventType::HarshBraking => BRAKE,
        EventType::HarshAcceleration => ACCELERATE,
        EventType::HarshCornering | EventType::Swerve | EventType::Impact => ACROSS,
        EventType::Speeding | EventType::PhoneHandling | EventType::Idling => return,
    };
    if r.peak_mps2 < grade.may_mps2 || r.max_speed_mps < MIN_SPEED_MPS {
        return;
    }
    out.push(Fact::Event(Event {
        kind: r.kind,
        span: Span { start_s: r.start_s, end_s: r.last_s },
        peak_mps2: r.peak_mps2,
        need: r.peak_mps2 >= grade.need_mps2 && r.harsh_s >= MIN_HARSH_S,
    }));
}

fn stretch(
    open: &mut Option<Over>,
    on: bool,
    m: &Moment,
    least_s: f64,
    fact: fn(Stretch) -> Fact,
    out: &mut Vec<Fact>,
) {
    if on {
        let o = open.get_or_insert(Over { span: Span { start_s: m.t_s, end_s: m.t_s }, distance_m: 0.0 });
        o.span.end_s = m.t_s;
        o.distance_m += m.speed_mps * DT_S;
        return;
    }
    if let Some(o) = open.take()
        && o.span.end_s - o.span.start_s >= least_s
    {
        out.push(fact(Stretch { span: o.span, distance_m: o.distance_m }));
    }
}
