//! What a host may look for in what is stored: trips by time, person, vehicle, tag and place, and where a trip went.

use milepost_engine::contract::TrackPoint;
use milepost_engine::sample::MonoTime;
use milepost_store::{Near, TripQuery};

use crate::MilepostError;
use crate::milepost::{Milepost, StoredRecord, parse_id};

/// A page of trips.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The highest revision of each, newest first.
    pub trips: Vec<StoredRecord>,
    /// [`TripQuery::before`] of the next page; `None` on the last.
    pub next: Option<u64>,
}

impl Milepost {
    /// Trips that match, newest first, a page at a time.
    pub fn find_trips(&self, query: TripQuery) -> Result<Found, MilepostError> {
        query.near.as_ref().map_or(Ok(()), check)?;
        self.shared.call(move |kernel| {
            let page = kernel.store().read(|db| db.trips(&query))?;
            Ok(Found { trips: page.trips.into_iter().map(Into::into).collect(), next: page.next })
        })
    }

    /// The smoothed points of a trip in order of time, those between two moments (both included) where given. Privacy
    /// zones are left out.
    pub fn track(&self, id: &str, from: Option<i64>, to: Option<i64>) -> Result<Vec<TrackPoint>, MilepostError> {
        let id = parse_id(id)?;
        let (from, to) = (from.map_or(MonoTime::MIN, MonoTime), MonoTime(to.unwrap_or(i64::MAX)));
        self.shared.call(move |kernel| Ok(kernel.store().read(|db| db.track_between(id, from, to))?))
    }
}

fn check(near: &Near) -> Result<(), MilepostError> {
    let Near { centre, radius_m } = near;
    let all = [
        ("lat", centre.lat_deg, -90.0, 90.0),
        ("lon", centre.lon_deg, -180.0, 180.0),
        ("radius_m", *radius_m, 0.0, f64::MAX),
    ];
    match all.into_iter().find(|(_, value, least, most)| !(least..=most).contains(&value)) {
        None => Ok(()),
        Some((name, value, ..)) => Err(MilepostError::InvalidInput { reason: format!("{name} cannot be {value}") }),
    }
}
