//! Figures of behaviour of one drive. The judge's definitions (`score_events.py`).

mod harsh;
mod speeding;

use milepost_engine::record::EventType;
use milepost_sim::{Scenario, Span, TrueState, Truth};

pub use harsh::{HARSH, HarshFigures, harsh};

use super::drive::{Drive, Watch, drive_watched};
use super::matching::{iou, near, pairs};
use super::tally::{Count, Found, Share};
use speeding::Speeding;

/// An episode in a hand is found at this overlap.
const HANDLING_IOU: f64 = 0.3;
/// Holes below this are the road's own roughness.
const HOLE_MIN_MPS2: f64 = 2.0;
/// What is reported so near a hole is taken for it, unless a real manoeuvre was as near.
const HOLE_BEFORE_S: f64 = 0.3;
const HOLE_BEHIND_S: f64 = 0.8;
const REAL_NEAR_S: f64 = 1.5;
/// A crash is found by an impact from a second before it to this after it.
const CRASH_S: f64 = 5.0;
const CRASH_NEAR_S: f64 = 1.0;

/// All figures of a drive, or of many.
#[derive(Clone, Copy, Debug, Default)]
pub struct BehaviourFigures {
    /// Manoeuvres.
    pub harsh: HarshFigures,
    /// Crashes reported at least once.
    pub crashes_found: Share,
    /// Crashes reported more than once, of crashes.
    pub crashes_twice: Count,
    /// Impacts where there was none, of hours.
    pub false_impacts: Count,
    /// Potholes reported as harsh or impact, of potholes.
    pub potholes: Count,
    /// Seconds of speeding that are wrong.
    pub speeding_wrong: Share,
    /// Phone in a hand.
    pub handling: Found,
}

impl std::ops::AddAssign for BehaviourFigures {
    fn add_assign(&mut self, o: Self) {
        self.harsh += o.harsh;
        self.crashes_found += o.crashes_found;
        self.crashes_twice += o.crashes_twice;
        self.false_impacts += o.false_impacts;
        self.potholes += o.potholes;
        self.speeding_wrong += o.speeding_wrong;
        self.handling += o.handling;
    }
}

/// Drives and measures.
pub fn measure(scenario: &Scenario) -> BehaviourFigures {
    let mut watch = Limits::default();
    let drive = drive_watched(scenario, &mut watch);
    let spans = |kind| drive.said.events(&[kind]).into_iter().map(|e| e.span).collect::<Vec<Span>>();
    let mut figures = BehaviourFigures {
        harsh: harsh(&drive.truth, &drive.said.events(&HARSH)),
        potholes: potholes(&drive),
        speeding_wrong: watch.0.finish(&spans(EventType::Speeding)),
        handling: handling(&drive.truth, &spans(EventType::PhoneHandling)),
        ..BehaviourFigures::default()
    };
    crashes(&drive, &spans(EventType::Impact), &mut figures);
    figures
}

#[derive(Default)]
struct Limits(Speeding);

impl Watch for Limits {
    fn truth(&mut self, now: &TrueState) {
        self.0.truth(now);
    }
}

/// Episodes said against those that were.
pub fn handling(truth: &Truth, said: &[Span]) -> Found {
    let fit = |t: usize, s: usize| match (truth.handling.get(t), said.get(s)) {
        (Some(t), Some(s)) => iou(*s, *t),
        (Some(_) | None, Some(_) | None) => 0.0,
    };
    let hit = pairs(truth.handling.len(), said.len(), fit).into_iter().filter(|(t, s)| fit(*t, *s) >= HANDLING_IOU);
    let hit = hit.count();
    Found { hit, false_: said.len() - hit, missed: truth.handling.len() - hit }
}

fn crashes(drive: &Drive, said: &[Span], figures: &mut BehaviourFigures) {
    let crashes = &drive.truth.impacts;
    let mut inside = 0;
    if let (Some(first), Some(last)) = (crashes.first(), crashes.last()) {
        let window = Span { start_s: first.t_s, end_s: last.t_s + CRASH_S };
        inside = said.iter().filter(|s| near(**s, window, CRASH_NEAR_S)).count();
        let all = crashes.len();
        figures.crashes_found = Share { part: inside.min(all) as f64, whole: all as f64 };
        figures.crashes_twice = Count { count: inside.saturating_sub(all) as f64, of: all as f64 };
    }
    figures.false_impacts = Count { count: (said.len() - inside) as f64, of: drive.hours() };
}

fn potholes(drive: &Drive) -> Count {
    let real = harsh::real(&drive.truth);
    let kinds = HARSH.iter().copied().chain([EventType::Impact]).collect::<Vec<_>>();
    let doubtful = |s: &Span| !real.iter().any(|r| near(*s, *r, REAL_NEAR_S));
    let said: Vec<Span> = drive.said.events(&kinds).into_iter().map(|e| e.span).filter(doubtful).collect();
    let holes: Vec<f64> = drive.truth.potholes.iter().filter(|p| p.1 >= HOLE_MIN_MPS2).map(|p| p.0).collect();
    let taken = holes.iter().filter(|t| {
        let window = Span { start_s: **t - HOLE_BEFORE_S, end_s: **t + HOLE_BEHIND_S };
        said.iter().any(|s| near(*s, window, 0.0))
    });
    Count { count: taken.count() as f64, of: holes.len() as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn episodes_are_found_at_a_third() {
        let span = |start_s: f64, end_s: f64| Span { start_s, end_s };
        let truth = Truth { handling: vec![span(0.0, 30.0), span(100.0, 110.0)], ..Truth::default() };
        let found = handling(&truth, &[span(10.0, 30.0), span(105.0, 140.0)]);
        assert_eq!(found, Found { hit: 1, false_: 1, missed: 1 });
    }
}
