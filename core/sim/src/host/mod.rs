//! A host that does as it is told: it senses only what the plan asks for, dies now and then, and is billed for all of it.
//! What the OS does to it meanwhile is the world's; what else a host could do than follow the plan is in `policy`.

mod bill;
mod policy;
mod price;

use milepost_engine::config::{Config, Preset};
use milepost_engine::contract::{GnssPlan, Input, Output, SensingPlan};
use milepost_engine::record::{Body, EventType, Seconds, TripBody, TripStatus};
use milepost_engine::sample::MonoTime;
use milepost_engine::{Engine, Session, Uuid};

pub use bill::Bill;
pub use policy::Policy;

use crate::rng::{Rng, Stream};
use crate::truth::Truth;
use crate::{Item, Scenario};

/// Seconds between two snapshots: what a kill costs. The sdk has the same.
const SNAPSHOT_S: f64 = 10.0;
/// The OS starts a killed foreground service again after so long; an app that slept stays dead until it is woken.
const RESTART_S: (f64, f64) = (5.0, 60.0);
/// OEM battery managers kill so often an hour.
const KILLS_PER_H: f64 = 0.1;
/// Sensors come in batches of one of these lengths, by phone.
const BATCHES_S: [f64; 3] = [0.2, 1.0, 3.0];

/// The weeks in which plans and policies are compared, each with the preset of such a phone.
pub const WEEKS: [(&str, Preset); 3] = [
    ("courier_week", Preset::Courier),
    ("ride_hailing_week", Preset::RideHailing),
    ("office_week", Preset::PrivateCar),
];

/// The configuration in such a week: a trip of the truth ends after five minutes.
pub fn week_config(preset: Preset) -> Config {
    let mut config = Config::preset(preset);
    config.trip.stop_timeout_s = 300.0;
    config
}

/// A declared way is right within this part of it, or so many metres: it begins at a network position, which is no better.
const DECLARED: (f64, f64) = (0.3, 25.0);

/// Whether a trip declares the metres of its start that nobody saw.
pub fn declares(trip: &TripBody, missed_m: f64) -> bool {
    let (part, coarse_m) = DECLARED;
    (trip.missed_start_m.unwrap_or(0.0) - missed_m).abs() <= (part * missed_m).max(coarse_m)
}

/// What a host went through, and what it cost.
#[derive(Clone, Debug, Default)]
pub struct Life {
    /// What it cost.
    pub bill: Bill,
    /// The finished trips, as they were in the end.
    pub trips: Vec<TripBody>,
    /// What was true.
    pub truth: Truth,
    /// Every plan it was given.
    pub plans: Vec<SensingPlan>,
    /// When the receiver gave a fix, and how many metres the vehicle had been driven then.
    seen: Vec<(f64, f64)>,
}

impl Life {
    /// Seconds of the true trips.
    pub fn driving_s(&self) -> f64 {
        self.truth.trips.iter().map(|t| t.span.end_s - t.span.start_s).sum()
    }

    /// For each true trip: the metres of its start that no fix shows, `None` if nothing of it was seen, and the trip that
    /// was found for it.
    pub fn starts(&self) -> Vec<(Option<f64>, Option<&TripBody>)> {
        let mut before_m = 0.0;
        let of = |trip: &crate::Trip| {
            let span = trip.span;
            let began_m = before_m;
            before_m += trip.distance_m;
            let first = self.seen.iter().find(|(t, _)| (span.start_s..=span.end_s).contains(t));
            let overlap_s = |found: &&TripBody| {
                let (start, end) = (secs(found.start_t_s), found.end_t_s.map_or(span.end_s, secs));
                end.min(span.end_s) - start.max(span.start_s)
            };
            let found = self.trips.iter().max_by(|a, b| overlap_s(a).total_cmp(&overlap_s(b)));
            let enough = FOUND_PART * (span.end_s - span.start_s);
            (first.map(|(_, at_m)| (at_m - began_m).max(0.0)), found.filter(|trip| overlap_s(trip) >= enough))
        };
        self.truth.trips.iter().map(of).collect()
    }
}

fn secs(at: Seconds) -> f64 {
    at.time().seconds()
}

/// A trip is found if a record covers this part of it.
const FOUND_PART: f64 = 0.5;

/// Lets a phone live through a scenario.
pub fn live(scenario: &Scenario, config: &Config, policy: Policy) -> Life {
    let mut rng = Rng::stream(scenario.seed(), Stream::Phone, 7);
    let batch_s = BATCHES_S.get(rng.whole(0, 2) as usize).copied().unwrap_or(BATCHES_S[0]);
    let world = scenario.clone().obedient().imu_batches(batch_s).world();
    let mut world = if policy == Policy::AlwaysOn { world.skimming_rest() } else { world };
    let mut host = Host::new(config, policy, rng);
    let mut life = Life::default();
    while let Some(item) = world.next() {
        match item {
            Item::Fact(fact) => life.truth.take(fact),
            Item::State(_) => {}
            Item::Input(input) => {
                if matches!(input, Input::Fix(_)) && host.wants_gnss() {
                    life.seen.push((world.clock().mono.seconds() + world.elapsed_s(), world.driven_m()));
                }
                life.bill.pass(world.elapsed_s(), world.rests(), &input);
                if host.take(world.elapsed_s(), input, &mut life) {
                    let asked = host.asked();
                    world.obey(&asked);
                    life.bill.ask(&asked);
                }
            }
        }
    }
    life.trips = host.trips.into_iter().map(|(_, trip)| trip).collect();
    life
}

struct Host {
    engine: Engine,
    snapshot: Option<(f64, Vec<u8>)>,
    policy: policy::State,
    plan: Option<SensingPlan>,
    rng: Rng,
    next_kill_s: f64,
    /// Dead until then; infinite: until the OS wakes the app.
    dead_until_s: Option<f64>,
    trips: Vec<(Uuid, TripBody)>,
}

impl Host {
    fn new(config: &Config, policy: Policy, mut rng: Rng) -> Self {
        let next_kill_s = rng.wait(KILLS_PER_H / 3600.0);
        Self {
            engine: Engine::new(config.clone(), &Session { seed: rng.whole(1, 1 << 40), first_seq: 1 }),
            snapshot: None,
            policy: policy::State::new(policy),
            plan: None,
            rng,
            next_kill_s,
            dead_until_s: None,
            trips: Vec::new(),
        }
    }

    /// Hands an input over, if anyone lives. Returns whether what is asked for may have changed.
    fn take(&mut self, t_s: f64, input: Input, life: &mut Life) -> bool {
        let mut changed = self.lives(t_s, &input, life);
        if self.dead_until_s.is_some() {
            return changed;
        }
        changed |= self.policy.observe(&input);
        let last = matches!(input, Input::End);
        self.engine.handle(input);
        let mut said = false;
        while let Some(output) = self.engine.poll() {
            match output {
                Output::Plan(plan) => {
                    life.plans.push(plan.clone());
                    self.plan = Some(plan);
                    changed = true;
                }
                Output::Record(record) => {
                    said = true;
                    life.bill.record(t_s, is_urgent(&record.body));
                    if let Body::Trip(trip) = record.body {
                        self.trips.retain(|(id, _)| *id != record.id);
                        if trip.status == TripStatus::Ended {
                            self.trips.push((record.id, *trip));
                        }
                    }
                }
                Output::State(_) | Output::Track(_) => {}
            }
        }
        let due = self.snapshot.as_ref().is_none_or(|(at, _)| t_s - at >= SNAPSHOT_S);
        if (said || due) && !last {
            self.snapshot = self.engine.snapshot().ok().map(|bytes| (t_s, bytes));
        }
        changed
    }

    /// Kills and restarts. Returns whether that changed what is asked for.
    fn lives(&mut self, t_s: f64, input: &Input, life: &mut Life) -> bool {
        if let Some(until_s) = self.dead_until_s {
            let woken = matches!(input, Input::Signal(..) | Input::End);
            if !woken && t_s < until_s {
                return false;
            }
            self.dead_until_s = None;
            if let Some(engine) = self.snapshot.as_ref().and_then(|(_, bytes)| Engine::restore(bytes).ok()) {
                self.plan = engine.plan().cloned();
                self.engine = engine;
            }
            return true;
        }
        if t_s < self.next_kill_s {
            return false;
        }
        self.next_kill_s = t_s + self.rng.wait(KILLS_PER_H / 3600.0);
        life.bill.kills += 1;
        let served = self.wants_gnss();
        self.dead_until_s = Some(if served { t_s + self.rng.range(RESTART_S.0, RESTART_S.1) } else { f64::INFINITY });
        true
    }

    fn wants_gnss(&self) -> bool {
        matches!(self.asked().gnss, GnssPlan::Every(_))
    }

    /// What the OS is asked for now. What is registered with the OS survives a process, its sensors do not.
    fn asked(&self) -> SensingPlan {
        let quiet = SensingPlan {
            t: MonoTime(0),
            gnss: GnssPlan::Off,
            imu_hz: 0,
            activity: false,
            wake_fence: None,
            next_tick: None,
            reason: milepost_engine::contract::Reason::NotAllowed,
        };
        let asked = self.policy.shape(self.plan.clone().unwrap_or(quiet));
        match self.dead_until_s {
            None => asked,
            Some(_) => SensingPlan { gnss: GnssPlan::Off, imu_hz: 0, next_tick: None, ..asked },
        }
    }
}
/// As the upload sees it: it waits for nothing.
fn is_urgent(body: &Body) -> bool {
    match body {
        Body::Trip(trip) => trip.status == TripStatus::Ended,
        Body::Event(event) => event.kind == EventType::Impact,
        Body::Stop(_) | Body::Score(_) | Body::Gap(_) | Body::Window(_) | Body::Health(_) | Body::Summary(_) => false,
    }
}
