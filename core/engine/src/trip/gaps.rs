//! Gaps: times inside a trip from which there is no fix, each with its cause as far as it can be told.

use serde::{Deserialize, Serialize};

use super::facts::GapCause;
use crate::sample::{MonoTime, Permission, PermissionLevel, Signal};

/// IMU frames in at least this part of a gap: the phone was awake, only positions were missing.
const AWAKE: f64 = 0.5;

/// What was heard since the last fix.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Silence {
    last_fix: Option<MonoTime>,
    frames_s: f64,
    heard: bool,
    provider: bool,
    permitted: bool,
    provider_lost: bool,
    permission_lost: bool,
    /// The vehicle stood at the last fix, where the plan asks for no more.
    pub stands: bool,
    /// The phone was restarted in a trip; nothing is known from then on.
    rebooted: Option<MonoTime>,
}

impl Default for Silence {
    fn default() -> Self {
        Self {
            last_fix: None,
            frames_s: 0.0,
            heard: false,
            provider: true,
            permitted: true,
            provider_lost: false,
            permission_lost: false,
            stands: false,
            rebooted: None,
        }
    }
}

impl Silence {
    /// The phone's sensors go on for `dt_s` more.
    pub fn frame(&mut self, dt_s: f64) {
        self.frames_s += dt_s;
    }

    /// Nothing was heard since `t`.
    pub fn since(&mut self, t: MonoTime) {
        self.last_fix = Some(t);
    }

    /// What the phone says about itself.
    pub fn signal(&mut self, signal: &Signal) {
        self.heard = true;
        match signal {
            Signal::Provider(on) => self.provider = *on,
            Signal::Permission(Permission { level, .. }) => self.permitted = *level != PermissionLevel::Denied,
            Signal::Activity(..) | Signal::Steps(_) | Signal::Screen(_) | Signal::Lock(_) | Signal::Call(_) => {}
            Signal::Charging(_) | Signal::PowerSave(_) | Signal::VehicleAudio(_) | Signal::SpeedLimit(_) => {}
            Signal::Consent(_) | Signal::Duty(_) | Signal::Wake(_) => {}
        }
        self.provider_lost |= !self.provider;
        self.permission_lost |= !self.permitted;
    }

    /// Of a phone that was restarted in a trip, and speaks again at `t`. Where the axis of time began anew, the gap begins
    /// with it: what was before has no place on it.
    pub fn rebooted(&self, t: MonoTime) -> Self {
        let start = self.last_fix.map(|last| if last <= t { last } else { MonoTime(0).min(t) });
        Self { rebooted: start, ..Self::default() }
    }

    /// A fix: returns the gap that it ends, if one of at least `gap_s`.
    pub fn fix(&mut self, t: MonoTime, gap_s: f64) -> Option<(MonoTime, GapCause)> {
        let before = self.last_fix.replace(t);
        if let Some(start) = self.rebooted.take() {
            return Some((start, GapCause::Reboot));
        }
        let gap = before.filter(|b| t.since(*b) >= gap_s).map(|b| (b, self.cause(t.since(b))));
        self.frames_s = 0.0;
        self.heard = false;
        self.provider_lost = !self.provider;
        self.permission_lost = !self.permitted;
        gap
    }

    /// When the last fix came.
    pub fn last_fix(&self) -> Option<MonoTime> {
        self.last_fix
    }

    /// The phone was awake, at least for half of the time since the last fix.
    pub fn is_awake(&self, t: MonoTime) -> bool {
        self.last_fix.is_some_and(|fix| self.frames_s >= AWAKE * t.since(fix))
    }

    fn cause(&self, length_s: f64) -> GapCause {
        if self.permission_lost {
            return GapCause::Permission;
        }
        if self.provider_lost {
            return GapCause::ProviderOff;
        }
        if self.frames_s >= AWAKE * length_s || self.heard { GapCause::NoFix } else { GapCause::NoInput }
    }
}
