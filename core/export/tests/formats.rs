//! Every format is read back by somebody else's library and holds what went in. No library reads bodies for Traccar and
//! OwnTracks: those are held against schemas written from their documentation.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use milepost_engine::Uuid;
use milepost_engine::contract::TrackPoint;
use milepost_engine::geo::{LatLon, shifted};
use milepost_engine::sample::MonoTime;
use milepost_export::{Format, Sender, Stop, Trip, write};
use serde_json::{Value, json};

const NOON_MS: i64 = 1_700_000_000_000;

/// Two minutes north-east at 10 m/s, a point a second, the speed unknown now and then; a delivery in the middle.
fn trip(number: u128) -> Trip {
    let home = LatLon { lat_deg: 52.5 + number as f64, lon_deg: -13.4 };
    let point = |s: i64| TrackPoint {
        t: MonoTime(s * 1_000_000_000 + 250_000_000),
        position: shifted(home, 7.1 * s as f64, 7.1 * s as f64),
        speed_mps: (s % 10 > 0).then_some(10.04),
        heading_deg: (s % 4 > 0).then_some(45),
        alt_m: (s % 3 > 0).then_some(30 + s as i16),
    };
    let stop = Stop {
        id: Uuid::from_u128(100 + number),
        start: MonoTime(60_000_000_000),
        end: MonoTime(90_000_000_000),
        class: "delivery <&>".into(),
        position: Some(point(60).position),
    };
    Trip {
        id: Uuid::from_u128(number),
        mode: "automotive".into(),
        epoch_ms: Some(NOON_MS),
        points: (0..120).map(point).collect(),
        stops: vec![stop],
    }
}

fn trips() -> Vec<Trip> {
    vec![trip(1), trip(2)]
}

fn text(format: Format, trips: &[Trip]) -> String {
    let mut out = Vec::new();
    write(format, Sender { device_id: "van-17" }, trips, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn lines(format: Format, trips: &[Trip]) -> Vec<Value> {
    text(format, trips).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn assert_near(a: (f64, f64), p: &TrackPoint, degrees: f64) {
    let (lat, lon) = a;
    assert!((lat - p.position.lat_deg).abs() <= degrees && (lon - p.position.lon_deg).abs() <= degrees, "{a:?} {p:?}");
}

#[test]
fn gpx_is_read_by_the_gpx_crate() {
    let gpx = gpx::read(text(Format::Gpx, &trips()).as_bytes()).unwrap();
    assert_eq!((gpx.version, gpx.tracks.len(), gpx.waypoints.len()), (gpx::GpxVersion::Gpx11, 2, 2));
    assert_eq!(gpx.waypoints[0].name.as_deref(), Some("delivery <&>"));
    for (track, trip) in gpx.tracks.iter().zip(trips()) {
        assert_eq!(track.name, Some(trip.id.to_string()));
        let points = &track.segments[0].points;
        assert_eq!(points.len(), trip.points.len());
        for (read, p) in points.iter().zip(&trip.points) {
            assert_near((read.point().y(), read.point().x()), p, 1e-7);
            assert_eq!(read.elevation, p.alt_m.map(f64::from));
        }
        assert_eq!(points[0].time.unwrap().format().unwrap(), "2023-11-14T22:13:20.250000000Z");
    }
}

#[test]
fn geojson_is_read_by_the_geojson_crate() {
    let read: geojson::FeatureCollection = text(Format::GeoJson, &trips()).parse().unwrap();
    assert_eq!(read.features.len(), 4);
    let line = &read.features[0];
    let Some(geojson::GeometryValue::LineString { coordinates }) = line.geometry.as_ref().map(|g| &g.value) else {
        panic!("no line")
    };
    let times = line.property("coordTimes").unwrap().as_array().unwrap();
    assert_eq!((coordinates.len(), times.len()), (120, 120));
    assert_eq!(times[1], json!("2023-11-14T22:13:21.250Z"));
    for (read, p) in coordinates.iter().zip(&trips()[0].points) {
        assert_near((read[1], read[0]), p, 1e-7);
    }
    assert_eq!(read.features[1].property("class"), Some(&json!("delivery <&>")));
}

#[test]
fn a_trip_of_one_point_or_none_is_no_broken_line() {
    let mut short = trip(1);
    for n in [1, 0] {
        short.points.truncate(n);
        let read: geojson::FeatureCollection = text(Format::GeoJson, std::slice::from_ref(&short)).parse().unwrap();
        assert!(read.features[0].geometry.is_none());
        assert_eq!(gpx::read(text(Format::Gpx, std::slice::from_ref(&short)).as_bytes()).unwrap().tracks.len(), 1);
    }
}

#[test]
fn csv_is_read_by_the_csv_crate() {
    let text = text(Format::Csv, &trips());
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
    assert_eq!(rows.len(), 240);
    assert_eq!((&rows[0][1], &rows[0][2], &rows[0][5]), ("2023-11-14T22:13:20.250Z", "0.25", ""));
    for (row, p) in rows.iter().zip(trips().iter().flat_map(|trip| &trip.points)) {
        assert_near((row[3].parse().unwrap(), row[4].parse().unwrap()), p, 1e-7);
        assert_eq!(row[5].parse().ok(), p.speed_mps);
    }
}

#[test]
fn polylines_are_read_by_the_polyline_crate() {
    for (precision, step) in [(5, 1e-5), (6, 1e-6)] {
        for (line, trip) in lines(Format::Polyline { precision }, &trips()).iter().zip(trips()) {
            assert_eq!(line["precision"], json!(precision));
            let read = polyline::decode_polyline(line["polyline"].as_str().unwrap(), precision.into()).unwrap();
            assert_eq!(read.0.len(), 120);
            for (at, p) in read.coords().zip(&trip.points) {
                assert_near((at.y, at.x), p, 0.51 * step);
            }
        }
    }
}

#[test]
fn traccar_gets_every_number_that_it_reads() {
    let number = json!({"type": "number"});
    let schema = json!({
        "required": ["device_id", "location"],
        "properties": {
            "device_id": {"type": "string", "minLength": 1},
            "location": {
                "required": ["timestamp", "coords"],
                "properties": {
                    "timestamp": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"},
                    "coords": {
                        "required": ["latitude", "longitude", "accuracy", "speed", "heading", "altitude"],
                        "properties": {
                            "latitude": {"type": "number", "minimum": -90, "maximum": 90},
                            "longitude": {"type": "number", "minimum": -180, "maximum": 180},
                            "accuracy": number, "speed": number, "altitude": number,
                            "heading": {"type": "number", "minimum": -1, "maximum": 360},
                        },
                    },
                    "is_moving": {"type": "boolean"},
                },
            },
        },
    });
    let bodies = lines(Format::Traccar, &trips());
    assert_eq!(bodies.len(), 240);
    for body in &bodies {
        assert!(jsonschema::is_valid(&schema, body), "{body}");
    }
    assert_eq!(bodies[1]["location"]["coords"]["heading"], json!(45.0));
    assert_eq!(bodies[10]["location"]["coords"]["speed"], json!(-1.0), "unknown");
    assert_eq!(bodies[1]["location"]["coords"]["altitude"], json!(31.0));
}

#[test]
fn owntracks_gets_locations_and_transitions_in_order() {
    let whole = json!({"type": "integer", "minimum": 0});
    let degrees = |most: i32| json!({"type": "number", "minimum": -most, "maximum": most});
    let common =
        json!({"lat": degrees(90), "lon": degrees(180), "tst": whole, "tid": {"type": "string", "maxLength": 2}});
    let schema = json!({
        "properties": common,
        "oneOf": [
            {
                "required": ["_type", "lat", "lon", "tst", "tid"],
                "properties": {"_type": {"const": "location"}, "vel": whole, "cog": {"type": "integer", "maximum": 359}, "alt": {"type": "integer"}},
            },
            {
                "required": ["_type", "lat", "lon", "acc", "tst", "wtst", "event", "desc", "tid"],
                "properties": {"_type": {"const": "transition"}, "event": {"enum": ["enter", "leave"]}, "wtst": whole},
            },
        ],
    });
    let messages = lines(Format::OwnTracks, &trips());
    assert_eq!(messages.len(), 2 * (120 + 2));
    for message in &messages {
        assert!(jsonschema::is_valid(&schema, message), "{message}");
    }
    let first: Vec<&Value> = messages.iter().take(122).collect();
    assert!(first.is_sorted_by_key(|m| m["tst"].as_i64()));
    let events: Vec<&Value> = first.iter().map(|m| &m["event"]).filter(|e| !e.is_null()).collect();
    assert_eq!(events, [&json!("enter"), &json!("leave")]);
    let told = ["vel", "cog", "alt"].map(|key| messages[1][key].as_i64());
    assert_eq!(told, [Some(36), Some(45), Some(31)]);
    assert_eq!(messages[0].get("alt"), None);
}

#[test]
fn without_a_wall_clock_files_have_no_times_and_messages_are_refused() {
    let nameless = [Trip { epoch_ms: None, ..trip(1) }];
    assert!(gpx::read(text(Format::Gpx, &nameless).as_bytes()).unwrap().tracks[0].segments[0].points[0].time.is_none());
    assert!(text(Format::GeoJson, &nameless).contains(r#""coordTimes":null"#));
    for format in [Format::Traccar, Format::OwnTracks] {
        assert!(write(format, Sender { device_id: "x" }, &nameless, &mut Vec::new()).is_err());
    }
}
