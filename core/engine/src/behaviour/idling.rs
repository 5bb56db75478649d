//! Standing with the engine on. A phone does not hear an engine: being charged by the car or playing through it is
//! taken as its sign, and without such a sign nothing is said.

use serde::{Deserialize, Serialize};

use crate::geo::LatLon;
use crate::record::{EventType, Severity};
use crate::sample::{MonoTime, Signal};

use super::EventFacts;
use super::config::BehaviourConfig;

/// Slower than this is standing.
const STANDS_MPS: f64 = 0.5;
/// Standing is broken by a hole longer than this.
const HOLE_S: f64 = 30.0;

/// The watcher.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Idling {
    charging: bool,
    audio: bool,
    open: Option<(MonoTime, MonoTime, Option<LatLon>)>,
}

impl Idling {
    /// A fact about the phone.
    pub(super) fn signal(&mut self, signal: &Signal) {
        match signal {
            Signal::Charging(on) => self.charging = *on,
            Signal::VehicleAudio(name) => self.audio = name.is_some(),
            Signal::Activity(..)
            | Signal::Steps(_)
            | Signal::Screen(_)
            | Signal::Lock(_)
            | Signal::Call(_)
            | Signal::PowerSave(_)
            | Signal::Provider(_)
            | Signal::SpeedLimit(_)
            | Signal::Permission(_)
            | Signal::Consent(_)
            | Signal::Duty(_)
            | Signal::Wake(_) => {}
        }
    }

    /// The speed now, in a trip by motor vehicle or not. Hands out a time of idling that is over.
    pub(super) fn step(
        &mut self,
        config: &BehaviourConfig,
        t: MonoTime,
        speed_mps: Option<f64>,
        driving: bool,
        position: Option<LatLon>,
    ) -> Option<EventFacts> {
        let idles = driving && (self.charging || self.audio) && speed_mps.is_some_and(|v| v < STANDS_MPS);
        let hole = self.open.is_some_and(|(_, end, _)| t.since(end) > HOLE_S);
        let done = if idles && !hole { None } else { self.finish(config) };
        if idles {
            let (_, end, _) = self.open.get_or_insert((t, t, position));
            *end = t;
        }
        done
    }

    /// The open time as it is.
    pub(super) fn finish(&mut self, config: &BehaviourConfig) -> Option<EventFacts> {
        let (start, end, position) = self.open.take()?;
        (end.since(start) >= config.idling_min_s).then_some(EventFacts {
            speed_in_mps: Some(0.0),
            speed_out_mps: Some(0.0),
            severity: Some(Severity::Low),
            confidence: 0.5,
            position,
            ..EventFacts::bare(EventType::Idling, start, start, end)
        })
    }
}
