//! The plan of a phone that rests, is carried about and is taken for a ride.

use super::super::facts::TripState;
use super::super::plan::quiet;
use super::super::{TripConfig, Wake};
use crate::contract::{GnssPlan, Input, Reason, SensingPlan};
use crate::sample::{Activity, Fix, ImuSample, MonoTime, Signal, Waker};

struct Pocket {
    wake: Wake,
    config: TripConfig,
    now_s: f64,
    steps: u64,
}

/// What the phone goes through for a while.
#[derive(Clone, Copy, PartialEq)]
enum Does {
    Lies,
    Walks,
    Sways,
    Rides,
}

impl Pocket {
    fn new() -> Self {
        Self { wake: Wake::default(), config: TripConfig::default(), now_s: 1_000.0, steps: 50 }
    }

    fn plan(&self) -> SensingPlan {
        let of_the_machine = SensingPlan { imu_hz: 50, ..quiet(MonoTime(0)) };
        self.wake.shape(of_the_machine, &self.config, false)
    }

    fn is_open(&self) -> bool {
        matches!(self.plan().gnss, GnssPlan::Every(_))
    }

    fn push(&mut self, state: TripState, input: &Input) {
        self.wake.observe(input);
        self.wake.settle(state, &self.config);
    }

    fn hears(&mut self, signal: Signal) {
        self.push(TripState::Idle, &Input::Signal(MonoTime::from_seconds(self.now_s), signal));
    }

    /// Seconds of GNSS while it does that, with the IMU and, if there are any, fixes at this speed.
    fn spends(&mut self, state: TripState, does: Does, seconds: u32, fix_mps: Option<f32>) -> f64 {
        let mut on_s = 0.0;
        for _ in 0..seconds {
            let batch = (0..25).map(|n| self.feels(does, self.now_s + f64::from(n) * 0.04)).collect();
            self.now_s += 1.0;
            if self.plan().imu_hz > 0 {
                self.push(state, &Input::Imu(batch));
            } else if does == Does::Walks {
                self.steps += 2;
                self.hears(Signal::Steps(self.steps));
            } else {
                self.push(state, &Input::Tick(MonoTime::from_seconds(self.now_s)));
            }
            if let Some(mps) = fix_mps.filter(|_| self.is_open() || state == TripState::Trip) {
                self.push(state, &Input::Fix(self.fix(mps)));
            }
            on_s += f64::from(u8::from(self.is_open()));
        }
        on_s
    }

    fn feels(&self, does: Does, t_s: f64) -> ImuSample {
        let wave = |by: f64, hz: f64| by * libm::sin(core::f64::consts::TAU * hz * t_s);
        let z = match does {
            Does::Lies => 0.0,
            Does::Walks => wave(3.5, 2.0),
            Does::Sways => wave(0.4, 0.7),
            Does::Rides => wave(0.8, 0.4) + wave(0.5, 3.0),
        };
        ImuSample {
            t: MonoTime::from_seconds(t_s),
            force_mps2: [0.0, 0.0, (9.81 + z) as f32],
            rate_rad_s: Some([0.1, 0.0, 0.0]),
        }
    }

    fn fix(&self, mps: f32) -> Fix {
        Fix {
            t: MonoTime::from_seconds(self.now_s),
            lat_deg: 50.0,
            lon_deg: 8.0,
            alt_m: None,
            speed_mps: Some(mps),
            bearing_deg: None,
            hacc_m: Some(8.0),
            arrived: None,
            wall_ms: None,
            mock: false,
        }
    }

    /// A ride that is over: it stands, and the trip machine knows.
    fn has_ridden(&mut self) {
        self.spends(TripState::Trip, Does::Rides, 60, Some(12.0));
        self.spends(TripState::Stop, Does::Sways, 1, None);
    }
}

#[test]
fn a_desk_costs_no_gnss_whatever_the_os_and_the_network_say() {
    let mut phone = Pocket::new();
    for hour in 0..12 {
        phone.hears(Signal::Activity(Activity::Automotive, Some(0.6)));
        phone.hears(Signal::Wake(if hour % 2 == 0 { Waker::Fence } else { Waker::Motion }));
        assert_eq!(phone.spends(TripState::Idle, Does::Lies, 900, None), 0.0);
        // Positions jump: the trip machine suspects something.
        assert_eq!(phone.spends(TripState::Candidate, Does::Lies, 90, None), 0.0);
        assert_eq!(phone.spends(TripState::Idle, Does::Lies, 900, None), 0.0);
        assert_eq!((phone.plan().gnss, phone.plan().imu_hz), (GnssPlan::Off, 0));
    }
}

#[test]
fn positions_of_the_network_are_asked_for_until_the_os_tells_of_motion() {
    let mut phone = Pocket::new();
    phone.spends(TripState::Idle, Does::Lies, 5, None);
    assert_eq!(phone.plan().gnss, GnssPlan::LowPower);
    phone.hears(Signal::Activity(Activity::Still, None));
    assert_eq!(phone.plan().gnss, GnssPlan::Off);
}

#[test]
fn a_ride_opens_gnss_within_seconds_and_for_no_longer_than_a_candidate() {
    let mut phone = Pocket::new();
    phone.hears(Signal::Wake(Waker::Motion));
    assert_eq!(phone.plan().reason, Reason::Stirring);
    phone.spends(TripState::Idle, Does::Rides, 6, None);
    assert!(phone.is_open());
    let on_s = phone.spends(TripState::Idle, Does::Rides, 80, None);
    assert_eq!(on_s, 80.0, "no fix yet");
    phone.spends(TripState::Idle, Does::Rides, 10, None);
    let on_s = phone.spends(TripState::Idle, Does::Lies, 30, None);
    assert!(on_s <= 6.0, "{on_s} s on a table");
}

#[test]
fn a_candidate_that_the_receiver_sees_standing_is_closed() {
    let mut phone = Pocket::new();
    phone.hears(Signal::Wake(Waker::Motion));
    let on_s = phone.spends(TripState::Idle, Does::Sways, 600, Some(0.3));
    assert!(on_s > 0.0 && on_s < 90.0, "{on_s} s of ten minutes in a hand");
}

#[test]
fn the_walk_from_the_vehicle_opens_nothing_and_the_walk_back_does() {
    let mut phone = Pocket::new();
    phone.has_ridden();
    let mut away_s = phone.spends(TripState::Stop, Does::Walks, 60, Some(1.3));
    away_s += phone.spends(TripState::Stop, Does::Sways, 240, Some(0.2));
    assert!(away_s < 60.0, "{away_s} s at the door, with a hand that sways all the time");
    phone.spends(TripState::Idle, Does::Lies, 400, None);
    phone.spends(TripState::Idle, Does::Walks, 45, None);
    assert!(!phone.is_open());
    phone.spends(TripState::Idle, Does::Sways, 8, None);
    assert!(phone.is_open());
}

#[test]
fn whoever_gets_out_and_walks_needs_no_receiver_before_the_trip_machine_knows() {
    let mut phone = Pocket::new();
    phone.spends(TripState::Trip, Does::Rides, 60, Some(12.0));
    assert_eq!(phone.spends(TripState::Trip, Does::Lies, 10, Some(0.0)), 0.0);
    phone.spends(TripState::Trip, Does::Walks, 8, Some(1.2));
    assert_eq!((phone.plan().gnss, phone.plan().reason), (GnssPlan::Off, Reason::Standing));
    phone.spends(TripState::Trip, Does::Rides, 15, Some(9.0));
    assert_eq!(phone.plan().reason, Reason::NotAllowed, "the plan of the trip machine as it is");
}
