//! Consent and duty, in a thousand random orders with samples and kills: without both, nothing is stored, recorded or asked
//! of the host.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use std::path::Path;

use milepost::engine::contract::{GnssPlan, Input};
use milepost::engine::sample::{Activity, Command, Fix, ImuSample, MonoTime, Signal};
use milepost::recording::native::Reader;
use milepost::{Kernel, Options, Place};
use proptest::prelude::*;

/// What nobody may know is measured at this latitude and this force, and what may be known elsewhere.
const SECRET: (f64, f32) = (47.123_456_789, 7.654_321);
const KNOWN: (f64, f32) = (12.987_654_321, 9.876_543);
const SECRET_STEPS: u64 = 0x00c0_ffee_0bad_cafe;

#[derive(Clone, Copy, Debug)]
enum Step {
    Consent(bool),
    Duty(bool),
    Drive,
    Imu,
    Walk,
    Vehicle,
    Start,
    Tick,
    Commit,
    Kill,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        2 => any::<bool>().prop_map(Step::Consent),
        2 => any::<bool>().prop_map(Step::Duty),
        4 => Just(Step::Drive),
        4 => Just(Step::Imu),
        1 => Just(Step::Walk),
        1 => Just(Step::Vehicle),
        1 => Just(Step::Start),
        1 => Just(Step::Tick),
        1 => Just(Step::Commit),
        1 => Just(Step::Kill),
    ];
    prop::collection::vec(step, 1..25)
}

struct Phone {
    options: Options,
    kernel: Option<Kernel>,
    now_ns: i64,
    consent: bool,
    duty: bool,
}

impl Phone {
    fn new(folder: &Path) -> Self {
        let config = r#"{"assume_consent": false, "assume_duty": false}"#;
        let mut options = Options::new(Place::Folder(folder.to_owned()), "", config).unwrap();
        options.seed = Some(3);
        options.record = true;
        let kernel = Some(Kernel::open(&options).unwrap());
        Self { options, kernel, now_ns: 1_000_000_000, consent: false, duty: false }
    }

    fn allowed(&self) -> bool {
        self.consent && self.duty
    }

    fn push(&mut self, input: Input) {
        self.kernel.as_mut().unwrap().handle(input, &mut |_| {}).unwrap();
    }

    fn take(&mut self, step: Step) {
        self.now_ns += 700_000_000;
        let t = MonoTime(self.now_ns);
        let (lat_deg, force) = if self.allowed() { KNOWN } else { SECRET };
        match step {
            Step::Consent(given) => {
                self.consent = given;
                self.push(Input::Signal(t, Signal::Consent(given)));
            }
            Step::Duty(on) => {
                self.duty = on;
                self.push(Input::Signal(t, Signal::Duty(on)));
            }
            Step::Drive => {
                for n in 0..20 {
                    self.now_ns += 1_000_000_000;
                    let fix = Fix {
                        t: MonoTime(self.now_ns),
                        // Exact bits at first, and then away from there.
                        lat_deg: lat_deg + f64::from(n) * 0.0002,
                        lon_deg: lat_deg,
                        alt_m: None,
                        speed_mps: Some(20.0),
                        bearing_deg: Some(0.0),
                        hacc_m: Some(4.0),
                        arrived: None,
                        wall_ms: None,
                        mock: false,
                    };
                    self.push(Input::Fix(fix));
                }
            }
            Step::Imu => {
                let sample = |n: i64| ImuSample {
                    t: MonoTime(self.now_ns + n * 20_000_000),
                    force_mps2: [force; 3],
                    rate_rad_s: None,
                };
                let batch = (0..50).map(sample).collect();
                self.now_ns += 1_000_000_000;
                self.push(Input::Imu(batch));
            }
            Step::Walk => {
                let steps = if self.allowed() { 5 } else { SECRET_STEPS };
                self.push(Input::Signal(t, Signal::Steps(steps)));
            }
            Step::Vehicle => self.push(Input::Signal(t, Signal::Activity(Activity::Automotive, Some(0.9)))),
            Step::Start => self.push(Input::Command(t, Command::StartTrip)),
            Step::Tick => {
                self.now_ns += 30_000_000_000;
                self.push(Input::Tick(MonoTime(self.now_ns)));
            }
            Step::Commit => self.kernel.as_mut().unwrap().commit().unwrap(),
            Step::Kill => {
                self.check_recordings();
                self.kernel = None;
                self.kernel = Some(Kernel::open(&self.options).unwrap());
            }
        }
    }

    /// What holds after every step.
    fn check(&mut self) {
        let allowed = self.allowed();
        let kernel = self.kernel.as_mut().unwrap();
        assert_eq!(kernel.engine().is_allowed(), allowed, "a kill or a restart forgot what the person said");
        if !allowed && let Some(plan) = kernel.plan() {
            assert_eq!((plan.gnss, plan.imu_hz, plan.activity), (GnssPlan::Off, 0, false));
            assert!(plan.wake_fence.is_none());
        }
        let snapshot = kernel.engine().snapshot().unwrap();
        assert_none(&snapshot, "the engine");
    }

    fn check_recordings(&self) {
        let Place::Folder(folder) = &self.options.place else { panic!("in a folder") };
        for path in std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
            if path.extension().is_none_or(|ending| ending != "mprec") {
                assert_none(&std::fs::read(&path).unwrap(), &path.display().to_string());
                continue;
            }
            let reader = Reader::open(std::fs::File::open(&path).unwrap()).unwrap();
            for input in reader.map_while(Result::ok) {
                match input {
                    Input::Fix(fix) => assert!((fix.lat_deg - KNOWN.0).abs() < 1.0, "recorded: {fix:?}"),
                    Input::Imu(batch) => assert!(batch.iter().all(|s| s.force_mps2[0] == KNOWN.1), "recorded"),
                    Input::Signal(_, Signal::Steps(n)) => assert_ne!(n, SECRET_STEPS),
                    Input::Signal(..) | Input::Command(..) | Input::Clock(_) | Input::Tick(_) | Input::End => {}
                }
            }
        }
    }
}

fn assert_none(bytes: &[u8], place: &str) {
    let (lat, force) = (SECRET.0.to_le_bytes(), SECRET.1.to_le_bytes());
    let found = |needle: &[u8]| bytes.windows(needle.len()).any(|w| w == needle);
    assert!(!found(&lat) && !found(&SECRET.0.to_be_bytes()), "{place} holds a position");
    assert!(!found(b"47.12"), "{place} holds a position as text");
    // Four bytes may be chance; three in a row are not.
    assert!(!found(&[force, force, force].concat()), "{place} holds a sample");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn without_consent_and_duty_nothing_is_stored_recorded_or_asked_for(steps in steps()) {
        let folder = tempfile::tempdir().unwrap();
        let mut phone = Phone::new(folder.path());
        phone.check();
        for step in steps {
            phone.take(step);
            phone.check();
        }
        phone.kernel.as_mut().unwrap().commit().unwrap();
        phone.check_recordings();
    }
}

#[test]
fn a_trip_ends_at_once_when_consent_is_revoked_in_the_middle_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut phone = Phone::new(folder.path());
    phone.take(Step::Consent(true));
    phone.take(Step::Duty(true));
    phone.take(Step::Start);
    for _ in 0..20 {
        phone.take(Step::Drive);
    }
    assert!(matches!(phone.kernel.as_ref().unwrap().plan().unwrap().gnss, GnssPlan::Every(_)));
    phone.take(Step::Consent(false));
    phone.check();
    let records = phone.kernel.as_mut().unwrap().store().read(|db| db.drain(0, 1_000)).unwrap();
    let trip = records.iter().rev().find(|r| r.schema == "milepost.trip/1").unwrap();
    assert!(trip.json.contains("\"not_allowed\""), "{}", trip.json);
}
