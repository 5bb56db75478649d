//! Projections of `record` for queries: trips and their tags. They hold nothing that `record` does not, so they can be
//! rebuilt at any time.

use milepost_engine::Uuid;
use rusqlite::params;

use crate::error::Result;
use crate::place::Near;
use crate::record::{NewRecord, STORED, Stored, signed, stored};
use crate::store::{Db, Tx};

/// Which trips, newest first. Empty means all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TripQuery {
    /// Going on at or after this, epoch milliseconds. Trips whose wall time is unknown match no time.
    pub from_ms: Option<i64>,
    /// Begun before this, epoch milliseconds.
    pub to_ms: Option<i64>,
    /// Driven by.
    pub driver_id: Option<String>,
    /// Driven with.
    pub vehicle_id: Option<String>,
    /// Tagged with.
    pub tag: Option<String>,
    /// Begun or ended here.
    pub near: Option<Near>,
    /// Discarded ones too.
    pub discarded: bool,
    /// The next page: [`TripPage::next`] of the one before.
    pub before: Option<u64>,
    /// Trips on a page; 0 is [`PAGE`].
    pub limit: usize,
}

/// Trips on a page, where the query does not say.
pub const PAGE: usize = 50;

/// A page of trips.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TripPage {
    /// The highest revision of each.
    pub trips: Vec<Stored>,
    /// To be given as [`TripQuery::before`]; `None` on the last page.
    pub next: Option<u64>,
}

/// One statement for one record and for all: `seq > ?1 AND seq <= ?2`. Rows come in order, so the last revision wins.
/// The start's wall time is that of the record less what has passed between the two.
const PROJECT: &str = "
    INSERT INTO trip (id, seq, first_seq, status, start_ms, end_ms, start_lat, start_lon, end_lat, end_lon, driver_id,
        vehicle_id)
    SELECT id, seq, seq, ifnull(body ->> 'status', 'open'),
        occurred_at - t_ns / 1000000 + CAST(round((body ->> 'start_t_s') * 1000) AS INTEGER),
        occurred_at - t_ns / 1000000 + CAST(round((body ->> 'end_t_s') * 1000) AS INTEGER),
        CAST(body ->> '$.start[1]' AS REAL), CAST(body ->> '$.start[0]' AS REAL),
        CAST(body ->> '$.end[1]' AS REAL), CAST(body ->> '$.end[0]' AS REAL),
        driver_id, vehicle_id
    FROM record WHERE class = 2 AND schema LIKE 'milepost.trip/%' AND seq > ?1 AND seq <= ?2 ORDER BY seq
    ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, status = excluded.status, start_ms = excluded.start_ms,
        end_ms = excluded.end_ms, start_lat = excluded.start_lat, start_lon = excluded.start_lon,
        end_lat = excluded.end_lat, end_lon = excluded.end_lon, driver_id = excluded.driver_id, vehicle_id = excluded.vehicle_id";

const PROJECT_TAGS: &str = "
    INSERT OR IGNORE INTO trip_tag (tag, trip_id)
    SELECT tag.value, trip.id FROM trip JOIN record USING (seq), json_each(record.body, '$.tags') AS tag
    WHERE trip.seq > ?1 AND trip.seq <= ?2";

impl Db<'_> {
    /// Trips, newest first. For a place every trip is looked at: a driver has some thousand, and an index would be for few.
    pub fn trips(&self, query: &TripQuery) -> Result<TripPage> {
        let limit = if query.limit == 0 { PAGE } else { query.limit };
        let sql = format!(
            "SELECT {}, trip.first_seq FROM trip JOIN record ON record.seq = trip.seq
             WHERE trip.first_seq < ?1 AND (?2 IS NULL OR ifnull(trip.end_ms, trip.start_ms) >= ?2)
             AND (?3 IS NULL OR trip.start_ms < ?3) AND (?4 IS NULL OR trip.driver_id = ?4)
             AND (?5 IS NULL OR trip.vehicle_id = ?5)
             AND (?6 IS NULL OR trip.id IN (SELECT trip_id FROM trip_tag WHERE tag = ?6))
             AND (?7 OR trip.status <> 'discarded')
             AND (?9 IS NULL OR distance_m(trip.start_lat, trip.start_lon, ?9, ?10) <= ?11
                 OR distance_m(trip.end_lat, trip.end_lon, ?9, ?10) <= ?11)
             ORDER BY trip.first_seq DESC LIMIT ?8",
            STORED.split(", ").map(|column| format!("record.{column}")).collect::<Vec<_>>().join(", "),
        );
        let mut statement = self.0.prepare_cached(&sql)?;
        let values = params![
            query.before.map_or(i64::MAX, signed),
            query.from_ms,
            query.to_ms,
            query.driver_id,
            query.vehicle_id,
            query.tag,
            query.discarded,
            limit as i64,
            query.near.map(|near| near.centre.lat_deg),
            query.near.map(|near| near.centre.lon_deg),
            query.near.map(|near| near.radius_m),
        ];
        let rows = statement.query_map(values, |row| Ok((stored(row)?, row.get::<_, i64>(5)? as u64)))?;
        let rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
        let next = if rows.len() == limit { rows.last().map(|(_, first_seq)| *first_seq) } else { None };
        Ok(TripPage { trips: rows.into_iter().map(|(trip, _)| trip).collect(), next })
    }

    /// The highest revisions of everything that belongs to a trip (itself, stops, events, scores), in order.
    pub fn trip_records(&self, trip_id: Uuid) -> Result<Vec<Stored>> {
        let sql = format!(
            "SELECT {STORED} FROM record AS r WHERE trip_id = ?1
             AND rev = (SELECT max(rev) FROM record WHERE id = r.id) ORDER BY seq"
        );
        let mut statement = self.0.prepare_cached(&sql)?;
        let rows = statement.query_map([trip_id.as_bytes()], stored)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl Tx<'_> {
    pub(crate) fn project(&self, record: &NewRecord) -> Result<()> {
        if !record.schema.starts_with("milepost.trip/") {
            return Ok(());
        }
        self.sql().prepare_cached("DELETE FROM trip_tag WHERE trip_id = ?1")?.execute([record.id.as_bytes()])?;
        let range = params![signed(record.seq) - 1, signed(record.seq)];
        self.sql().prepare_cached(PROJECT)?.execute(range)?;
        self.sql().prepare_cached(PROJECT_TAGS)?.execute(range)?;
        Ok(())
    }

    /// Makes the projections anew from `record`.
    pub fn rebuild(&self) -> Result<()> {
        self.sql().execute_batch("DELETE FROM trip_tag; DELETE FROM trip")?;
        self.sql().execute(PROJECT, params![i64::MIN, i64::MAX])?;
        self.sql().execute(PROJECT_TAGS, params![i64::MIN, i64::MAX])?;
        Ok(())
    }
}
