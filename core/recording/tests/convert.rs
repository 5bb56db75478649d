//! Any recording as a plain folder or a native one, and back.
#![cfg(feature = "import")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests, helpers included, may fail")]

mod common;

use std::fs::File;
use std::path::Path;

use common::{GNSS, IMU, SIGNALS, data, folder, read};
use milepost_engine::contract::Input;
use milepost_engine::sample::{Fix, MonoTime};
use milepost_recording::import::{Format, ImportOptions, Info, open, to_native, to_plain};
use milepost_recording::native::{CutReason, Header, Writer};
use proptest::prelude::*;
use tempfile::TempDir;

fn plainly(path: &Path) -> Vec<Input> {
    read(path, &ImportOptions::default()).unwrap()
}

/// What a recording says, whatever its format.
fn text(path: &Path) -> String {
    format!("{:?}", plainly(path))
}

/// A recording as native, and that as plain.
fn both(path: &Path) -> (TempDir, std::path::PathBuf, std::path::PathBuf) {
    let dir = TempDir::new().unwrap();
    let (native, plain) = (dir.path().join("a.mprec"), dir.path().join("plain"));
    to_native(&mut open(path, &ImportOptions::default()).unwrap(), File::create(&native).unwrap()).unwrap();
    let mut recording = open(&native, &ImportOptions::default()).unwrap();
    assert_eq!(recording.format, Format::Native);
    to_plain(&mut recording, &plain).unwrap();
    (dir, native, plain)
}

fn rich(axis: &str, session: &str) -> TempDir {
    let t = |rest: &str| format!("{axis}{rest}");
    folder(&[
        ("imu.csv", format!("{IMU}{},0.1,-0,9.81,1e-7,-3,NaN\n{},NaN,inf,-inf,,,\n", t("1.000000001"), t("1.02"))),
        (
            "gnss.csv",
            format!(
                "{}\n{},52.123456789012345,-13.4,,NaN,0,3.25,{}\n",
                GNSS.trim().to_owned() + ",arrived_t_s",
                t("1.5"),
                t("0.25")
            ),
        ),
        (
            "signals.csv",
            format!(
                "{SIGNALS}{},tag,\"a, \"\"b\"\"\nc\",\n{},activity,walking,0.3\n{},speed_limit_mps,,\n",
                t("1"),
                t("2"),
                t("3")
            ),
        ),
        ("session.json", session.to_owned()),
    ])
}

#[test]
fn given_a_rich_folder_on_either_axis_when_converted_there_and_back_then_nothing_is_lost() {
    let boots = [
        r#"{"seed": 18446744073709551615, "platform": "android", "device": "a \"phone\"", "utc_offset_min": -90}"#,
        r#"{"clock": [{"t_s": 1558000014.5, "wall_ms": 1558000014500, "boot_id": "a"}]}"#,
    ];
    for session in boots {
        both_are_equal(&rich("155800000", session));
        both_are_equal(&rich("1", session));
    }
    let restart = r#"{"clock": [{"t_s": 1558000001, "boot_id": "a"}, {"t_s": 1558000002.123, "boot_id": "b"}]}"#;
    both_are_equal(&rich("155800000", restart));
    let boot_axis =
        r#"{"clock": [{"t_s": 0.5, "wall_ms": 1700000000123, "boot_id": "a"}, {"t_s": 2.5, "boot_id": ""}]}"#;
    both_are_equal(&rich("", boot_axis));
}

fn both_are_equal(dir: &TempDir) {
    let (_keep, native, plain) = both(dir.path());
    assert_eq!(text(&native), text(dir.path()));
    assert_eq!(text(&plain), text(dir.path()));
    let session = |path: &Path| open(path, &ImportOptions::default()).unwrap().session;
    assert_eq!(session(&native), session(dir.path()));
    assert_eq!(session(&plain), session(dir.path()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn any_plain_folder_survives(rows in prop::collection::vec((0i64..4_000_000_000, any::<f32>(), any::<f64>()), 1..40)) {
        let text_of = |ns: i64| format!("{}.{:09}", ns / 1_000_000_000, ns % 1_000_000_000);
        let imu = rows.iter().fold(IMU.to_owned(), |s, (t, x, _)| s + &format!("{},{x},{x},{x},{x},{x},{x}\n", text_of(*t)));
        let gnss = rows.iter().fold(GNSS.to_owned(), |s, (t, x, y)| s + &format!("{},{y},{y},{x},{x},{x},{x}\n", text_of(*t)));
        both_are_equal(&folder(&[("imu.csv", imu), ("gnss.csv", gnss)]));
    }
}

#[test]
fn given_a_folder_that_holds_a_recording_when_converted_into_then_it_is_left_alone() {
    let dir = rich("1", "{}");
    let e = to_plain(&mut open(dir.path(), &ImportOptions::default()).unwrap(), dir.path()).unwrap_err();
    assert_eq!(e.to_string(), format!("writing: {} holds imu.csv already", dir.path().display()));
}

#[test]
fn given_a_foreign_recording_when_converted_then_it_reads_the_same() {
    let Some(set) = data("ikhyd_iphone_obd") else { return };
    let path = set.join("sample_trip.csv");
    let (_keep, native, plain) = both(&path);
    assert_eq!(text(&plain), text(&path));
    assert_eq!(text(&native), text(&path));
    println!("{}", Info::of(&mut open(&native, &ImportOptions::default()).unwrap()).unwrap());
}

#[test]
fn given_what_a_plain_folder_has_no_place_for_when_converted_then_the_rest_is_there() {
    let dir = TempDir::new().unwrap();
    let native = dir.path().join("a.mprec");
    let mut writer = Writer::create(File::create(&native).unwrap(), &Header::default()).unwrap();
    let fix = Fix {
        t: MonoTime(5),
        lat_deg: 1.0,
        lon_deg: 2.0,
        alt_m: None,
        speed_mps: None,
        bearing_deg: None,
        hacc_m: None,
        arrived: None,
        wall_ms: Some(7),
        mock: true,
    };
    [Input::Tick(MonoTime(1)), Input::Fix(fix)].iter().for_each(|input| writer.push(input).unwrap());
    writer.finish().unwrap();
    let plain = dir.path().join("plain");
    to_plain(&mut open(&native, &ImportOptions::default()).unwrap(), &plain).unwrap();
    assert_eq!(plainly(&plain), [Input::Fix(Fix { wall_ms: None, mock: false, ..fix }), Input::End]);
}

#[test]
fn given_a_torn_native_file_when_read_then_the_cut_is_reported_with_its_bytes() {
    let dir = TempDir::new().unwrap();
    let native = dir.path().join("a.mprec");
    let mut writer = Writer::create(Vec::new(), &Header::default()).unwrap();
    writer.push(&Input::Tick(MonoTime(1))).unwrap();
    writer.flush().unwrap();
    writer.push(&Input::Tick(MonoTime(2))).unwrap();
    let whole = writer.finish().unwrap();
    std::fs::write(&native, &whole[..whole.len() - 3]).unwrap();
    let mut recording = open(&native, &ImportOptions::default()).unwrap();
    let info = Info::of(&mut recording).unwrap();
    let (cut, bytes) = info.cut.unwrap();
    assert_eq!((info.ticks, cut.reason, cut.at + bytes), (1, CutReason::Torn, whole.len() as u64 - 3));
    assert!(info.to_string().contains("bytes left out: the file ends inside a block"));
}
