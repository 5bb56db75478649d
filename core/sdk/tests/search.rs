//! Trips are found by what a host knows of them, and where they went can be read.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod common;

use common::northward;
use milepost::engine::contract::Input;
use milepost::engine::geo::LatLon;
use milepost::engine::sample::{Clock, Command, MonoTime};
use milepost::recording::frame;
use milepost::store::{Near, TripQuery};
use milepost::{Milepost, MilepostError, Options, Place};

const START_MS: i64 = 1_700_000_000_000;

/// Ten minutes to the north from `lat_deg`, by hand.
fn drive(driver: &str, tag: &str, lat_deg: f64, start_s: i64) -> Vec<Input> {
    let at = |s: i64| MonoTime((start_s + s) * 1_000_000_000);
    let fix = |s: i64| northward(at(s), lat_deg, s);
    let commands = [Command::SetDriver(driver.to_owned()), Command::StartTrip, Command::Tag(tag.to_owned())]
        .map(|c| Input::Command(at(0), c));
    let mut inputs: Vec<Input> = commands.into_iter().chain((1..600).map(|s| Input::Fix(fix(s)))).collect();
    inputs.push(Input::Command(at(600), Command::StopTrip));
    inputs.extend((601..640).map(|s| Input::Fix(fix(s))));
    inputs
}

fn phone() -> Milepost {
    let options = Options { seed: Some(4), ..Options::new(Place::Memory, "", "").unwrap() };
    let milepost = Milepost::open(options).unwrap();
    let clock = Clock { mono: MonoTime(0), wall_ms: Some(START_MS), boot_id: "a".into(), utc_offset_min: None };
    let mut packed = vec![frame::VERSION];
    frame::encode(&Input::Clock(clock), &mut packed);
    for inputs in
        [drive("anna", "early", 52.0, 10), drive("bert", "late", 48.0, 2_000), drive("anna", "late", 52.5, 4_000)]
    {
        inputs.iter().for_each(|input| frame::encode(input, &mut packed));
    }
    milepost.push(&packed).unwrap();
    milepost.flush().unwrap();
    milepost
}

fn drivers(milepost: &Milepost, query: TripQuery) -> Vec<String> {
    let found = milepost.find_trips(query).unwrap();
    let trips = found.trips.iter().map(|trip| serde_json::from_str::<serde_json::Value>(&trip.json).unwrap());
    trips.map(|trip| format!("{} {}", trip["driver_id"].as_str().unwrap(), trip["tags"][0].as_str().unwrap())).collect()
}

#[test]
fn given_three_trips_when_asked_by_person_tag_time_place_and_page_then_those_are_found_newest_first() {
    let milepost = phone();
    let all = TripQuery::default();
    assert_eq!(drivers(&milepost, all.clone()), ["anna late", "bert late", "anna early"]);
    let query = TripQuery { driver_id: Some("anna".into()), ..all.clone() };
    assert_eq!(drivers(&milepost, query), ["anna late", "anna early"]);
    assert_eq!(drivers(&milepost, TripQuery { tag: Some("late".into()), ..all.clone() }), ["anna late", "bert late"]);
    let query = TripQuery { from_ms: Some(START_MS + 1_000_000), to_ms: Some(START_MS + 3_000_000), ..all.clone() };
    assert_eq!(drivers(&milepost, query), ["bert late"]);
    let near = |lat_deg, radius_m| TripQuery {
        near: Some(Near { centre: LatLon { lat_deg, lon_deg: 13.0 }, radius_m }),
        ..TripQuery::default()
    };
    assert_eq!(drivers(&milepost, near(48.0, 500.0)), ["bert late"]);
    assert_eq!(drivers(&milepost, near(52.2, 60_000.0)), ["anna late", "anna early"]);
    assert!(drivers(&milepost, near(0.0, 1_000.0)).is_empty());
    let first = milepost.find_trips(TripQuery { limit: 2, ..all.clone() }).unwrap();
    assert_eq!(first.trips.len(), 2);
    let rest = milepost.find_trips(TripQuery { limit: 2, before: first.next, ..all }).unwrap();
    assert_eq!((rest.trips.len(), rest.next), (1, None));
}

#[test]
fn given_a_trip_when_its_track_is_asked_for_then_it_is_all_of_it_or_a_stretch() {
    let milepost = phone();
    let id = milepost.trips(1).unwrap().remove(0).id;
    let whole = milepost.track(&id, None, None).unwrap();
    assert!(whole.len() > 500 && whole.is_sorted_by_key(|point| point.t), "{}", whole.len());
    let (from, to) = (whole[100].t, whole[110].t);
    assert_eq!(milepost.track(&id, Some(from.0), Some(to.0)).unwrap(), whole[100..=110]);
    assert!(milepost.track("01900000-0000-7000-8000-000000000001", None, None).unwrap().is_empty(), "no such trip");
}

#[test]
fn given_what_is_no_place_or_no_id_when_asked_then_it_is_refused_by_name() {
    let milepost = phone();
    for (lat_deg, lon_deg, radius_m, name) in [
        (91.0, 0.0, 1.0, "lat"),
        (0.0, f64::NAN, 1.0, "lon"),
        (0.0, 0.0, -1.0, "radius_m"),
        (0.0, 0.0, f64::INFINITY, "radius_m"),
    ] {
        let near = Some(Near { centre: LatLon { lat_deg, lon_deg }, radius_m });
        let refused = milepost.find_trips(TripQuery { near, ..TripQuery::default() }).unwrap_err();
        assert!(matches!(&refused, MilepostError::InvalidInput { reason } if reason.starts_with(name)), "{refused:?}");
    }
    assert!(matches!(milepost.track("x", None, None), Err(MilepostError::InvalidInput { .. })));
}
