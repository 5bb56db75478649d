//! The recorded sets, where they are present: counts and values that were read off by hand.
#![cfg(feature = "import")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests, helpers included, may fail")]

mod common;

use common::{data, fixes, samples};
use milepost_engine::contract::Input;
use milepost_engine::sample::{Activity, Signal};
use milepost_recording::import::{Format, ImportOptions, Info, open};

#[test]
fn the_iphone_drive_with_local_stamps() {
    let Some(folder) = data("ikhyd_iphone_obd") else { return };
    let path = folder.join("sample_trip.csv");
    let options = ImportOptions { utc_offset_min: Some(-300), ..Default::default() };
    let recording = open(&path, &options).unwrap();
    assert_eq!((recording.format, recording.epoch_axis, recording.rollovers), (Format::SensorLog, Some(true), 0));
    assert_eq!(recording.session.utc_offset_min, Some(-300));
    let inputs: Vec<Input> = recording.map(Result::unwrap).collect();
    let imu = samples(&inputs);
    assert_eq!(imu.len(), 4776);
    assert_eq!(imu[0].t.0, 1_558_739_483_018_000_000);
    assert!((imu[0].force_mps2[2] - 9.87137).abs() < 1e-4);
    assert!((imu[0].rate_rad_s.unwrap()[0] + 0.0705).abs() < 1e-6);
    let fixes = fixes(&inputs);
    assert_eq!(fixes[1].t.0, 1_558_739_491_107_000_000);
    assert_eq!((fixes[1].lat_deg, fixes[1].lon_deg), (41.662532, -91.537982));
    assert_eq!((fixes[1].hacc_m, fixes[1].bearing_deg), (Some(5.0), None));
    let top = fixes.iter().filter_map(|f| f.speed_mps).fold(0.0, f32::max);
    assert!((12.0..13.0).contains(&top), "{top}");
    let first = inputs.iter().find_map(|i| if let Input::Signal(_, s) = i { Some(s.clone()) } else { None });
    assert_eq!(first, Some(Signal::Activity(Activity::Automotive, Some(1.0))));

    // Without the offset the stamps count as UTC.
    let recording = open(&path, &ImportOptions::default()).unwrap();
    assert_eq!(recording.session.utc_offset_min, None);
    let Some(Ok(Input::Clock(clock))) = { recording }.next() else { panic!("no clock") };
    assert_eq!(clock.wall_ms, Some(1_558_721_483_000));
}

#[test]
fn what_is_no_recording_of_ours_says_so() {
    for (set, file) in [
        ("ikhyd_iphone_obd", "trip_with_obd.txt"),
        ("pothole_trips", "trip1_sensors.csv"),
        ("escooter_crash", "Crashtest.tsv"),
        ("physics_toolbox_c1", "path_5_garmin_gps.csv"),
        ("physics_toolbox_c1", "path_5_accel_2023-03-0119.38.45.csv.gz"),
        ("amazon_goal", "trajectories_dev.zip"),
        ("comma2k19_example", "accelerometer.csv"),
        ("mobilitynet", ""),
        ("emission_days", ""),
        ("driver_behavior_labelled", "trip17"),
    ] {
        let Some(folder) = data(set) else { continue };
        let e = open(&folder.join(file), &ImportOptions::default()).err().unwrap().to_string();
        println!("{e}");
        assert!(e.contains(set) && !e.contains('\n') && e.len() < 300, "{e}");
    }
}

/// Plain folders that a converter made of the recorded sets: `MILEPOST_CASES` names the folder of the sets.
#[test]
fn every_converted_case_is_read() {
    let Some(cases) = std::env::var_os("MILEPOST_CASES").map(std::path::PathBuf::from).filter(|path| path.exists())
    else {
        println!("skipped: MILEPOST_CASES names no folder");
        return;
    };
    let folders = |path: &std::path::Path| -> Vec<_> {
        let mut paths: Vec<_> =
            std::fs::read_dir(path).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir()).collect();
        paths.sort();
        paths
    };
    for set in folders(&cases) {
        let (mut count, mut imu, mut fixes, mut rollovers) = (0, 0, 0, 0);
        for case in folders(&set) {
            let mut recording = open(&case.join("input"), &ImportOptions::default()).unwrap();
            let info = Info::of(&mut recording).unwrap();
            let signals: u64 = info.signals.values().sum();
            assert_eq!(recording.rows, Some(info.imu.count + info.fixes.count + signals), "{}", case.display());
            let lines = |name: &str| {
                let text = std::fs::read_to_string(case.join("input").join(name));
                text.map_or(0, |text| text.lines().count() as u64 - 1)
            };
            let expected = (lines("imu.csv"), lines("gnss.csv"), lines("signals.csv"));
            assert_eq!((info.imu.count, info.fixes.count, signals), expected, "{}", case.display());
            (count, imu, fixes, rollovers) =
                (count + 1, imu + info.imu.count, fixes + info.fixes.count, rollovers + info.rollovers);
        }
        println!("{}: {count} cases, {imu} samples, {fixes} fixes, {rollovers} rollovers", set.display());
    }
}
