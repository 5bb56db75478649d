//! What keeps the engine from finding trips, as a set of blockers with names. What to do about each is the host's to
//! explain; what happens to samples meanwhile is decided in `engine`.

use serde::{Deserialize, Serialize};

use crate::sample::{Permission, PermissionLevel, Signal};

/// What the phone said last; what it never said is taken as fine.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Health {
    consent: bool,
    duty: bool,
    provider: bool,
    power_save: bool,
    permission: Option<Permission>,
    told: Vec<Blocker>,
}

/// One reason why trips may be missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Blocker {
    /// The person has not agreed.
    NoConsent,
    /// The person is not at work.
    OffDuty,
    /// The location provider is off.
    ProviderOff,
    /// The app may not locate.
    PermissionDenied,
    /// The app may locate only while on screen.
    PermissionWhileInUse,
    /// The app is given only coarse positions.
    ReducedAccuracy,
    /// The OS saves power and withholds positions.
    PowerSaving,
}

impl Blocker {
    /// The word for it in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Blocker::NoConsent => "no_consent",
            Blocker::OffDuty => "off_duty",
            Blocker::ProviderOff => "provider_off",
            Blocker::PermissionDenied => "permission_denied",
            Blocker::PermissionWhileInUse => "permission_while_in_use",
            Blocker::ReducedAccuracy => "reduced_accuracy",
            Blocker::PowerSaving => "power_saving",
        }
    }
}

impl Health {
    /// Healthy; consent and duty as assumed until something is said of them.
    pub fn new(consent: bool, duty: bool) -> Self {
        Self { consent, duty, provider: true, power_save: false, permission: None, told: Vec::new() }
    }

    /// The phone saves power.
    pub fn is_saving(&self) -> bool {
        self.power_save
    }

    /// Takes what concerns it.
    pub fn signal(&mut self, signal: &Signal) {
        match signal {
            Signal::Consent(granted) => self.consent = *granted,
            Signal::Duty(on) => self.duty = *on,
            Signal::Provider(on) => self.provider = *on,
            Signal::PowerSave(on) => self.power_save = *on,
            Signal::Permission(permission) => self.permission = Some(*permission),
            Signal::Activity(..)
            | Signal::Steps(_)
            | Signal::Screen(_)
            | Signal::Lock(_)
            | Signal::Call(_)
            | Signal::Charging(_)
            | Signal::VehicleAudio(_)
            | Signal::Wake(_)
            | Signal::SpeedLimit(_) => {}
        }
    }

    /// Consent and duty are both given.
    pub fn is_allowed(&self) -> bool {
        self.consent && self.duty
    }

    /// Everything that stands in the way now, in a fixed order.
    pub fn blockers(&self) -> Vec<Blocker> {
        let level = self.permission.map(|p| p.level);
        [
            (!self.consent, Blocker::NoConsent),
            (!self.duty, Blocker::OffDuty),
            (!self.provider, Blocker::ProviderOff),
            (level == Some(PermissionLevel::Denied), Blocker::PermissionDenied),
            (level == Some(PermissionLevel::WhileInUse), Blocker::PermissionWhileInUse),
            (self.permission.is_some_and(|p| p.reduced), Blocker::ReducedAccuracy),
            (self.power_save, Blocker::PowerSaving),
        ]
        .into_iter()
        .filter_map(|(stands, blocker)| stands.then_some(blocker))
        .collect()
    }

    /// The blockers if they are not those that were told last.
    pub fn news(&mut self) -> Option<Vec<Blocker>> {
        let now = self.blockers();
        if now == self.told {
            return None;
        }
        self.told = now.clone();
        Some(now)
    }
}
