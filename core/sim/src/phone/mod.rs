//! Where the phone is: how it lies in whatever carries it, and how it moves there by itself: taken, held, put back,
//! slipping, dropped. What it measures is `sense`'s.

mod grip;

use milepost_engine::num::{Vec3, axpy, cross, dot, scale, unit};

pub(crate) use grip::Grip;
pub use grip::Keeping;

use crate::maths::{Band, Rotation, random_direction};
use crate::rng::Rng;
use crate::world::DT_S;

/// One moment of the phone in its carrier.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    /// From the carrier's frame to the phone's.
    pub turn: Rotation,
    /// Its own rotation, phone frame.
    pub rate_rad_s: Vec3,
    /// Its own acceleration, phone frame.
    pub force_mps2: Vec3,
    /// How much of the carrier's force reaches it: 0 in free fall.
    pub carried: f64,
    /// What it lies in softens blows.
    pub soft: bool,
    /// Number of the mounting, −1 while it does not lie still in the vehicle.
    pub mount: i32,
}

/// The phone.
#[derive(Clone, Debug)]
pub(crate) struct Phone {
    rng: Rng,
    turn: Rotation,
    target: Rotation,
    rate: Vec3,
    grip: Grip,
    /// What comes after a move, and when a fall ends.
    then: Grip,
    until_s: f64,
    /// Where the vehicle's holder has it, as the driver left it last.
    holder: Rotation,
    mounts: i32,
    hits: Hits,
    hand: [Band; 6],
    sag_rad_s: f64,
    /// Whether a hand makes the move, or gravity.
    by_hand: bool,
    work: Work,
}

/// How a hand works it: how briskly it is turned (0: not at all), and how hard it is pushed about.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Work {
    pub turn_rad_s: f64,
    pub push_mps2: f64,
}

/// Hard contacts with the floor: one step of force in a random direction, and what rings after it.
#[derive(Clone, Copy, Debug, Default)]
struct Hits {
    along: Vec3,
    mps2: f64,
    bounces: u32,
}

/// A hand turns a phone no faster than this; falling off something it may.
const HAND_RAD_S: f64 = 5.0;
const TUMBLE_RAD_S: f64 = 9.0;
/// How firmly a hand that only pushes holds the attitude.
const STEADY_RAD_S: f64 = 1.0;

impl Phone {
    /// In its holder from the start.
    pub fn mounted(mut rng: Rng, holder: Rotation) -> Self {
        let hand = [(1.2, 1.0), (1.8, 1.4), (2.6, 2.0), (1.0, 0.8), (1.5, 1.0), (2.2, 1.6)]
            .map(|(hz, width)| Band::new(hz * rng.range(0.8, 1.2), width, 1.0 / DT_S));
        Self {
            rng,
            turn: holder,
            target: holder,
            rate: [0.0; 3],
            grip: Grip::Fixed,
            then: Grip::Fixed,
            until_s: 0.0,
            holder,
            mounts: 0,
            hits: Hits::default(),
            hand,
            sag_rad_s: 0.0,
            by_hand: true,
            work: Work::default(),
        }
    }

    /// The holder gives way slowly.
    pub fn sag(&mut self, rad_s: f64) {
        self.sag_rad_s = rad_s;
    }

    pub fn grip(&self) -> Grip {
        self.grip
    }

    /// In a hand, or on the way into it or out of it.
    pub fn in_hand(&self) -> bool {
        self.grip == Grip::Hand || (self.grip == Grip::Moving && self.by_hand)
    }

    /// Comes to `grip`, turned as it lies there; `holder` means where the holder had it, a few degrees off.
    pub fn goes(&mut self, grip: Grip) {
        self.target = match grip {
            Grip::Fixed | Grip::Rattling => {
                let off = 0.05 * self.rng.noise();
                self.holder = Rotation::about(random_direction(&mut self.rng), off).after(&self.holder);
                self.holder
            }
            // Screen up and towards the face: x to the right, y forward and up.
            Grip::Hand => self.somehow(grip::in_hand(), 0.25),
            // Upright along the thigh or in a jacket, any side out.
            Grip::Pocket => {
                let side = self.rng.range(-3.1, 3.1);
                self.somehow(Rotation::about([0.0, 0.0, 1.0], side).after(&grip::upright()), 0.4)
            }
            // Flat, face up or down.
            Grip::Lying => {
                let round = self.rng.range(-3.1, 3.1);
                let flip = if self.rng.chance(0.3) { core::f64::consts::PI } else { 0.0 };
                let spun = Rotation::about([0.0, 0.0, 1.0], round);
                Rotation::about([1.0, 0.0, 0.0], flip).after(&spun)
            }
            Grip::Worked | Grip::Moving | Grip::Falling => return,
        };
        self.then = grip;
        self.grip = Grip::Moving;
        self.by_hand = true;
    }

    /// Turned and pushed about from now on.
    pub fn is_worked(&mut self, work: Work) {
        self.settles(Grip::Worked);
        self.work = work;
        self.until_s = 0.0;
        self.by_hand = true;
    }

    /// On a table from the start.
    pub fn lies(&mut self) {
        self.turn = Rotation::about([0.0, 0.0, 1.0], self.rng.range(-3.1, 3.1));
        self.settles(Grip::Lying);
    }

    /// Already is in that grip, turned as it is.
    pub fn settles(&mut self, grip: Grip) {
        self.target = self.turn;
        self.grip = grip;
        self.then = grip;
    }

    /// The holder lets it slip by an angle.
    pub fn slips(&mut self, angle_rad: f64) {
        let axis = random_direction(&mut self.rng);
        self.holder = Rotation::about(axis, angle_rad).after(&self.turn);
        self.target = self.holder;
        self.then = Grip::Fixed;
        self.grip = Grip::Moving;
        self.by_hand = false;
    }

    /// Let go of at `t_s`: falls, hits the floor, lies there.
    pub fn drops(&mut self, t_s: f64) {
        self.grip = Grip::Falling;
        self.until_s = t_s + self.rng.range(0.22, 0.45);
        self.rate = scale(self.rng.range(2.0, 9.0), random_direction(&mut self.rng));
        self.hits.bounces = self.rng.whole(1, 3) as u32;
    }

    /// Thrown out of where it lay by a blow: flies, hits, lies.
    pub fn flies(&mut self, t_s: f64) {
        self.drops(t_s);
        self.until_s = t_s + self.rng.range(0.08, 0.3);
    }

    /// What carries it is another thing now: `change` leads from the new carrier's frame to the old one's.
    pub fn changes_carrier(&mut self, change: &Rotation) {
        self.turn = self.turn.after(change);
        self.target = self.turn;
    }

    fn somehow(&mut self, turn: Rotation, spread: f64) -> Rotation {
        let angle = spread * self.rng.noise();
        Rotation::about(random_direction(&mut self.rng), angle).after(&turn)
    }

    pub fn step(&mut self, t_s: f64) -> Held {
        let mut force = self.ring();
        let mut carried = 1.0;
        match self.grip {
            Grip::Fixed | Grip::Lying => {
                if self.sag_rad_s != 0.0 && self.grip == Grip::Fixed {
                    self.rate = [self.sag_rad_s, 0.0, 0.0];
                    self.rotate();
                } else {
                    self.rate = [0.0; 3];
                }
            }
            Grip::Rattling => self.follow(18.0, 0.05),
            Grip::Pocket => self.follow(6.0, 0.06),
            Grip::Hand => {
                self.follow(4.0, 0.8);
                let [a, b, c, ..] = self.hand;
                force = axpy(force, 0.55, [a, b, c].map(|band| band.now()));
            }
            Grip::Worked => {
                self.turns_elsewhere(t_s);
                self.follow(self.work.turn_rad_s.max(STEADY_RAD_S), 0.3);
                let [a, b, c, ..] = self.hand;
                force = axpy(force, self.work.push_mps2, [a, b, c].map(|band| band.now()));
            }
            Grip::Moving => {
                let (omega, noise, push) = if self.by_hand { (6.5, 1.2, 1.2) } else { (13.0, 0.2, 0.2) };
                self.follow(omega, noise);
                let [a, b, c, ..] = self.hand;
                force = axpy(force, push, [a, b, c].map(|band| band.now()));
                if self.settled() {
                    self.arrive();
                }
            }
            Grip::Falling => {
                carried = 0.0;
                self.rotate();
                if t_s >= self.until_s {
                    self.land(t_s);
                    carried = 1.0;
                }
            }
        }
        let mount = match self.grip {
            Grip::Fixed | Grip::Rattling | Grip::Lying => self.mounts,
            Grip::Pocket | Grip::Hand | Grip::Worked | Grip::Moving | Grip::Falling => -1,
        };
        Held {
            turn: self.turn,
            rate_rad_s: self.rate,
            force_mps2: force,
            carried,
            soft: self.grip == Grip::Pocket,
            mount,
        }
    }

    /// A hand that turns it has another attitude in mind every second or two.
    fn turns_elsewhere(&mut self, t_s: f64) {
        if self.work.turn_rad_s > 0.0 && t_s >= self.until_s {
            self.until_s = t_s + self.rng.range(0.6, 2.5);
            self.target = Rotation::random(&mut self.rng);
        }
    }

    fn arrive(&mut self) {
        self.grip = self.then;
        if matches!(self.then, Grip::Fixed | Grip::Lying) {
            self.rate = [0.0; 3];
        }
        if matches!(self.then, Grip::Fixed | Grip::Rattling | Grip::Lying) {
            self.mounts += 1;
        }
    }

    fn land(&mut self, t_s: f64) {
        self.hits.bounces = self.hits.bounces.saturating_sub(1);
        self.hits.along = random_direction(&mut self.rng);
        self.hits.mps2 = self.rng.range(20.0, 75.0);
        if self.hits.bounces > 0 {
            self.until_s = t_s + self.rng.range(0.06, 0.16);
            self.rate = scale(0.5, self.rate);
            return;
        }
        self.goes(Grip::Lying);
        self.by_hand = false;
    }

    fn ring(&mut self) -> Vec3 {
        let force = scale(self.hits.mps2, self.hits.along);
        self.hits.mps2 *= -0.45;
        force
    }

    /// A damped spring to the target, and noise that makes even a straight move human.
    fn follow(&mut self, omega: f64, noise: f64) {
        let Rotation([x, y, z]) = self.turn.inverse();
        let Rotation([tx, ty, tz]) = self.target.inverse();
        let sum = axpy(axpy(cross(x, tx), 1.0, cross(y, ty)), 1.0, cross(z, tz));
        let cos = 0.5 * (dot(x, tx) + dot(y, ty) + dot(z, tz) - 1.0);
        // 2·tan(θ/2) along the axis: grows to the half turn, where the sine alone would vanish.
        let error = scale(-1.0 / (1.0 + cos).max(0.2), sum);
        let rng = &mut self.rng;
        for band in &mut self.hand {
            band.step(rng);
        }
        let [_, _, _, a, b, c] = self.hand;
        let shake = scale(noise, [a, b, c].map(|band| band.now()));
        let pull = axpy(scale(omega * omega, error), -1.8 * omega, self.rate);
        self.rate = axpy(self.rate, DT_S, axpy(pull, omega * 1.2, shake));
        let speed = milepost_engine::num::norm(self.rate);
        let most = if self.by_hand { HAND_RAD_S } else { TUMBLE_RAD_S };
        if speed > most {
            self.rate = scale(most / speed, self.rate);
        }
        self.rotate();
    }

    fn settled(&self) -> bool {
        let Rotation([x, y, z]) = self.turn;
        let Rotation([tx, ty, tz]) = self.target;
        let cos = 0.5 * (dot(x, tx) + dot(y, ty) + dot(z, tz) - 1.0);
        cos > 0.995
    }

    /// Every axis of the carrier, as the phone sees it, turns against the phone's own rate.
    fn rotate(&mut self) {
        let w = scale(DT_S, self.rate);
        let Rotation([x, y, _]) = self.turn.inverse();
        // Second order in the step, then made orthonormal again.
        let turned = |c: Vec3| {
            let first = cross(c, w);
            axpy(axpy(c, 1.0, first), 0.5, cross(first, w))
        };
        let (x, y) = (turned(x), turned(y));
        let Some(x) = unit(x) else { return };
        let Some(y) = unit(axpy(y, -dot(x, y), x)) else { return };
        self.turn = Rotation([x, y, cross(x, y)]).inverse();
    }
}
