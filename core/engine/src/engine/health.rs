//! What keeps the engine from finding trips, as a set of blockers with names. What to do about each is the host's to
//! explain; what happens to samples meanwhile is decided in `engine`.

use serde::{Deserialize, Serialize};

use crate::sample::{MonoTime, Permission, PermissionLevel, Signal};

/// Heartbeats that are told of a silence, counted from the newest input: a week of hourly ones. Nothing vouches for what
/// lies beyond it, least of all a stray stamp of a time that has not come; then the next is told when something is heard.
const UNHEARD_BEATS: f64 = 168.0;

/// What the phone said last; what it never said is taken as fine.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Health {
    consent: bool,
    duty: bool,
    provider: bool,
    power_save: bool,
    permission: Option<Permission>,
    /// The newest fix came from a mock provider, and was refused.
    mock: bool,
    /// The wall clock is not set.
    clockless: bool,
    /// A trip goes on, and the IMU says nothing.
    senseless: bool,
    told: Vec<Blocker>,
    told_at: Option<MonoTime>,
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
    /// No accelerometer, or it is not given to us.
    NoSensors,
    /// Positions come from a mock provider and are refused.
    MockLocation,
    /// The phone does not know what time it is.
    ClockNotSet,
    /// Nothing can be written. Only the sdk knows it.
    StorageFull,
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
            Blocker::NoSensors => "no_sensors",
            Blocker::MockLocation => "mock_location",
            Blocker::ClockNotSet => "clock_not_set",
            Blocker::StorageFull => "storage_full",
        }
    }

    /// The code of what the user can do about it; docs/records.md has the sentences.
    pub fn remedy(self) -> &'static str {
        match self {
            Blocker::NoConsent => "ask_for_consent",
            Blocker::OffDuty => "go_on_duty",
            Blocker::ProviderOff => "turn_location_on",
            Blocker::PermissionDenied => "allow_location",
            Blocker::PermissionWhileInUse => "allow_location_always",
            Blocker::ReducedAccuracy => "allow_precise_location",
            Blocker::PowerSaving => "turn_power_saving_off",
            Blocker::NoSensors => "allow_motion_sensors",
            Blocker::MockLocation => "remove_mock_provider",
            Blocker::ClockNotSet => "set_clock_automatically",
            Blocker::StorageFull => "free_storage",
        }
    }
}

impl Health {
    /// Healthy; consent and duty as assumed until something is said of them.
    pub fn new(consent: bool, duty: bool) -> Self {
        Self {
            consent,
            duty,
            provider: true,
            power_save: false,
            permission: None,
            mock: false,
            clockless: false,
            senseless: false,
            told: Vec::new(),
            told_at: None,
        }
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
            (self.senseless, Blocker::NoSensors),
            (self.mock, Blocker::MockLocation),
            (self.clockless, Blocker::ClockNotSet),
        ]
        .into_iter()
        .filter_map(|(stands, blocker)| stands.then_some(blocker))
        .collect()
    }

    /// A fix came; one of a mock provider was refused.
    pub fn fix(&mut self, mock: bool) {
        self.mock = mock;
    }

    /// What the host says of the wall clock.
    pub fn clock(&mut self, is_set: bool) {
        self.clockless = !is_set;
    }

    /// A trip goes on with or without an IMU.
    pub fn sensors(&mut self, are_there: bool) {
        self.senseless = !are_there;
    }

    /// When the next record is due even if nothing changes: whoever is silent for longer is dead, not parked. `newest` is
    /// the time of the last input that was decided.
    pub fn heartbeat(&self, every_s: f64, newest: MonoTime) -> Option<MonoTime> {
        let heard = self.heard_by(newest)?;
        self.due(every_s).filter(|due| due.since(heard) <= UNHEARD_BEATS * every_s)
    }

    /// An input of `t` is decided, the next after that of `newest`: of a silence that was too long nothing more is told.
    pub fn hear(&mut self, t: MonoTime, newest: MonoTime, every_s: f64) {
        if self.heard_by(newest).is_some_and(|heard| t.since(heard) > UNHEARD_BEATS * every_s) {
            self.told_at = Some(t.plus(-every_s));
        }
    }

    /// The last sign of life; before the first input of an engine that begins anew, the last record.
    fn heard_by(&self, newest: MonoTime) -> Option<MonoTime> {
        self.told_at.map(|told_at| if newest == MonoTime::MIN { told_at } else { newest })
    }

    fn due(&self, every_s: f64) -> Option<MonoTime> {
        self.told_at.filter(|_| every_s > 0.0 && self.is_allowed()).map(|t| t.plus(every_s))
    }

    /// The axis of time broke.
    pub fn restart(&mut self) {
        self.told_at = None;
    }

    /// The blockers if there is something to tell at `t`: others than last time, or a heartbeat.
    pub fn news(&mut self, t: MonoTime, every_s: f64) -> Option<Vec<Blocker>> {
        let now = self.blockers();
        self.told_at.get_or_insert(t);
        let beats = self.due(every_s).is_some_and(|due| t >= due);
        if now == self.told && !beats {
            return None;
        }
        self.told_at = Some(t);
        self.told = now.clone();
        Some(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Permission;

    #[test]
    fn whatever_stands_in_the_way_is_named_with_what_to_do_and_goes_when_it_is_mended() {
        let permission = |level, reduced| Signal::Permission(Permission { level, reduced });
        let always = permission(PermissionLevel::Always, false);
        for (signal, mended, expected) in [
            (Signal::Consent(false), Signal::Consent(true), Blocker::NoConsent),
            (Signal::Duty(false), Signal::Duty(true), Blocker::OffDuty),
            (Signal::Provider(false), Signal::Provider(true), Blocker::ProviderOff),
            (permission(PermissionLevel::Denied, false), always.clone(), Blocker::PermissionDenied),
            (permission(PermissionLevel::WhileInUse, false), always.clone(), Blocker::PermissionWhileInUse),
            (permission(PermissionLevel::Always, true), always, Blocker::ReducedAccuracy),
            (Signal::PowerSave(true), Signal::PowerSave(false), Blocker::PowerSaving),
        ] {
            let mut health = Health::new(true, true);
            assert!(health.blockers().is_empty());
            health.signal(&signal);
            assert_eq!(health.blockers(), [expected]);
            assert!(!expected.remedy().is_empty());
            health.signal(&mended);
            assert!(health.blockers().is_empty(), "{expected:?}");
        }
        let mut health = Health::new(false, false);
        assert_eq!(health.blockers(), [Blocker::NoConsent, Blocker::OffDuty], "as assumed");
        health.fix(true);
        health.clock(false);
        health.sensors(false);
        let others = [Blocker::NoSensors, Blocker::MockLocation, Blocker::ClockNotSet];
        assert_eq!(health.blockers()[2..], others);
    }

    #[test]
    fn of_a_silence_a_week_of_hourly_heartbeats_is_told_and_then_the_next_sign_of_life() {
        let mut health = Health::new(true, true);
        let at = MonoTime::from_seconds;
        assert_eq!(health.news(at(0.0), 10.0), None);
        let mut told = 0;
        while let Some(due) = health.heartbeat(10.0, at(0.0)) {
            assert!(health.news(due, 10.0).is_some());
            told += 1;
        }
        assert_eq!(told, 168);
        health.hear(at(1e9), at(0.0), 10.0);
        assert_eq!(health.heartbeat(10.0, at(1e9)), Some(at(1e9)));
        assert!(health.news(at(1e9), 10.0).is_some());
        health.hear(at(1e9 + 1_000.0), at(1e9), 10.0);
        assert_eq!(health.heartbeat(10.0, at(1e9 + 1_000.0)), Some(at(1e9 + 10.0)), "short silences are told in full");
        assert_eq!(health.heartbeat(10.0, MonoTime::MIN), Some(at(1e9 + 10.0)), "an engine that begins anew");
    }

    #[test]
    fn a_change_is_told_once_and_a_heartbeat_again() {
        let mut health = Health::new(true, true);
        let at = |t_s: f64| MonoTime::from_seconds(t_s);
        assert_eq!(health.news(at(0.0), 100.0), None);
        health.signal(&Signal::Provider(false));
        assert_eq!(health.news(at(10.0), 100.0), Some(vec![Blocker::ProviderOff]));
        assert_eq!(health.news(at(20.0), 100.0), None);
        assert_eq!(health.news(at(110.0), 100.0), Some(vec![Blocker::ProviderOff]));
    }
}
