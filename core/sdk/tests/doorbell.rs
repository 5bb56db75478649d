//! The doorbell rings for a plan too: a host that senses what the plan says must hear of it before there is any record.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use milepost::{Listener, Milepost, Options, Place};

/// Counts.
#[derive(Default)]
struct Rings(AtomicUsize);

impl Listener for Rings {
    fn on_change(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn given_a_phone_at_rest_when_it_stirs_then_the_new_plan_rings_though_there_is_no_record() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options::new(Place::Folder(folder.path().into()), "courier", "{}").unwrap();
    let milepost = Milepost::open(options).unwrap();
    milepost.command(1, "activity", "still").unwrap();
    milepost.command(60_000_000_000, "screen", "on").unwrap();
    milepost.flush().unwrap();
    let rings = Arc::new(Rings::default());
    milepost.set_listener(Some(rings.clone()));
    let (records, plan) = (milepost.drain(0, 100).unwrap(), milepost.plan().unwrap());
    milepost.command(120_000_000_000, "wake", "fence").unwrap();
    milepost.flush().unwrap();
    assert_ne!(milepost.plan().unwrap(), plan);
    assert_eq!(milepost.drain(0, 100).unwrap(), records);
    assert_eq!(rings.0.load(Ordering::SeqCst), 1);
}

#[test]
fn given_a_listener_when_something_is_erased_or_unparked_then_it_is_rung() {
    let milepost = Milepost::open(Options::new(Place::Memory, "courier", "{}").unwrap()).unwrap();
    let rings = Arc::new(Rings::default());
    milepost.set_listener(Some(rings.clone()));
    milepost.erase(None).unwrap();
    assert_eq!(rings.0.load(Ordering::SeqCst), 1);
    milepost.unpark().unwrap();
    assert_eq!(rings.0.load(Ordering::SeqCst), 2);
}
