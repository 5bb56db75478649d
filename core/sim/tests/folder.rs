//! A world on disk: the plain folder with its truth beside it.

use milepost_sim::{Crash, Keeping, Scenario, write_folder};

#[test]
fn a_world_is_written_as_a_plain_folder_with_its_truth_beside_it() {
    let out = std::env::temp_dir().join(format!("milepost-sim-folder-{}", std::process::id()));
    let scenario = Scenario::crash(5, Crash::Side, Keeping::Holder).phone_handled_at(120.0, 15.0);
    let written = write_folder(&scenario, "side_impact", &out).unwrap();
    let read = |name: &str| std::fs::read_to_string(out.join(name)).unwrap();

    let (imu, gnss, states) = (read("input/imu.csv"), read("input/gnss.csv"), read("truth.csv"));
    assert_eq!(imu.lines().count() as u64, written.samples + 1);
    assert_eq!(gnss.lines().count() as u64, written.fixes + 1);
    assert!(imu.starts_with("t_s,ax,ay,az,gx,gy,gz\n") && read("input/signals.csv").contains(",speed_limit_mps,"));
    assert!(imu.lines().all(|l| l.split(',').count() == 7) && gnss.lines().all(|l| l.split(',').count() == 8));
    assert!(states.lines().all(|l| l.split(',').count() == 16));
    let session: serde_json::Value = serde_json::from_str(&read("input/session.json")).unwrap();
    assert_eq!(session.get("seed").and_then(serde_json::Value::as_u64), Some(5));
    let truth: serde_json::Value = serde_json::from_str(&read("truth.json")).unwrap();
    assert_eq!(truth.pointer("/impacts/count").and_then(serde_json::Value::as_u64), Some(1));
    assert_eq!(truth.pointer("/trips/0/observable"), Some(&serde_json::Value::Bool(true)));
    std::fs::remove_dir_all(out).unwrap();
}
