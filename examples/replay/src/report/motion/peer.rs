//! The peer: `vqf-rs` with its defaults over the same samples, attitude alone.

use milepost_engine::num::{Vec3, unit};
use milepost_engine::sample::ImuSample;
use vqf_rs::VQF;

/// The filter, made for samples at 100 Hz.
pub struct Peer(VQF);

impl Default for Peer {
    fn default() -> Self {
        Self(VQF::new(0.01, None, None, None))
    }
}

impl Peer {
    /// Takes a sample; without a gyroscope there is nothing to take.
    pub fn sample(&mut self, sample: &ImuSample) {
        if let Some(rate) = sample.rate_rad_s {
            self.0.update(rate.map(f64::from), sample.force_mps2.map(f64::from), None);
        }
    }

    /// Its idea of up in the phone frame.
    pub fn up(&self) -> Option<Vec3> {
        let q = self.0.quat_6d();
        let (w, x, y, z) = (q.0, q.1, q.2, q.3);
        unit([2.0 * (x * z - w * y), 2.0 * (y * z + w * x), w * w - x * x - y * y + z * z])
    }
}
