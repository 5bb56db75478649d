//! What sensing costs: seconds of receiver and sensors, wake-ups, uploads. What that is in mAh is in docs/battery.md.

use milepost_engine::contract::{GnssPlan, Input, Reason, SensingPlan};

/// Inputs to a sleeping app within so many seconds are one wake-up.
const AWAKE_S: f64 = 10.0;
/// Records within so many seconds are one upload: the upload machine's own pause, and what came in it goes at its end, or
/// with what is urgent.
pub const UPLOAD_S: f64 = 1_800.0;

/// Seconds and counts of one life.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bill {
    /// How long it was.
    pub total_s: f64,
    /// The receiver was on.
    pub gnss_s: f64,
    /// Of that, while the phone rested.
    pub gnss_at_rest_s: f64,
    /// IMU on.
    pub imu_s: f64,
    /// Times that GNSS was opened for a look.
    pub candidates: u64,
    /// The longest of these, s.
    pub longest_candidate_s: f64,
    /// Times that a sleeping app was woken.
    pub wake_ups: u64,
    /// Positions from the network.
    pub network_fixes: u64,
    /// Times that the radio was used.
    pub uploads: u64,
    /// Times that the process was killed.
    pub kills: u64,
    asked: Option<SensingPlan>,
    at_s: f64,
    awake_until_s: f64,
    uploaded_until_s: f64,
    waiting: bool,
    candidate_since_s: f64,
}

impl Bill {
    /// Time goes on to `t_s`, where an input came.
    pub(super) fn pass(&mut self, t_s: f64, rests: bool, input: &Input) {
        let dt_s = t_s - self.at_s;
        (self.at_s, self.total_s) = (t_s, t_s);
        if self.waiting && t_s >= self.uploaded_until_s {
            self.upload(self.uploaded_until_s);
        }
        let Some(asked) = &self.asked else { return };
        let gnss = matches!(asked.gnss, GnssPlan::Every(_));
        if gnss {
            self.gnss_s += dt_s;
            self.gnss_at_rest_s += if rests { dt_s } else { 0.0 };
            if asked.reason == Reason::Candidate {
                self.longest_candidate_s = self.longest_candidate_s.max(t_s - self.candidate_since_s);
            }
        } else if matches!(input, Input::Fix(_)) {
            self.network_fixes += 1;
        }
        if asked.imu_hz > 0 {
            self.imu_s += dt_s;
        } else if !gnss {
            self.wake_ups += u64::from(t_s >= self.awake_until_s);
            self.awake_until_s = t_s + AWAKE_S;
        }
    }

    pub(super) fn ask(&mut self, plan: &SensingPlan) {
        let is_candidate = |p: &SensingPlan| p.reason == Reason::Candidate && matches!(p.gnss, GnssPlan::Every(_));
        if is_candidate(plan) && !self.asked.as_ref().is_some_and(is_candidate) {
            self.candidates += 1;
            self.candidate_since_s = self.at_s;
        }
        self.asked = Some(plan.clone());
    }

    pub(super) fn record(&mut self, t_s: f64, urgent: bool) {
        if urgent || t_s >= self.uploaded_until_s {
            self.upload(t_s);
        } else {
            self.waiting = true;
        }
    }

    fn upload(&mut self, t_s: f64) {
        self.uploads += 1;
        self.uploaded_until_s = t_s + UPLOAD_S;
        self.waiting = false;
    }
}
