//! What befalls the phone and the vehicle on the way, at set times or by chance: handling, calls, slips, drops, crashes,
//! jams, gates, outages. Playing it out over the seconds that it takes is here; what it does to whom is theirs.

use milepost_engine::sample::Call;

use crate::phone::{Grip, Keeping, Phone};
use crate::rng::Rng;
use crate::sense::Signals;
use crate::truth::Crash;

/// Something that happens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Incident {
    /// Taken in the hand for so long and put back.
    Handled {
        seconds: f64,
    },
    /// A call, at the ear or hands-free.
    Called {
        seconds: f64,
        hands_free: bool,
    },
    /// The holder lets it slip by an angle.
    Slips {
        angle_rad: f64,
    },
    /// Falls to the floor, and is picked up after so long.
    Dropped {
        lies_s: f64,
    },
    Crash(Crash),
    Jam {
        seconds: f64,
    },
    Gates {
        seconds: f64,
    },
    /// Nothing is received for so long.
    NoSky {
        seconds: f64,
    },
    /// Nothing is received ever again.
    NoFixEver,
}

/// How often things happen by chance, per hour at the wheel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chances {
    /// `None`: by the driver's temper.
    pub handled: Option<f64>,
    pub called: f64,
    pub slips: f64,
    pub dropped: f64,
}

impl Chances {
    /// The phone stays where it is.
    pub const NONE: Self = Self { handled: Some(0.0), called: 0.0, slips: 0.0, dropped: 0.0 };
    /// As people are.
    pub const USUAL: Self = Self { handled: None, called: 0.4, slips: 0.08, dropped: 0.05 };
}

/// What is going on with the phone at the wheel.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Use {
    None,
    /// In the hand until then.
    InHand {
        until_s: f64,
        call: bool,
    },
    /// A hands-free call until then.
    Talking {
        until_s: f64,
    },
    /// On the floor until then.
    OnFloor {
        until_s: f64,
    },
}

/// The course of what happens to the phone at the wheel.
#[derive(Clone, Debug)]
pub(crate) struct AtTheWheel {
    rng: Rng,
    rates_per_s: [f64; 4],
    /// When the next of each comes, in seconds at the wheel.
    next_s: [f64; 4],
    wheel_s: f64,
    doing: Use,
}

impl AtTheWheel {
    pub fn new(mut rng: Rng, chances: Chances, handling_per_h: f64) -> Self {
        let per_h = [chances.handled.unwrap_or(handling_per_h), chances.called, chances.slips, chances.dropped];
        let rates_per_s = per_h.map(|r| r / 3600.0);
        let next_s = rates_per_s.map(|r| rng.wait(r));
        Self { rng, rates_per_s, next_s, wheel_s: 0.0, doing: Use::None }
    }

    /// One step at the wheel: what happens by chance now.
    pub fn chance(&mut self, dt_s: f64) -> Option<Incident> {
        self.wheel_s += dt_s;
        if self.doing != Use::None {
            return None;
        }
        let due = self.next_s.iter().position(|t| self.wheel_s >= *t)?;
        let (rate, now) = (self.rates_per_s.get(due).copied()?, self.wheel_s);
        if let Some(next) = self.next_s.get_mut(due) {
            *next = now + 20.0 + self.rng.wait(rate);
        }
        let rng = &mut self.rng;
        Some(match due {
            0 => Incident::Handled { seconds: rng.range(5.0, 35.0) },
            1 => Incident::Called { seconds: rng.range(20.0, 150.0), hands_free: rng.chance(0.5) },
            2 => Incident::Slips { angle_rad: rng.range(0.35, 1.2) },
            _ => Incident::Dropped { lies_s: rng.range(8.0, 90.0) },
        })
    }

    /// Begins an incident that is the phone's. Says whether it was.
    pub fn begin(&mut self, incident: Incident, t_s: f64, phone: &mut Phone, signals: &mut Signals) {
        match incident {
            Incident::Handled { seconds } => {
                phone.goes(Grip::Hand);
                if self.rng.chance(0.85) {
                    signals.screen(t_s + 0.4, true);
                }
                self.doing = Use::InHand { until_s: t_s + seconds, call: false };
            }
            Incident::Called { seconds, hands_free } => {
                signals.call(t_s, Call::Ringing);
                let answered_s = t_s + self.rng.range(3.0, 9.0);
                let call = if hands_free { Call::HandsFree } else { Call::Handheld };
                signals.call(answered_s, call);
                if hands_free {
                    self.doing = Use::Talking { until_s: answered_s + seconds };
                } else {
                    phone.goes(Grip::Hand);
                    self.doing = Use::InHand { until_s: answered_s + seconds, call: true };
                }
            }
            Incident::Slips { angle_rad } => {
                if phone.grip() == Grip::Fixed {
                    phone.slips(angle_rad);
                }
            }
            Incident::Dropped { lies_s } => {
                phone.drops(t_s);
                self.doing = Use::OnFloor { until_s: t_s + lies_s };
            }
            Incident::Crash(_)
            | Incident::Jam { .. }
            | Incident::Gates { .. }
            | Incident::NoSky { .. }
            | Incident::NoFixEver => {}
        }
    }

    /// Goes on with what was begun.
    pub fn step(&mut self, t_s: f64, keeping: Keeping, phone: &mut Phone, signals: &mut Signals) {
        match self.doing {
            Use::InHand { until_s, call } if t_s >= until_s => {
                if call {
                    signals.call(t_s, Call::None);
                }
                phone.goes(keeping.grip());
                signals.screen(t_s, false);
                self.doing = Use::None;
            }
            Use::Talking { until_s } if t_s >= until_s => {
                signals.call(t_s, Call::None);
                self.doing = Use::None;
            }
            Use::OnFloor { until_s } if t_s >= until_s => {
                // Fished up, looked at, put back.
                phone.goes(Grip::Hand);
                self.doing = Use::InHand { until_s: t_s + 4.0, call: false };
            }
            Use::None | Use::InHand { .. } | Use::Talking { .. } | Use::OnFloor { .. } => {}
        }
    }

    /// The ride is over: what was begun is broken off.
    pub fn stop(&mut self, t_s: f64, signals: &mut Signals) {
        if matches!(self.doing, Use::Talking { .. } | Use::InHand { call: true, .. }) {
            signals.call(t_s, Call::None);
        }
        self.doing = Use::None;
    }
}
