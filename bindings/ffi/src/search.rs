//! What a host looks for, and what it finds.

use milepost::engine::contract;
use milepost::engine::geo::LatLon;
use milepost::store;

use crate::error::{MilepostError, unsigned};
use crate::record::{StoredRecord, signed};

/// A circle on the map.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct Near {
    /// Degrees north of its centre.
    pub lat_deg: f64,
    /// Degrees east of it.
    pub lon_deg: f64,
    /// Metres from it.
    pub radius_m: f64,
}

/// Which trips; what is absent does not matter.
#[derive(Clone, Debug, Default, PartialEq, uniffi::Record)]
pub struct TripFilter {
    /// Going on at or after this, epoch milliseconds. Trips whose wall time is unknown match no time.
    #[uniffi(default = None)]
    pub from_ms: Option<i64>,
    /// Begun before this, epoch milliseconds.
    #[uniffi(default = None)]
    pub to_ms: Option<i64>,
    /// Driven by.
    #[uniffi(default = None)]
    pub driver_id: Option<String>,
    /// Driven with.
    #[uniffi(default = None)]
    pub vehicle_id: Option<String>,
    /// Tagged with.
    #[uniffi(default = None)]
    pub tag: Option<String>,
    /// Begun or ended in this circle. Ends in a privacy zone are nowhere.
    #[uniffi(default = None)]
    pub near: Option<Near>,
    /// Discarded ones too.
    #[uniffi(default = false)]
    pub discarded: bool,
    /// The next page: `next` of the one before.
    #[uniffi(default = None)]
    pub before: Option<i64>,
    /// Trips on a page at most; 0 is 50.
    #[uniffi(default = 0)]
    pub limit: i32,
}

impl TryFrom<TripFilter> for store::TripQuery {
    type Error = MilepostError;

    fn try_from(filter: TripFilter) -> Result<Self, MilepostError> {
        let near = filter
            .near
            .map(|Near { lat_deg, lon_deg, radius_m }| store::Near { centre: LatLon { lat_deg, lon_deg }, radius_m });
        Ok(Self {
            from_ms: filter.from_ms,
            to_ms: filter.to_ms,
            driver_id: filter.driver_id,
            vehicle_id: filter.vehicle_id,
            tag: filter.tag,
            near,
            discarded: filter.discarded,
            before: filter.before.map(|before| unsigned("before", before)).transpose()?,
            limit: unsigned("limit", filter.limit)?,
        })
    }
}

/// A page of trips.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct TripPage {
    /// Newest first, each at its last revision.
    pub trips: Vec<StoredRecord>,
    /// To be given as `before`; absent on the last page.
    pub next: Option<i64>,
}

impl From<milepost::Found> for TripPage {
    fn from(found: milepost::Found) -> Self {
        let trips = found.trips.into_iter().map(StoredRecord::from).collect();
        Self { trips, next: found.next.map(signed) }
    }
}

/// A smoothed point of a trip.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct TrackPoint {
    /// On the axis of the frames.
    pub t_ns: i64,
    /// Degrees north.
    pub lat_deg: f64,
    /// Degrees east.
    pub lon_deg: f64,
    /// Absent where it is not known.
    pub speed_mps: Option<f64>,
    /// Where the vehicle points, whole degrees clockwise from true north; absent where it is not known.
    pub heading_deg: Option<f64>,
    /// How high the receiver said that it was, whole metres; absent between fixes.
    pub alt_m: Option<f64>,
}

impl From<contract::TrackPoint> for TrackPoint {
    fn from(point: contract::TrackPoint) -> Self {
        let contract::TrackPoint { t, position: LatLon { lat_deg, lon_deg }, speed_mps, heading_deg, alt_m } = point;
        let (heading_deg, alt_m) = (heading_deg.map(f64::from), alt_m.map(f64::from));
        Self { t_ns: t.0, lat_deg, lon_deg, speed_mps, heading_deg, alt_m }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_filter_when_it_crosses_then_everything_arrives_and_nonsense_is_refused_by_name() {
        let near = Near { lat_deg: 52.0, lon_deg: 13.0, radius_m: 100.0 };
        let filter =
            TripFilter { near: Some(near), before: Some(7), limit: 3, tag: Some("x".into()), ..TripFilter::default() };
        let query = store::TripQuery::try_from(filter).unwrap();
        assert_eq!((query.before, query.limit, query.tag.as_deref()), (Some(7), 3, Some("x")));
        assert_eq!(query.near.map(|near| (near.centre.lat_deg, near.radius_m)), Some((52.0, 100.0)));
        for filter in
            [TripFilter { before: Some(-1), ..Default::default() }, TripFilter { limit: -1, ..Default::default() }]
        {
            assert!(matches!(store::TripQuery::try_from(filter), Err(MilepostError::InvalidInput { .. })));
        }
    }
}
