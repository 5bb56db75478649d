//! Harsh manoeuvres: reported ones against true ones, one to one, the matching that finds most. Truth that need not be
//! found excuses a report and counts neither way.

use milepost_engine::record::EventType;
use milepost_sim::{Span, Truth};

use crate::report::matching::{length_s, near, overlap_s, pairs};
use crate::report::said::Report;
use crate::report::tally::{Found, Share};

/// The four kinds.
pub const HARSH: [EventType; 4] =
    [EventType::HarshBraking, EventType::HarshAcceleration, EventType::HarshCornering, EventType::Swerve];

/// A report belongs to a manoeuvre that is no further away.
const TOLERANCE_S: f64 = 1.5;
/// A crash is harsh in every way: from the first touch to the last blow, whatever is reported counts neither way.
const BEFORE_CRASH_S: f64 = 1.0;
const CRASH_S: f64 = 5.0;

/// Of one drive, or of many.
#[derive(Clone, Copy, Debug, Default)]
pub struct HarshFigures {
    /// Whatever their type.
    pub any: Found,
    /// Only those of the right type are found.
    pub typed: Found,
    /// Of those that GNSS agreed with.
    pub confirmed: Found,
    /// Of those found, with the right type.
    pub type_right: Share,
    /// One type alone, in the order of [`HARSH`], in drives where there is one that must be found.
    pub by_kind: [Found; 4],
}

impl std::ops::AddAssign for HarshFigures {
    fn add_assign(&mut self, o: Self) {
        self.any += o.any;
        self.typed += o.typed;
        self.confirmed += o.confirmed;
        self.type_right += o.type_right;
        self.by_kind.iter_mut().zip(o.by_kind).for_each(|(a, b)| *a += b);
    }
}

/// A true manoeuvre as it is matched.
#[derive(Clone, Copy)]
struct Wanted {
    kind: EventType,
    span: Span,
    need: bool,
}

/// Reports of the four kinds against the truth.
pub fn harsh(truth: &Truth, said: &[Report]) -> HarshFigures {
    let events = wanted(truth);
    let confirmed: Vec<Report> = said.iter().filter(|e| e.confirmed).copied().collect();
    let mut figures = HarshFigures {
        any: found(&events, said, false),
        typed: found(&events, said, true),
        confirmed: found(&events, &confirmed, false),
        ..HarshFigures::default()
    };
    for (event, report) in matched(&events, said, false) {
        if event.need {
            figures.type_right.whole += 1.0;
            figures.type_right.part += f64::from(u8::from(report.kind == event.kind));
        }
    }
    for (tally, kind) in figures.by_kind.iter_mut().zip(HARSH) {
        let mine: Vec<Wanted> = events.iter().filter(|e| e.kind == kind).copied().collect();
        let said: Vec<Report> = said.iter().filter(|e| e.kind == kind).copied().collect();
        if mine.iter().any(|e| e.need) {
            *tally = found(&mine, &said, false);
        }
    }
    figures
}

/// Spans of the manoeuvres that are near anything real: potholes there are not judged.
pub fn real(truth: &Truth) -> Vec<Span> {
    wanted(truth).iter().map(|e| e.span).collect()
}

fn wanted(truth: &Truth) -> Vec<Wanted> {
    let events = truth.events.iter().map(|e| Wanted { kind: e.kind, span: e.span, need: e.need });
    let crashes = truth.impacts.iter().flat_map(|crash| {
        let span = Span { start_s: crash.t_s - BEFORE_CRASH_S, end_s: crash.t_s + CRASH_S };
        HARSH.map(|kind| Wanted { kind, span, need: false })
    });
    events.chain(crashes).collect()
}

fn found(events: &[Wanted], said: &[Report], typed: bool) -> Found {
    let matched = matched(events, said, typed);
    let hit = matched.iter().filter(|(event, _)| event.need).count();
    let all = events.iter().filter(|e| e.need).count();
    Found { hit, false_: said.len() - matched.len(), missed: all - hit }
}

/// Needed ones first, then the right type, then the most overlap. What need not be found excuses only its own type;
/// `typed`: so does the rest.
fn matched(events: &[Wanted], said: &[Report], typed: bool) -> Vec<(Wanted, Report)> {
    let worth = |event: usize, report: usize| {
        let (Some(event), Some(report)) = (events.get(event), said.get(report)) else { return 0.0 };
        let right = report.kind == event.kind;
        if !near(report.span, event.span, TOLERANCE_S) || !(right || (event.need && !typed)) {
            return 0.0;
        }
        let share = overlap_s(report.span, event.span) / length_s(event.span).max(0.1);
        let (needed, typed) = (if event.need { 100.0 } else { 1.0 }, if right { 10.0 } else { 0.0 });
        needed + typed + share
    };
    let indices = pairs(events.len(), said.len(), worth);
    indices.into_iter().filter_map(|(e, s)| Some((*events.get(e)?, *said.get(s)?))).collect()
}

#[cfg(test)]
mod tests {
    use milepost_sim::Event;

    use super::*;

    fn said(kind: EventType, start_s: f64, end_s: f64) -> Report {
        Report { kind, span: Span { start_s, end_s }, confirmed: true }
    }

    fn event(kind: EventType, start_s: f64, need: bool) -> Event {
        Event { kind, span: Span { start_s, end_s: start_s + 2.0 }, peak_mps2: 4.0, need }
    }

    #[test]
    fn a_wrong_type_is_found_but_not_right_and_what_need_not_be_found_excuses_only_its_own() {
        let (brake, corner) = (EventType::HarshBraking, EventType::HarshCornering);
        let events = vec![event(brake, 10.0, true), event(brake, 50.0, true), event(corner, 100.0, false)];
        let truth = Truth { events, ..Truth::default() };
        let said = [said(corner, 10.5, 11.5), said(corner, 101.0, 102.0), said(brake, 101.0, 102.0)];
        let figures = harsh(&truth, &said);
        assert_eq!(figures.any, Found { hit: 1, false_: 1, missed: 1 });
        assert_eq!(figures.typed, Found { hit: 0, false_: 2, missed: 2 });
        assert_eq!(figures.type_right, Share { part: 0.0, whole: 1.0 });
        assert_eq!(
            figures.by_kind,
            [Found { hit: 0, false_: 1, missed: 2 }, Found::default(), Found::default(), Found::default()]
        );
    }
}
