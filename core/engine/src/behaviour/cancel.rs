//! For a while after an impact was told, it can still turn out to be none: someone says so, or the vehicle drives on as
//! if nothing had happened. Then it is revised; it is never taken back without a reason in the record.

use serde::{Deserialize, Serialize};

use crate::record::EventStatus;
use crate::sample::MonoTime;

use super::config::BehaviourConfig;
use super::{Cancelled, EventFacts};

/// Driving at speed for so long in all is driving on: rolling out after a crash takes less.
const DROVE_ON_S: f64 = 8.0;
/// Speeds further apart than this say nothing of the time between.
const HOLE_S: f64 = 2.5;

/// The last impact, as long as it can be cancelled.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Cancel {
    told: Option<(MonoTime, EventFacts)>,
    driven_s: f64,
    last: Option<MonoTime>,
}

impl Cancel {
    /// An impact was told at `t`.
    pub(super) fn told(&mut self, config: &BehaviourConfig, t: MonoTime, impact: &EventFacts) {
        let impact = EventFacts { raw: None, ..impact.clone() };
        *self = Self { told: Some((t.plus(config.impact_cancel_s), impact)), driven_s: 0.0, last: Some(t) };
    }

    /// Someone says that nothing happened.
    pub(super) fn denied(&mut self, t: MonoTime) -> Option<EventFacts> {
        self.revise(t, Cancelled::Denied)
    }

    /// The speed now.
    pub(super) fn going(&mut self, config: &BehaviourConfig, t: MonoTime, speed_mps: f64) -> Option<EventFacts> {
        self.told.as_ref()?;
        let dt_s = self.last.replace(t).map_or(0.0, |last| t.since(last));
        if speed_mps >= config.impact_min_speed_mps && dt_s <= HOLE_S {
            self.driven_s += dt_s;
        }
        if self.driven_s >= DROVE_ON_S {
            return self.revise(t, Cancelled::DroveOn);
        }
        self.told.take_if(|(until, _)| *until < t);
        None
    }

    fn revise(&mut self, t: MonoTime, why: Cancelled) -> Option<EventFacts> {
        let (until, impact) = self.told.take()?;
        let status = EventStatus::Unconfirmed;
        (t <= until).then(|| EventFacts { rev: impact.rev + 1, status, cancelled: Some(why), ..impact })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::EventType;

    fn at(t_s: f64) -> MonoTime {
        MonoTime::from_seconds(t_s)
    }

    fn told() -> Cancel {
        let mut cancel = Cancel::default();
        let impact = EventFacts::bare(EventType::Impact, at(88.0), at(88.0), at(88.1));
        cancel.told(&BehaviourConfig::default(), at(100.0), &impact);
        cancel
    }

    #[test]
    fn a_word_within_the_window_cancels_it_once() {
        let mut cancel = told();
        let revised = cancel.denied(at(110.0)).unwrap();
        assert_eq!((revised.rev, revised.cancelled), (2, Some(Cancelled::Denied)));
        assert_eq!(revised.status, EventStatus::Unconfirmed);
        assert_eq!(cancel.denied(at(111.0)), None);
        assert_eq!(told().denied(at(100.1).plus(BehaviourConfig::default().impact_cancel_s)), None, "too late");
    }

    #[test]
    fn driving_on_cancels_it_and_standing_or_rolling_out_does_not() {
        let config = BehaviourConfig::default();
        let drive = |speed: fn(u32) -> f64| {
            let mut cancel = told();
            (0..60).find_map(|i| cancel.going(&config, at(100.0 + f64::from(i)), speed(i)))
        };
        assert_eq!(drive(|_| 14.0).unwrap().cancelled, Some(Cancelled::DroveOn));
        assert_eq!(drive(|_| 0.0), None);
        assert_eq!(drive(|i| if i < 6 { 12.0 } else { 0.5 }), None);
        assert_eq!(drive(|i| if i < 40 { 0.0 } else { 14.0 }), None, "the window was over");
    }
}
