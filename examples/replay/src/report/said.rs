//! What the engine said of a drive: the highest revision of every record, and the track of its trips.

use std::collections::BTreeMap;

use milepost_engine::Uuid;
use milepost_engine::contract::{TrackChunk, TrackPoint, track_span};
use milepost_engine::record::{
    Body, EventStatus, EventType, Record, Seconds, StopBody, StopClass, SummaryBody, TripBody, TripStatus,
};
use milepost_engine::sample::MonoTime;
use milepost_sim::Span;

/// Records and tracks by id.
#[derive(Default)]
pub struct Said {
    records: BTreeMap<Uuid, Record>,
    track: BTreeMap<Uuid, Vec<TrackPoint>>,
}

/// An event as figures need it.
#[derive(Clone, Copy, Debug)]
pub struct Report {
    /// What.
    pub kind: EventType,
    /// From its start to its end.
    pub span: Span,
    /// Whether GNSS agreed.
    pub confirmed: bool,
}

/// A trip that counts.
pub struct Ended<'a> {
    /// From its start to its end.
    pub span: Span,
    /// What else is said of it.
    pub body: &'a TripBody,
    id: Uuid,
}

impl Said {
    /// A record or a revision of one; they come in order.
    pub fn record(&mut self, record: Record) {
        self.records.insert(record.id, record);
    }

    /// More of the track.
    pub fn track(&mut self, chunk: TrackChunk) {
        self.track.entry(chunk.trip_id).or_default().extend(chunk.points);
    }

    /// Finished trips in order of time.
    pub fn trips(&self) -> Vec<Ended<'_>> {
        let mut trips: Vec<Ended<'_>> = self
            .records
            .values()
            .filter_map(|record| {
                let Body::Trip(body) = &record.body else { return None };
                let span = span(body.start_t_s, body.end_t_s?);
                (body.status == TripStatus::Ended).then_some(Ended { span, body, id: record.id })
            })
            .collect();
        trips.sort_by(|a, b| a.span.start_s.total_cmp(&b.span.start_s));
        trips
    }

    /// Every record's highest revision, as its line has it.
    pub fn lines(&self) -> impl Iterator<Item = serde_json::Value> {
        self.records.values().filter_map(|record| serde_json::from_str(&record.to_json()).ok())
    }

    /// Stops of one class, or of all.
    pub fn stops(&self, class: Option<StopClass>) -> Vec<Span> {
        let mine = |s: &&StopBody| class.is_none_or(|c| s.class == c);
        let stops = self.records.values().filter_map(|record| {
            let Body::Stop(stop) = &record.body else { return None };
            Some(stop)
        });
        stops.filter(mine).map(|s| span(s.start_t_s, s.end_t_s)).collect()
    }

    /// Events of these types in order of time, whatever their status.
    pub fn events(&self, kinds: &[EventType]) -> Vec<Report> {
        let events = self.records.values().filter_map(|record| {
            let Body::Event(event) = &record.body else { return None };
            Some(Report {
                kind: event.kind,
                span: span(event.start_t_s, event.end_t_s),
                confirmed: event.status == EventStatus::Confirmed,
            })
        });
        let mut events: Vec<Report> = events.filter(|e| kinds.contains(&e.kind)).collect();
        events.sort_by(|a, b| a.span.start_s.total_cmp(&b.span.start_s));
        events
    }

    /// The last line of a replay.
    pub fn summary(&self) -> Option<&SummaryBody> {
        self.records.values().find_map(|record| {
            let Body::Summary(summary) = &record.body else { return None };
            Some(&**summary)
        })
    }

    /// The smoothed points of the finished trips in order of time, as `track.csv` has them.
    pub fn track_points(&self) -> Vec<TrackPoint> {
        let mut points = Vec::new();
        for trip in self.trips() {
            let [start, end] = [trip.span.start_s, trip.span.end_s].map(MonoTime::from_seconds);
            let span = track_span(start, Some(end));
            let all = self.track.get(&trip.id).into_iter().flatten();
            points.extend(all.copied().filter(|p: &TrackPoint| span.contains(&p.t)));
        }
        points.sort_by_key(|p| p.t);
        points
    }
}

fn span(from: Seconds, to: Seconds) -> Span {
    Span { start_s: from.time().seconds(), end_s: to.time().seconds() }
}
