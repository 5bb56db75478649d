//! The plain folder, read as the command reads it.
#![cfg(feature = "import")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests, helpers included, may fail")]

mod common;

use std::fs;

use common::{GNSS, IMU, SIGNALS, folder};
use milepost_engine::contract::Input;
use milepost_engine::sample::MonoTime;
use milepost_recording::import::{ImportOptions, ROLLOVER_NS, Recording, open};
use tempfile::TempDir;

fn read(path: &std::path::Path) -> Result<Vec<Input>, String> {
    common::read(path, &ImportOptions::default())
}

fn inputs(files: &[(&str, String)]) -> Result<Vec<Input>, String> {
    read(folder(files).path())
}

fn opened(files: &[(&str, String)]) -> Recording {
    open(folder(files).path(), &ImportOptions::default()).unwrap()
}

/// What an input is and when, in milliseconds.
fn brief(input: &Input) -> (&'static str, i64) {
    let ms = |t: &MonoTime| t.0 / 1_000_000;
    match input {
        Input::Imu(samples) => ("imu", ms(&samples.last().unwrap().t)),
        Input::Fix(fix) => ("fix", ms(&fix.t)),
        Input::Signal(t, _) => ("signal", ms(t)),
        Input::Command(t, _) => ("command", ms(t)),
        Input::Clock(clock) => ("clock", ms(&clock.mono)),
        Input::Tick(t) => ("tick", ms(t)),
        Input::End => ("end", 0),
    }
}

fn imu(times: impl IntoIterator<Item = f64>) -> String {
    times.into_iter().fold(IMU.to_owned(), |text, t| text + &format!("{t},0,0,9.8,,,\n"))
}

#[test]
fn given_all_files_when_read_then_inputs_come_in_order_of_time() {
    let inputs = inputs(&[
        ("imu.csv", imu([10.0, 10.1, 10.2, 10.3])),
        ("gnss.csv", format!("{GNSS}10.15,1,2,,,,\n10.0,1,2,3,4,5,6\n")),
        ("signals.csv", format!("{SIGNALS}10.3,tag,\"a, b\",\n9.0,activity,still,0.5\n")),
    ])
    .unwrap();
    let expected =
        [("signal", 9000), ("fix", 10_000), ("fix", 10_150), ("command", 10_300), ("imu", 10_300), ("end", 0)];
    assert_eq!(inputs.iter().map(brief).collect::<Vec<_>>(), expected);
}

#[test]
fn given_an_epoch_axis_when_read_then_the_clock_is_the_axis_and_times_are_exact() {
    let inputs = inputs(&[
        ("gnss.csv", format!("{GNSS}1558000000.1234,1,2,,,,\n")),
        ("session.json", r#"{"utc_offset_min": 120, "clock": [{"t_s": 1558000007.1234, "boot_id": "b"}]}"#.into()),
    ])
    .unwrap();
    let [Input::Clock(first), Input::Fix(fix), Input::Clock(second), Input::End] = inputs.as_slice() else {
        panic!("{inputs:?}")
    };
    assert_eq!(fix.t, MonoTime(1_558_000_000_123_400_000));
    assert_eq!((first.mono.0, first.wall_ms), (1_558_000_000_000_000_000, Some(1_558_000_000_000)));
    assert_eq!((first.boot_id.as_str(), first.utc_offset_min), ("b", Some(120)));
    assert_eq!((second.mono.0, second.wall_ms), (1_558_000_007_123_000_000, Some(1_558_000_007_123)));
}

#[test]
fn given_a_boot_axis_when_read_then_only_the_sessions_clocks_are_there() {
    let gnss = ("gnss.csv", format!("{GNSS}5,1,2,,,,\n"));
    assert_eq!(
        inputs(std::slice::from_ref(&gnss)).unwrap().iter().map(brief).collect::<Vec<_>>(),
        [("fix", 5000), ("end", 0)]
    );
    let session = ("session.json", r#"{"clock": [{"t_s": 4.5, "wall_ms": 1700000000000, "boot_id": "x"}]}"#.to_owned());
    let inputs = inputs(&[gnss, session]).unwrap();
    assert_eq!(inputs.iter().map(brief).collect::<Vec<_>>(), [("clock", 4500), ("fix", 5000), ("end", 0)]);
}

#[test]
fn given_slow_samples_when_batched_then_no_batch_spans_more_than_a_second() {
    let inputs = inputs(&[("imu.csv", imu((0..100).map(|i| f64::from(i) * 0.4)))]).unwrap();
    for input in inputs {
        let Input::Imu(samples) = input else { continue };
        assert!(samples[samples.len() - 1].t.since(samples[0].t) <= 1.0);
    }
}

#[test]
fn given_any_batch_size_when_read_then_the_samples_are_the_same() {
    let dir = folder(&[("imu.csv", imu((0..1000).map(|i| f64::from(i) * 0.01)))]);
    let samples = |batch| -> Vec<_> {
        open(dir.path(), &ImportOptions { batch, ..Default::default() })
            .unwrap()
            .filter_map(|input| if let Ok(Input::Imu(samples)) = input { Some(samples) } else { None })
            .collect()
    };
    let (ones, hundreds): (Vec<_>, Vec<_>) = (samples(1), samples(100));
    assert_eq!((ones.len(), hundreds.len()), (1000, 10));
    assert_eq!(ones.concat(), hundreds.concat());
}

#[test]
fn given_a_reversed_file_when_read_then_it_is_sorted() {
    let inputs = inputs(&[("imu.csv", imu((0..500).rev().map(|i| f64::from(i) * 0.01)))]).unwrap();
    let times: Vec<i64> = inputs
        .iter()
        .flat_map(
            |input| if let Input::Imu(samples) = input { samples.iter().map(|s| s.t.0).collect() } else { vec![] },
        )
        .collect();
    assert_eq!(times.len(), 500);
    assert!(times.is_sorted());
}

#[test]
fn given_a_receiver_that_does_not_know_of_summer_time_when_read_then_its_fixes_are_put_beside_those_of_the_network() {
    let now = 1_558_000_000;
    let header = GNSS.replace('\n', ",arrived_t_s\n");
    let row = |t: i64, arrived: i64| format!("{t},1,2,,,,,{arrived}\n");
    let times = |rows: String| -> Vec<i64> {
        let recording = opened(&[("gnss.csv", format!("{header}{rows}"))]);
        recording
            .filter_map(|i| if let Ok(Input::Fix(f)) = i { Some(f.t.0 / 1_000_000_000 - now) } else { None })
            .collect()
    };
    let receiver: String = (0..5).map(|i| row(now + 10 * i - 3600, now + 10 * i - 4)).collect();
    let network: String = (0..5).map(|i| row(now + 10 * i + 5, now + 10 * i + 7)).collect();
    assert_eq!(times(receiver + &network), [0, 5, 10, 15, 20, 25, 30, 35, 40, 45]);
    // Four may be chance, and a batch that was held back is late by more and more.
    let few: String = (0..4).map(|i| row(now + 10 * i - 3600, now + 10 * i)).collect();
    assert_eq!(times(few), [-3600, -3590, -3580, -3570]);
    let batch: String = (0..8).map(|i| row(now + 60 * i, now + 3600)).collect();
    assert_eq!(times(batch), [0, 60, 120, 180, 240, 300, 360, 420]);
}

#[test]
fn given_fixes_a_week_rollover_off_when_read_then_they_are_brought_back_and_counted() {
    let now = 1_558_000_000;
    let back = now - ROLLOVER_NS / 1_000_000_000;
    let gnss = format!("{GNSS}{now},1,2,,,,\n{},1,2,,,,\n{},1,2,,,,\n", back + 1, now + 2);
    let recording = opened(&[("gnss.csv", gnss)]);
    assert_eq!(recording.rollovers, 1);
    let times: Vec<i64> =
        recording.filter_map(|i| if let Ok(Input::Fix(f)) = i { Some(f.t.0 / 1_000_000_000) } else { None }).collect();
    assert_eq!(times, [now, now + 1, now + 2]);

    // All fixes are off: the samples know better.
    let recording = opened(&[
        ("imu.csv", format!("{IMU}{now},0,0,9.8,,,\n")),
        ("gnss.csv", format!("{GNSS}{back},1,2,,,,\n{},1,2,,,,\n", back + 1)),
    ]);
    assert_eq!((recording.rollovers, recording.epoch_axis), (2, Some(true)));

    // An arrival of its own decides.
    let header = GNSS.replace('\n', ",arrived_t_s\n");
    let recording = opened(&[("gnss.csv", format!("{header}{back},1,2,,,,,{now}\n"))]);
    assert_eq!(recording.rollovers, 1);

    // A stale fix from the cache is only stale.
    let gnss = format!("{GNSS}{},1,2,,,,\n{now},1,2,,,,\n{},1,2,,,,\n", now - 86_400 * 30, now + 2);
    assert_eq!(opened(&[("gnss.csv", gnss)]).rollovers, 0);
}

#[test]
fn given_values_out_of_range_when_read_then_they_go_on_to_the_engine() {
    let inputs = inputs(&[
        ("gnss.csv", format!("{GNSS}1,95,,NaN,-1,inf,-5\n")),
        ("imu.csv", format!("{IMU}1,nan,1e30,inf,1,,2\n")),
    ])
    .unwrap();
    let [Input::Fix(fix), Input::Imu(samples), Input::End] = inputs.as_slice() else { panic!("{inputs:?}") };
    assert!(fix.lon_deg.is_nan() && fix.alt_m.unwrap().is_nan());
    assert_eq!((fix.lat_deg, fix.speed_mps, fix.hacc_m), (95.0, Some(-1.0), Some(-5.0)));
    assert!(samples[0].rate_rad_s.unwrap()[1].is_nan());
}

#[test]
fn given_a_header_alone_when_read_then_there_is_only_the_end() {
    assert_eq!(inputs(&[("imu.csv", IMU.into())]).unwrap(), [Input::End]);
}

#[test]
fn given_something_else_when_read_then_one_line_says_what_and_where() {
    let error = |name: &str, text: &str| {
        inputs(&[("gnss.csv", format!("{GNSS}1,2,3,,,,\n")), (name, text.to_owned())]).unwrap_err()
    };
    assert_eq!(
        error("gnss.csv", &format!("{GNSS}1,2,3,,,,\n2,abc,3,,,,\n")),
        "gnss.csv row 3 column lat: \"abc\" is no number"
    );
    assert_eq!(
        error("gnss.csv", &format!("{GNSS},2,3,,,,\n")),
        "gnss.csv row 2 column t_s: is empty, a time is needed"
    );
    assert_eq!(error("gnss.csv", &format!("{GNSS}NaN,2,3,,,,\n")), "gnss.csv row 2 column t_s: \"NaN\" is no time");
    assert_eq!(
        error("gnss.csv", "t_s,lat\n"),
        "gnss.csv row 1: the header is \"t_s,lat\", it should be t_s,lat,lon,alt_m,speed_mps,bearing_deg,hacc_m or \
         t_s,lat,lon,alt_m,speed_mps,bearing_deg,hacc_m,arrived_t_s"
    );
    assert_eq!(error("gnss.csv", ""), "gnss.csv: is empty, it should begin with a header");
    assert_eq!(error("imu.csv", &format!("{IMU}1,2,,4,,,\n")), "imu.csv row 2 column ay: is empty, a number is needed");
    assert_eq!(error("imu.csv", &format!("{IMU}1,2,3\n")), "imu.csv row 2: has 3 cells, the header has 7");
    assert_eq!(
        error("signals.csv", &format!("{SIGNALS}1,mood,x,\n")),
        "signals.csv row 2 column kind: unknown kind \"mood\""
    );
    assert_eq!(
        error("signals.csv", &format!("{SIGNALS}1,lock,on,\n")),
        "signals.csv row 2 column value: lock cannot be \"on\""
    );
    assert!(
        error("signals.csv", &format!("{SIGNALS}1,activity,still,7\n"))
            .starts_with("signals.csv row 2 column confidence: ")
    );
    assert!(error("session.json", "{").starts_with("session.json: "));
    let empty = TempDir::new().unwrap();
    assert!(read(empty.path()).unwrap_err().contains(": holds neither imu.csv nor gnss.csv"));
    assert!(read(&empty.path().join("no")).unwrap_err().contains("No such file"));
    fs::create_dir(empty.path().join("imu.csv")).unwrap();
    assert_eq!(read(empty.path()).unwrap_err(), "imu.csv: is a folder, a file is needed");
}
