//! What the operating system says beside sensors: activity (late and sometimes wrong), steps, screen, lock, calls,
//! charger, the car's audio, and the limit of the road from whoever knows it.

use std::collections::VecDeque;

use milepost_engine::sample::{Activity, Call, Signal};

use crate::rng::Rng;

/// How good the signals are, and which there are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SignalStyle {
    pub activity: bool,
    pub steps: bool,
    /// Part of the activity updates that are wrong.
    pub wrong: f64,
    /// Seconds by which a limit may be known late.
    pub limit_late_s: (f64, f64),
}

impl Default for SignalStyle {
    fn default() -> Self {
        Self { activity: true, steps: true, wrong: 0.06, limit_late_s: (0.2, 4.0) }
    }
}

/// The operating system sees a change this late.
const ACTIVITY_LATE_S: (f64, f64) = (30.0, 180.0);
/// The step counter reports this often while one walks.
const STEPS_EVERY_S: (f64, f64) = (2.0, 10.0);

/// A signal that became true at one time and is told at another.
#[derive(Clone, Debug)]
struct Pending {
    told_s: f64,
    true_s: f64,
    signal: Signal,
}

/// What is true of the phone and of who carries it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Facts {
    pub activity: Activity,
    pub steps: u64,
    pub limit_mps: Option<f64>,
}

#[derive(Clone, Debug)]
pub(crate) struct Signals {
    rng: Rng,
    style: SignalStyle,
    /// Few: an activity, a limit and what was pressed a moment ago.
    pending: VecDeque<Pending>,
    next_told_s: f64,
    last: Option<Facts>,
    next_steps_s: f64,
    told_steps: u64,
    screen: bool,
    locked: bool,
}

impl Signals {
    pub fn new(rng: Rng, style: SignalStyle) -> Self {
        Self {
            rng,
            style,
            pending: VecDeque::new(),
            next_told_s: f64::INFINITY,
            last: None,
            next_steps_s: 0.0,
            told_steps: 0,
            screen: false,
            locked: true,
        }
    }

    /// The host wants the activity, or not.
    pub fn ask(&mut self, activity: bool) {
        self.style.activity = activity;
    }

    /// Told `late_s` after it became true at `t_s`.
    pub fn tell(&mut self, t_s: f64, late_s: f64, signal: Signal) {
        self.next_told_s = self.next_told_s.min(t_s + late_s);
        self.pending.push_back(Pending { told_s: t_s + late_s, true_s: t_s, signal });
    }

    /// Someone wakes and unlocks the phone, or lays it aside.
    pub fn screen(&mut self, t_s: f64, on: bool) {
        if on == self.screen {
            return;
        }
        self.screen = on;
        self.tell(t_s, 0.05, Signal::Screen(on));
        if on == self.locked {
            self.locked = !on;
            let after = if on { self.rng.range(0.3, 1.5) } else { 0.1 };
            self.tell(t_s + after, 0.05, Signal::Lock(!on));
        }
    }

    pub fn call(&mut self, t_s: f64, call: Call) {
        self.tell(t_s, 0.1, Signal::Call(call));
    }

    /// One step of the world: gives `(true since, signal)` that is told now.
    pub fn step(&mut self, t_s: f64, now: Facts) -> Option<(f64, Signal)> {
        self.watch(t_s, now);
        if t_s < self.next_told_s {
            return None;
        }
        let due = self.pending.iter().position(|p| p.told_s <= t_s);
        let told = due.and_then(|i| self.pending.remove(i));
        self.next_told_s = self.pending.iter().map(|p| p.told_s).fold(f64::INFINITY, f64::min);
        let Pending { true_s, signal, told_s } = told?;
        match signal {
            // The system stamps an activity when it reports it; nobody knows better.
            Signal::Activity(..) => Some((told_s, self.maybe_wrong(signal))),
            Signal::Steps(_)
            | Signal::Screen(_)
            | Signal::Lock(_)
            | Signal::Call(_)
            | Signal::Charging(_)
            | Signal::PowerSave(_)
            | Signal::Provider(_)
            | Signal::VehicleAudio(_)
            | Signal::SpeedLimit(_)
            | Signal::Permission(_)
            | Signal::Consent(_)
            | Signal::Duty(_)
            | Signal::Wake(_) => Some((true_s, signal)),
        }
    }

    fn watch(&mut self, t_s: f64, now: Facts) {
        let last = self.last.replace(now);
        let style = self.style;
        if style.activity && last.is_none_or(|l| l.activity != now.activity) {
            let late_s = if last.is_none() { 1.0 } else { self.rng.range(ACTIVITY_LATE_S.0, ACTIVITY_LATE_S.1) };
            // An activity that ended before it was reported is mostly never reported.
            let skip = self.rng.chance(0.6);
            self.pending.retain(|p| !(skip && matches!(p.signal, Signal::Activity(..))));
            let confidence = (20.0 * self.rng.range(0.5, 1.0)).round() / 20.0;
            self.tell(t_s, late_s, Signal::Activity(now.activity, Some(confidence as f32)));
        }
        if last.is_none_or(|l| l.limit_mps != now.limit_mps) {
            let late_s = self.rng.range(style.limit_late_s.0, style.limit_late_s.1);
            self.tell(t_s, late_s, Signal::SpeedLimit(now.limit_mps.map(|v| v as f32)));
        }
        if style.steps && now.steps != self.told_steps && t_s >= self.next_steps_s {
            self.told_steps = now.steps;
            self.next_steps_s = t_s + self.rng.range(STEPS_EVERY_S.0, STEPS_EVERY_S.1);
            self.tell(t_s, 0.3, Signal::Steps(now.steps));
        }
    }

    fn maybe_wrong(&mut self, signal: Signal) -> Signal {
        let Signal::Activity(activity, confidence) = signal else { return signal };
        if !self.rng.chance(self.style.wrong) {
            return Signal::Activity(activity, confidence);
        }
        let wrong = match activity {
            Activity::Still => Activity::Walking,
            Activity::Walking | Activity::Running => Activity::Still,
            Activity::Automotive => Activity::Cycling,
            Activity::Cycling | Activity::Unknown => Activity::Unknown,
        };
        Signal::Activity(wrong, confidence.map(|c| 0.6 * c))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Stream;

    /// Activities that change every ten minutes: when each change happened, and when what was told of it.
    #[test]
    fn activities_come_half_a_minute_to_three_late_and_some_are_wrong() {
        let (mut delays, mut wrong): (Vec<f64>, u32) = (Vec::new(), 0);
        for seed in 0..40 {
            let mut signals = Signals::new(Rng::stream(seed, Stream::Signals, 0), SignalStyle::default());
            for second in 0..60_000_u32 {
                let (t_s, period) = (f64::from(second), second / 600);
                let activity = if period % 2 == 0 { Activity::Still } else { Activity::Automotive };
                let told = signals.step(t_s, Facts { activity, steps: 0, limit_mps: None });
                if let Some((since_s, Signal::Activity(said, confidence))) = told
                    && period > 0
                {
                    assert!((0.0..1.0).contains(&(t_s - since_s)), "stamped when it is told");
                    assert!(confidence.is_some_and(|c| (0.25..=1.0).contains(&c)));
                    delays.push(since_s - f64::from(period * 600));
                    wrong += u32::from(said != activity);
                }
            }
        }
        let n = delays.len() as f64;
        let mean = delays.iter().sum::<f64>() / n;
        assert!(n > 3_900.0 && delays.iter().all(|d| (30.0..=180.0).contains(d)));
        assert!((mean - 105.0).abs() < 3.0, "{mean} s late on average");
        assert!((0.045..0.075).contains(&(f64::from(wrong) / n)), "{wrong} of {n} are wrong");
    }
}
