//! A phone that is restarted overnight: its axis of time begins anew, lower than it ended.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use milepost::{Kernel, Options, Place};
use milepost_engine::contract::Output;
use milepost_engine::record::{Body, TripStatus};
use milepost_sim::Scenario;

fn ended(kernel: &mut Kernel, seed: u64) -> Vec<f64> {
    let mut found = Vec::new();
    for input in Scenario::courier_day(seed).imu_hz(10.0).world().inputs() {
        kernel
            .handle(input, &mut |output| {
                if let Output::Record(record) = output
                    && let Body::Trip(trip) = &record.body
                    && trip.status == TripStatus::Ended
                {
                    found.push(trip.distance_m);
                }
            })
            .unwrap();
    }
    found
}

fn kernel() -> Kernel {
    let mut options = Options::new(Place::Memory, "courier", "").unwrap();
    options.seed = Some(1);
    Kernel::open(&options).unwrap()
}

#[test]
fn given_a_reboot_to_a_lower_axis_the_next_day_has_its_trips() {
    let alone = ended(&mut kernel(), 102);
    let mut phone = kernel();
    let first = ended(&mut phone, 101);
    let second = ended(&mut phone, 102);
    assert!(first.len() > 5 && alone.len() > 5, "{first:?} {alone:?}");
    assert_eq!(second.len(), alone.len(), "{second:?} {alone:?} {:?}", phone.engine().counters());
}
