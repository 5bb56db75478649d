//! Formats of other loggers, each as its app writes it.
#![cfg(feature = "import")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests, helpers included, may fail")]

mod common;

use std::fs::File;
use std::io::Write;
use std::path::Path;

use common::{fixes, folder, read, samples};
use milepost_engine::contract::Input;
use milepost_engine::sample::{Activity, Signal};
use milepost_recording::import::{Format, ImportOptions, open};
use tempfile::TempDir;

fn near(a: f32, b: f64) {
    assert!((f64::from(a) - b).abs() < 1e-4, "{a} {b}");
}

fn plainly(path: &Path) -> Vec<Input> {
    read(path, &ImportOptions::default()).unwrap()
}

fn error(path: &Path) -> String {
    let e = read(path, &ImportOptions::default()).unwrap_err();
    assert!(!e.contains('\n'), "{e}");
    e
}

/// The files of a folder as a zip, inside a folder of their own.
fn zipped(files: &[(&str, String)]) -> (TempDir, std::path::PathBuf) {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("recording.zip");
    let mut zip = zip::ZipWriter::new(File::create(&path).unwrap());
    for (i, (name, text)) in files.iter().enumerate() {
        let method = if i % 2 == 0 { zip::CompressionMethod::Deflated } else { zip::CompressionMethod::Stored };
        let options = zip::write::SimpleFileOptions::default().compression_method(method);
        zip.start_file(format!("2024-02-24/{name}"), options).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
    (dir, path)
}

const T0: i64 = 1_698_501_144_400_000_000;

fn three(rows: &[(i64, [f64; 3])]) -> String {
    let head = "time,seconds_elapsed,z,y,x\n".to_owned();
    rows.iter().fold(head, |text, (ms, [x, y, z])| {
        text + &format!("{},{},{z},{y},{x}\n", T0 + ms * 1_000_000, *ms as f64 / 1e3)
    })
}

const LOCATION: &str = "time,seconds_elapsed,bearingAccuracy,speedAccuracy,verticalAccuracy,horizontalAccuracy,speed,bearing,altitude,longitude,latitude\n";

fn sensor_logger(platform: &str, standardised: bool) -> Vec<(&'static str, String)> {
    let head = "version,device name,recording epoch time,recording time,recording timezone,platform,appVersion,device id,sensors,sampleRateMs,standardisation,platform version";
    let sign = if platform == "ios" && !standardised { -1.0 } else { 1.0 };
    vec![
        (
            "Metadata.csv",
            format!(
                "{head}\n3,My phone,{},2023-10-28_13-52-24,Europe/Berlin,{platform},1.64,x,Accelerometer|Gyroscope,10|10,{standardised},17\n",
                T0 / 1_000_000
            ),
        ),
        ("Accelerometer.csv", three(&[(0, [0.5 * sign, 0.0, 0.0]), (10, [0.25 * sign, 0.0, 0.0])])),
        ("Gravity.csv", three(&[(0, [0.0, 0.0, 9.8 * sign]), (10, [0.0, 0.0, 9.8 * sign])])),
        ("Gyroscope.csv", three(&[(0, [0.1, 0.2, 0.3]), (10, [0.3, 0.2, 0.1])])),
        ("Location.csv", format!("{LOCATION}{},0.005,0,0,1.7,15.1,-1,90,214.2,13.4,52.5\n", T0 + 5_000_000)),
        ("Activity.csv", format!("time,seconds_elapsed,activity,confidence\n{T0},0,automotive,high\n")),
        (
            "Battery.csv",
            format!("time,seconds_elapsed,batteryState,lowPowerMode,batteryLevel\n{T0},0,charging,false,0.5\n"),
        ),
        ("Pedometer.csv", format!("time,seconds_elapsed,steps\n{T0},0,12\n")),
    ]
}

#[test]
fn given_sensor_logger_of_either_platform_when_read_then_forces_have_androids_sign() {
    for (platform, standardised) in [("ios", false), ("ios", true), ("android", false)] {
        let files = sensor_logger(platform, standardised);
        let recording = open(folder(&files).path(), &ImportOptions::default()).unwrap();
        assert_eq!(recording.format, Format::SensorLogger);
        assert_eq!(recording.session.platform.as_deref(), Some(platform));
        assert_eq!(recording.session.device.as_deref(), Some("My phone"));
        let inputs: Vec<Input> = recording.map(Result::unwrap).collect();
        let imu = samples(&inputs);
        assert_eq!(imu.iter().map(|s| s.t.0).collect::<Vec<_>>(), [T0, T0 + 10_000_000]);
        near(imu[0].force_mps2[0], 0.5);
        near(imu[0].force_mps2[2], 9.8);
        near(imu[1].rate_rad_s.unwrap()[0], 0.3);
        let fix = &fixes(&inputs)[0];
        assert_eq!((fix.lat_deg, fix.lon_deg, fix.speed_mps, fix.bearing_deg), (52.5, 13.4, None, Some(90.0)));
        let signals: Vec<_> =
            inputs.iter().filter_map(|i| if let Input::Signal(_, s) = i { Some(s.clone()) } else { None }).collect();
        let expected = [
            Signal::Activity(Activity::Automotive, Some(1.0)),
            Signal::Charging(true),
            Signal::PowerSave(false),
            Signal::Steps(12),
        ];
        assert_eq!(signals, expected);
    }
}

#[test]
fn given_a_zip_when_read_then_it_is_as_the_folder() {
    let files = sensor_logger("ios", false);
    let (_dir, path) = zipped(&files);
    assert_eq!(plainly(&path), plainly(folder(&files).path()));
}

#[test]
fn given_total_acceleration_or_raw_forces_when_read_then_their_units_are_right() {
    let location = ("Location.csv", LOCATION.to_owned());
    let total = ("TotalAcceleration.csv", three(&[(0, [0.0, 0.0, 9.8])]));
    near(samples(&plainly(folder(&[total, location.clone()]).path()))[0].force_mps2[2], 9.8);
    let meta = sensor_logger("ios", false).remove(0);
    let raw = ("AccelerometerUncalibrated.csv", three(&[(0, [0.0, 0.0, -1.0])]));
    near(samples(&plainly(folder(&[meta, raw, location]).path()))[0].force_mps2[2], 9.80665);
}

#[test]
fn given_acceleration_without_gravity_when_read_then_it_is_left_out_with_a_note() {
    let mut files = sensor_logger("android", false);
    files.retain(|(name, _)| *name != "Gravity.csv");
    let recording = open(folder(&files).path(), &ImportOptions::default()).unwrap();
    assert_eq!(recording.notes.len(), 1);
    assert!(samples(&recording.map(Result::unwrap).collect::<Vec<_>>()).is_empty());
    files.retain(|(name, _)| *name != "Location.csv");
    assert!(error(folder(&files).path()).contains("holds neither TotalAcceleration.csv"));
}

#[test]
fn given_a_damaged_sensor_logger_file_when_read_then_the_row_is_named() {
    let mut files = sensor_logger("android", false);
    files[3].1 += "x,0,0,0,0\n";
    assert_eq!(error(folder(&files).path()), "Gyroscope.csv row 4 column time: \"x\" is no time");
    let (_dir, path) = zipped(&files);
    assert_eq!(error(&path), "Gyroscope.csv row 4 column time: \"x\" is no time");
}

fn phyphox(delimiter: char, comma: bool) -> Vec<(&'static str, String)> {
    let row = |cells: &[&str]| {
        let cells: Vec<String> =
            cells.iter().map(|cell| if comma { cell.replace('.', ",") } else { (*cell).to_owned() }).collect();
        cells.join(&delimiter.to_string()) + "\n"
    };
    let head = |names: &[&str]| {
        names.iter().map(|n| format!("\"{n}\"")).collect::<Vec<_>>().join(&delimiter.to_string()) + "\n"
    };
    vec![
        (
            "Accelerometer.csv",
            head(&["Time (s)", "Acceleration x (m/s^2)", "Acceleration y (m/s^2)", "Acceleration z (m/s^2)"])
                + &row(&["0.000000000E0", "3.5E-1", "3.0E-1", "1.0062E1"])
                + &row(&["1.000000000E-2", "0.1", "0.2", "9.8"]),
        ),
        (
            "Gyroscope.csv",
            head(&["Time (s)", "Gyroscope x (rad/s)", "Gyroscope y (rad/s)", "Gyroscope z (rad/s)"])
                + &row(&["0.0", "0.1", "0.2", "0.3"])
                + &row(&["0.02", "0.3", "0.2", "0.1"]),
        ),
        (
            "Location.csv",
            head(&[
                "Time (s)",
                "Latitude (°)",
                "Longitude (°)",
                "Height (m)",
                "Velocity (m/s)",
                "Direction (°)",
                "Horizontal Accuracy (m)",
                "Vertical Accuracy (m)",
            ]) + &row(&["0.005", "52.5", "13.4", "34.5", "NaN", "-1.0", "5.5", "NaN"]),
        ),
        (
            "meta/time.csv",
            head(&["event", "experiment time", "system time", "system time text"])
                + &row(&["\"START\"", "0.0", "1759650000.5", "\"2025-10-05 10:20:00.500 UTC+02:00\""])
                + &row(&["\"PAUSE\"", "1.0", "1759650001.5", "\"2025-10-05 10:20:01.500 UTC+02:00\""]),
        ),
        (
            "meta/device.csv",
            head(&["property", "value"])
                + &row(&["\"deviceModel\"", "\"iPhone12\""])
                + &row(&["\"deviceBrand\"", "\"Apple\""]),
        ),
    ]
}

#[test]
fn given_phyphox_in_any_of_its_dialects_when_read_then_it_is_the_same() {
    for (delimiter, comma) in [(',', false), ('\t', false), (';', false), ('\t', true), (';', true)] {
        let files = phyphox(delimiter, comma);
        let recording = open(folder(&files).path(), &ImportOptions::default()).unwrap();
        assert_eq!((recording.format, recording.epoch_axis), (Format::Phyphox, Some(true)));
        assert_eq!(
            (recording.session.utc_offset_min, recording.session.device.as_deref()),
            (Some(120), Some("iPhone12"))
        );
        let inputs: Vec<Input> = recording.map(Result::unwrap).collect();
        let imu = samples(&inputs);
        assert_eq!(imu[1].t.0, 1_759_650_000_510_000_000);
        near(imu[0].force_mps2[2], 10.062);
        near(imu[1].rate_rad_s.unwrap()[0], 0.2);
        let fix = &fixes(&inputs)[0];
        assert_eq!((fix.lat_deg, fix.alt_m, fix.speed_mps, fix.bearing_deg), (52.5, Some(34.5), None, None));
    }
    let (_dir, path) = zipped(&phyphox(',', false));
    assert_eq!(plainly(&path), plainly(folder(&phyphox(',', false)).path()));
}

#[test]
fn given_one_phyphox_table_when_read_then_its_axis_is_the_apps_own() {
    let (_, text) = phyphox(',', false).remove(0);
    let dir = folder(&[("Raw Data.csv", text)]);
    let recording = open(&dir.path().join("Raw Data.csv"), &ImportOptions::default()).unwrap();
    assert_eq!((recording.format, recording.epoch_axis), (Format::Phyphox, Some(false)));
    assert_eq!(samples(&recording.map(Result::unwrap).collect::<Vec<_>>()).len(), 2);
}

#[test]
fn given_phyphox_without_gravity_when_read_then_that_is_said() {
    let text = "\"Time (s)\",\"Linear Acceleration x (m/s^2)\",\"Linear Acceleration y (m/s^2)\",\"Linear Acceleration z (m/s^2)\"\n0,1,2,3\n";
    let dir = folder(&[("a.csv", text.to_owned())]);
    assert!(error(&dir.path().join("a.csv")).contains("no table with acceleration with gravity"));
}

const GPX: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1" xmlns:t="http://www.garmin.com/xmlschemas/TrackPointExtension/v2">
 <metadata><time>2020-01-01T00:00:00Z</time></metadata>
 <wpt lat="1" lon="2"><time>2020-01-01T00:00:00Z</time></wpt>
 <trk><name><![CDATA[a <b>]]></name><trkseg>
  <trkpt lat="52.5" lon="180"><ele>34.5</ele><time>2023-03-01T18:00:34.250Z</time>
   <extensions><t:TrackPointExtension><t:speed>12.5</t:speed><t:course>90</t:course></t:TrackPointExtension></extensions></trkpt>
  <trkpt lat="95" lon="13.4"><time>2023-03-01T19:00:35+01:00</time></trkpt>
 </trkseg><trkseg><trkpt lon="13.4" lat="52.6"><time>2023-03-01T18:00:36</time><speed>-1</speed></trkpt></trkseg></trk>
</gpx>"#;

fn gpx(text: &str) -> (TempDir, std::path::PathBuf) {
    let dir = folder(&[("track.gpx", text.to_owned())]);
    let path = dir.path().join("track.gpx");
    (dir, path)
}

#[test]
fn given_gpx_when_read_then_its_track_points_are_fixes() {
    let (_dir, path) = gpx(GPX);
    let recording = open(&path, &ImportOptions::default()).unwrap();
    assert_eq!((recording.format, recording.rows), (Format::Gpx, Some(3)));
    let fixes = fixes(&recording.map(Result::unwrap).collect::<Vec<_>>());
    let first = &fixes[0];
    assert_eq!((first.t.0, first.lat_deg, first.lon_deg), (1_677_693_634_250_000_000, 52.5, 180.0));
    assert_eq!((first.alt_m, first.speed_mps, first.bearing_deg), (Some(34.5), Some(12.5), Some(90.0)));
    assert_eq!(
        fixes.iter().map(|f| f.t.0 / 1_000_000_000).collect::<Vec<_>>(),
        [1_677_693_634, 1_677_693_635, 1_677_693_636]
    );
    assert_eq!((fixes[1].lat_deg, fixes[2].speed_mps), (95.0, None));
}

#[test]
fn given_damaged_gpx_when_read_then_the_row_is_named() {
    let said = |from: &str, to: &str, expected: &str| {
        let (_dir, path) = gpx(&GPX.replacen(from, to, 1));
        let e = error(&path);
        assert!(e.contains(&format!("track.gpx {expected}")), "{e}");
    };
    said("lat=\"52.5\"", "lat=\"abc\"", "row 6 column lat: \"abc\" is no number");
    said("lat=\"95\" ", "", "row 8: a track point without lat");
    said("<time>2023-03-01T19:00:35+01:00</time>", "", "row 8: a track point without a time");
    said("19:00:35+01:00", "yesterday", "row 8 column time: \"2023-03-01Tyesterday\" is no time");
    said("<t:speed>12.5", "<t:speed>fast", "row 7 column speed: \"fast\" is no number");
    said("</trkseg><trkseg>", "</trkseg", "row 9");
    said("</gpx>", "", "row 9: Unexpected end of stream");
    let (_dir, path) = gpx("<gpx></gpx>");
    assert!(error(&path).ends_with("holds no track points"));
    let (_dir, path) = gpx("<html><body/></html>");
    assert!(error(&path).ends_with("is a web page and no recording"));
    let (_dir, path) = gpx("<kml></kml>");
    assert!(error(&path).contains("the document is \"kml\", it should be gpx"));
    let deep = format!("<gpx>{}", "<a>".repeat(100_000));
    let (_dir, path) = gpx(&deep);
    assert!(error(&path).contains("nested more than 64 deep"));
}

const SENSORLOG: &str = "loggingTime(txt),loggingSample(N),locationTimestamp_since1970(s),locationLatitude(WGS84),locationLongitude(WGS84),locationAltitude(m),locationSpeed(m/s),locationCourse(°),locationHorizontalAccuracy(m),accelerometerAccelerationX(G),accelerometerAccelerationY(G),accelerometerAccelerationZ(G),gyroRotationX(rad/s),gyroRotationY(rad/s),gyroRotationZ(rad/s),activity(txt),activityActivityConfidence(Z)
2025-03-11T14:55:58.123-07:00,1,1741730157.5,37.1,-122.1,10,5.5,90,4,0,0,-1,0.1,0.2,0.3,automotive,2
2025-03-11T14:55:58.133-07:00,2,1741730157.5,37.1,-122.1,10,5.5,90,4,0,0,-1,,,,automotive,2
2025-03-11T14:55:58.143-07:00,3,1741730158.5,37.1,-122.1,10,5.5,-1,4,0,0,-1,null,null,null,stationary,1
";

#[test]
fn given_sensorlogs_long_names_when_read_then_zones_and_own_times_count() {
    let dir = folder(&[("log.csv", SENSORLOG.to_owned())]);
    let recording =
        open(&dir.path().join("log.csv"), &ImportOptions { utc_offset_min: Some(60), ..Default::default() }).unwrap();
    assert_eq!(recording.format, Format::SensorLog);
    let inputs: Vec<Input> = recording.map(Result::unwrap).collect();
    let imu = samples(&inputs);
    assert_eq!(imu[0].t.0, 1_741_730_158_123_000_000);
    near(imu[0].force_mps2[2], 9.80665);
    assert_eq!(imu.iter().map(|s| s.rate_rad_s.is_some()).collect::<Vec<_>>(), [true, false, false]);
    let fixes = fixes(&inputs);
    assert_eq!(fixes.iter().map(|f| f.t.0).collect::<Vec<_>>(), [1_741_730_157_500_000_000, 1_741_730_158_500_000_000]);
    assert_eq!(fixes.iter().map(|f| f.bearing_deg).collect::<Vec<_>>(), [Some(90.0), None]);
}

#[test]
fn given_a_format_by_name_when_it_is_another_then_it_is_one_error() {
    let forced = |path: &Path, format| {
        let e = read(path, &ImportOptions { format: Some(format), ..Default::default() }).unwrap_err();
        assert!(!e.contains('\n'));
        e
    };
    let (_dir, path) = gpx(GPX);
    assert!(forced(&path, Format::Plain).contains("holds neither imu.csv nor gnss.csv"));
    assert!(forced(&path, Format::Native).contains("is no recording: it begins with other bytes"));
    assert!(forced(&path, Format::SensorLog).contains("the header has no column"));
    assert!(forced(&path, Format::SensorLogger).contains("holds neither"));
    assert!(forced(&path, Format::Phyphox).contains("holds no table"));
    let dir = folder(&sensor_logger("ios", false));
    assert!(forced(dir.path(), Format::Gpx).contains("a GPX file is one"));
    assert!(forced(dir.path(), Format::Native).contains("a native recording is one file"));
    assert!(forced(dir.path(), Format::Plain).contains("holds neither imu.csv nor gnss.csv"));
    assert!(forced(dir.path(), Format::Phyphox).contains("holds no table"));
}
