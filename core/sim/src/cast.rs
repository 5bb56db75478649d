//! Who is on stage: vehicle, person, phone. Plays the acts of the story second by second and lets incidents happen to
//! whom they happen. What sensors make of it is the world's.

use milepost_engine::record::StopClass;
use milepost_engine::sample::{Activity, Signal};

use crate::carried::Carried;
use crate::incident::{AtTheWheel, Incident};
use crate::maths::Rotation;
use crate::person::Person;
use crate::phone::{Grip, Held, Keeping, Phone, Work};
use crate::rng::{Rng, Stream};
use crate::road::{Goal, Pose, Sky};
use crate::scenario::Script;
use crate::sense::{Facts, Signals};
use crate::story::{Act, Story};
use crate::truth::{Crash, Going};
use crate::vehicle::{Standing, Vehicle};
use crate::world::DT_S;

/// Everyone on stage.
#[derive(Clone, Debug)]
pub(crate) struct Cast {
    rng: Rng,
    story: Story,
    act: Option<Act>,
    begun_s: f64,
    phase: u32,
    /// Moments of the act's phases, seconds since it began.
    marks_s: [f64; 4],
    pub vehicle: Vehicle,
    person: Person,
    pub aboard: bool,
    phone: Phone,
    keeping: Keeping,
    wheel: AtTheWheel,
    pub signals: Signals,
    incidents: Vec<(f64, Incident)>,
    parked_as: StopClass,
    last: Option<Carried>,
    moved_s: f64,
    charger: bool,
    audio: bool,
    crashed_s: Option<f64>,
    /// The sky is hidden until then.
    pub no_sky_until_s: f64,
    /// The receiver is dead.
    pub no_fix_ever: bool,
    /// A crash that happened in this step.
    pub crash: Option<Crash>,
}

/// The world goes on so long after a crash: long enough to see that nobody drives away.
const AFTER_CRASH_S: f64 = 100.0;
/// A phone that was put down lies where it lies after so long.
const SETTLED_S: f64 = 30.0;
/// A crash needs speed: it waits for it.
const CRASH_MIN_MPS: f64 = 9.0;

impl Cast {
    pub fn new(script: &Script) -> Self {
        let seed = script.seed;
        let mut rng = Rng::stream(seed, Stream::Phone, 1);
        let pose = script.start_pose();
        let temper = script.temper();
        let holder = script.keeping.turn(&mut rng);
        let mut phone = Phone::mounted(Rng::stream(seed, Stream::Phone, 0), holder);
        phone.sag(script.sag_deg_per_h * milepost_engine::geo::RAD_PER_DEG / 3600.0);
        let story = Story::new(script.plot, script.days, seed);
        let aboard = story.begins_aboard();
        let mut person = Person::new(seed, pose.beside(-3.0, 12.0));
        if !aboard {
            phone.lies();
            person.sky = Sky::Indoors;
        } else if script.keeping == Keeping::Pocket || script.keeping == Keeping::CupHolder {
            phone.settles(script.keeping.grip());
        }
        let mut incidents = script.incidents.clone();
        incidents.sort_by(|a, b| b.0.total_cmp(&a.0));
        Self {
            act: None,
            begun_s: 0.0,
            phase: 0,
            marks_s: [0.0; 4],
            vehicle: Vehicle::new(seed, 0, temper, script.roads, pose),
            person,
            aboard,
            phone,
            keeping: script.keeping,
            wheel: AtTheWheel::new(Rng::stream(seed, Stream::Phone, 2), script.chances, temper.handling_per_h),
            signals: Signals::new(Rng::stream(seed, Stream::Signals, 0), script.signals),
            incidents,
            parked_as: StopClass::Unknown,
            last: None,
            moved_s: -1e9,
            charger: rng.chance(0.5),
            audio: rng.chance(0.35),
            crashed_s: None,
            no_sky_until_s: 0.0,
            no_fix_ever: false,
            crash: None,
            story,
            rng,
        }
    }

    /// Moves the story on to `t_s`; false when it is over.
    pub fn direct(&mut self, t_s: f64) -> bool {
        self.crash = None;
        self.befall(t_s);
        if let Some(crashed_s) = self.crashed_s {
            return t_s < crashed_s + AFTER_CRASH_S;
        }
        while self.act.is_none_or(|act| self.play(act, t_s)) {
            let Some(act) = self.story.next() else { return false };
            self.begin(act, t_s);
        }
        true
    }

    /// One step of everyone who matters now.
    pub fn step(&mut self, t_s: f64) -> (Carried, Held) {
        let now = if self.aboard {
            self.vehicle.step(t_s)
        } else {
            let resting = matches!(self.act, Some(Act::Lie { .. } | Act::Pocketed { .. }));
            self.person.step(resting)
        };
        if now.speed_mps > 0.0 {
            self.moved_s = t_s;
        }
        self.last = Some(now);
        let mut held = self.phone.step(t_s);
        if !self.aboard {
            held.mount = -1;
        }
        (now, held)
    }

    pub fn driving(&self) -> bool {
        self.aboard && (matches!(self.act, Some(Act::Drive { .. } | Act::Cruise { .. })) || self.crashed_s.is_some())
    }

    /// The phone lies somewhere, or sits with someone.
    pub fn rests(&self) -> bool {
        !self.aboard && matches!(self.act, Some(Act::Lie { .. } | Act::Pocketed { .. }))
    }

    /// The same, and it has been put down some time ago.
    pub fn lies_still(&self, t_s: f64) -> bool {
        self.rests() && t_s - self.begun_s > SETTLED_S
    }

    pub fn in_hand(&self) -> bool {
        self.phone.in_hand()
    }

    /// For the signals.
    pub fn facts(&self, t_s: f64) -> Facts {
        let moving = t_s - self.moved_s < if self.aboard { 60.0 } else { 4.0 };
        let activity = match (self.aboard, moving) {
            (true, true) => Activity::Automotive,
            (false, true) => Activity::Walking,
            (true | false, false) => Activity::Still,
        };
        let limit_mps = if self.driving() { self.vehicle.limit_mps() } else { None };
        Facts { activity, steps: self.person.steps, limit_mps }
    }

    /// For the book of journeys.
    pub fn going(&self) -> Going {
        if !self.aboard {
            return Going::Foot;
        }
        let standing = self.vehicle.standing.map(|why| match why {
            Standing::Light | Standing::Crossing => StopClass::Light,
            Standing::Jam => StopClass::Jam,
            Standing::Parked => self.parked_as,
        });
        Going::Vehicle { standing }
    }

    fn begin(&mut self, act: Act, t_s: f64) {
        self.act = Some(act);
        self.begun_s = t_s;
        self.phase = 0;
        let rng = &mut self.rng;
        match act {
            Act::Board => self.marks_s = [0.8, rng.range(2.0, 4.5), rng.range(5.0, 9.0), rng.range(9.5, 16.0)],
            Act::Alight => {
                self.marks_s = [rng.range(0.5, 2.0), rng.range(2.2, 4.0), rng.range(4.5, 6.5), rng.range(7.0, 9.0)]
            }
            Act::Drive { east_m, north_m, then } => {
                self.parked_as = then;
                self.vehicle.set_off(Goal::Place(east_m, north_m));
            }
            Act::Cruise { then, .. } => {
                self.parked_as = then;
                self.vehicle.set_off(Goal::Wander);
            }
            Act::Sit { engine, .. } => self.vehicle.engine(engine),
            Act::Doors { seconds } => self.marks_s = [0.15 * seconds, 0.22 * seconds, 0.8 * seconds, 0.9 * seconds],
            Act::WalkOff { metres } => {
                let at = self.person.pose();
                let side = Pose { heading_rad: rng.range(-3.1, 3.1), ..at }.beside(metres, 0.0);
                self.walk(side.east_m, side.north_m);
            }
            Act::WalkTo { east_m, north_m } => self.walk(east_m, north_m),
            Act::WalkBack => {
                let door = self.vehicle.pose().beside(0.0, 1.2);
                self.walk(door.east_m, door.north_m);
            }
            Act::Stand { indoors, in_hand, .. } => {
                self.person.sky = if indoors { Sky::Indoors } else { Sky::Open };
                self.carry(if in_hand { Grip::Hand } else { Grip::Pocket }, t_s);
            }
            Act::Lie { .. } => {
                self.person.sky = Sky::Indoors;
                self.carry(Grip::Lying, t_s);
            }
            Act::Work { turn_rad_s, push_mps2, .. } => {
                self.person.sky = Sky::Indoors;
                self.phone.is_worked(Work { turn_rad_s, push_mps2 });
            }
            Act::Pocketed { .. } => {
                self.person.sky = Sky::Indoors;
                self.carry(Grip::Pocket, t_s);
            }
        }
    }

    fn walk(&mut self, east_m: f64, north_m: f64) {
        self.person.sky = Sky::Open;
        self.person.walk_to(east_m, north_m);
        let grip = if self.rng.chance(0.35) { Grip::Hand } else { Grip::Pocket };
        self.carry(grip, self.begun_s);
    }

    fn carry(&mut self, grip: Grip, t_s: f64) {
        if self.phone.grip() != grip {
            self.phone.goes(grip);
        }
        self.signals.screen(t_s, grip == Grip::Hand);
    }

    /// Plays on; true when the act is done.
    fn play(&mut self, act: Act, t_s: f64) -> bool {
        let since = t_s - self.begun_s;
        match act {
            Act::Board => self.board(since, t_s),
            Act::Alight => self.alight(since, t_s),
            Act::Drive { .. } => self.ride(t_s),
            Act::Cruise { until_s, .. } => {
                if t_s >= until_s && self.phase == 0 {
                    self.phase = 1;
                    self.vehicle.head_for_parking();
                }
                self.ride(t_s)
            }
            Act::Sit { seconds, .. } => since >= seconds,
            Act::Doors { seconds } => {
                if self.marks_s.get(self.phase as usize).is_some_and(|m| since >= *m) {
                    self.phase += 1;
                    self.vehicle.slam_door();
                }
                since >= seconds
            }
            Act::WalkOff { .. } | Act::WalkTo { .. } | Act::WalkBack => self.person.stands(),
            Act::Stand { seconds, .. } | Act::Work { seconds, .. } => since >= seconds,
            Act::Lie { until_s } | Act::Pocketed { until_s } => t_s >= until_s,
        }
    }

    /// At the wheel, with what chance brings.
    fn ride(&mut self, t_s: f64) -> bool {
        if let Some(incident) = self.wheel.chance(DT_S) {
            self.wheel.begin(incident, t_s, &mut self.phone, &mut self.signals);
        }
        self.wheel.step(t_s, self.keeping, &mut self.phone, &mut self.signals);
        if !self.vehicle.arrived() {
            return false;
        }
        self.wheel.stop(t_s, &mut self.signals);
        true
    }

    fn board(&mut self, since: f64, t_s: f64) -> bool {
        let [door, place, engine, done] = self.marks_s;
        match self.phase {
            0 if since >= door => {
                self.aboard = true;
                let now = self.vehicle.step(t_s);
                self.change_carrier(&now);
                self.vehicle.slam_door();
            }
            1 if since >= place => {
                self.phone.goes(self.keeping.grip());
                self.signals.screen(t_s, false);
                if self.charger && self.keeping == Keeping::Holder {
                    self.signals.tell(t_s + 3.0, 0.1, Signal::Charging(true));
                }
            }
            2 if since >= engine => {
                self.vehicle.engine(true);
                if self.audio {
                    self.signals.tell(t_s + 6.0, 0.5, Signal::VehicleAudio(Some("car".to_owned())));
                }
            }
            3 => return since >= done,
            _ => return false,
        }
        self.phase += 1;
        false
    }

    fn alight(&mut self, since: f64, t_s: f64) -> bool {
        let [engine, take, door, done] = self.marks_s;
        match self.phase {
            0 if since >= engine => {
                self.vehicle.engine(false);
                if self.audio {
                    self.signals.tell(t_s + 1.0, 0.5, Signal::VehicleAudio(None));
                }
            }
            1 if since >= take => {
                if self.charger && self.keeping == Keeping::Holder {
                    self.signals.tell(t_s, 0.1, Signal::Charging(false));
                }
                self.phone.goes(Grip::Hand);
            }
            2 if since >= door => {
                self.vehicle.slam_door();
                // One stands up beside the door, facing as the vehicle does.
                let beside = self.vehicle.pose().beside(0.0, 1.2);
                let alt_m = self.last.map_or(0.0, |l| l.alt_m);
                self.person.appears(beside, alt_m);
                self.person.sky = Sky::Open;
                self.aboard = false;
                let now = self.person.step(true);
                self.change_carrier(&now);
                self.phone.goes(Grip::Hand);
            }
            3 => return since >= done,
            _ => return false,
        }
        self.phase += 1;
        false
    }

    /// The phone stays as it is in the world while another carrier takes it over.
    fn change_carrier(&mut self, now: &Carried) {
        let Some(last) = self.last else { return };
        let level = |c: &Carried| {
            Rotation([[c.heading_cos, c.heading_sin, 0.0], [-c.heading_sin, c.heading_cos, 0.0], [0.0, 0.0, 1.0]])
        };
        let old = last.tilt().after(&level(&last));
        let new = now.tilt().after(&level(now));
        self.phone.changes_carrier(&old.after(&new.inverse()));
    }

    /// Lets the next set incident happen when its time has come and it can.
    fn befall(&mut self, t_s: f64) {
        let Some((at, incident)) = self.incidents.last().copied() else { return };
        if t_s < at {
            return;
        }
        let moving = self.driving() && self.vehicle.speed_mps > 3.0;
        match incident {
            Incident::Crash(_) if !(self.driving() && self.vehicle.speed_mps > CRASH_MIN_MPS) => return,
            Incident::Jam { .. } | Incident::Gates { .. } if !moving => return,
            Incident::Crash(crash) => self.crash(crash, t_s),
            Incident::Jam { seconds } => self.vehicle.jam(t_s + seconds),
            Incident::Gates { seconds } => self.vehicle.gates_close(t_s + seconds),
            Incident::NoSky { seconds } => self.no_sky_until_s = t_s + seconds,
            Incident::NoFixEver => self.no_fix_ever = true,
            Incident::Handled { .. } | Incident::Called { .. } | Incident::Slips { .. } | Incident::Dropped { .. } => {
                self.wheel.begin(incident, t_s, &mut self.phone, &mut self.signals);
            }
        }
        self.incidents.pop();
    }

    fn crash(&mut self, crash: Crash, t_s: f64) {
        self.vehicle.crash(crash, t_s);
        self.crash = Some(crash);
        self.crashed_s = Some(t_s);
        match self.phone.grip() {
            Grip::Lying | Grip::Rattling | Grip::Hand | Grip::Moving => self.phone.flies(t_s),
            Grip::Fixed if self.rng.chance(0.25) => self.phone.slips(0.9),
            Grip::Fixed | Grip::Pocket | Grip::Worked | Grip::Falling => {}
        }
    }
}
