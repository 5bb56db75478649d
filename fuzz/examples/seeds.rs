//! Writes the first corpora: a minute of a simulated drive in every form that a target reads. `fuzz/corpus` is made of
//! them, of what the fuzzer found worth keeping, and of what once went wrong.

use std::fs;
use std::path::Path;

use milepost_engine::config::{Config, Preset};
use milepost_engine::contract::{Input, Output};
use milepost_engine::sample::ImuSample;
use milepost_engine::{Engine, Session, track, window};
use milepost_recording::frame;
use milepost_recording::native::{Header, Writer};
use milepost_sim::Scenario;

/// The fuzzer mutates small things better.
const INPUTS: usize = 40;

fn main() -> std::io::Result<()> {
    let inputs: Vec<Input> = Scenario::drive(1).minutes(12).imu_hz(10.0).world().inputs().collect();
    let some = inputs.get(..INPUTS).unwrap_or(&inputs);
    let mut packed = vec![frame::VERSION];
    some.iter().for_each(|input| frame::encode(input, &mut packed));
    put("frames", "drive", &packed)?;
    put("engine", "drive", &packed)?;
    put("recording", "drive", &recording(some)?)?;

    let mut engine = Engine::new(Config::preset(Preset::Courier), &Session { seed: 1, first_seq: 1 });
    put("snapshot", "new", &engine.snapshot().unwrap_or_default())?;
    let mut points = Vec::new();
    for input in &inputs {
        engine.handle(input.clone());
        while let Some(output) = engine.poll() {
            if let Output::Track(chunk) = output {
                points.extend(chunk.points);
            }
        }
    }
    let few = points.get(..30).unwrap_or(&points);
    put("codecs", "track", &track::encode(few))?;
    put("codecs", "track-small", &track::pack(few))?;
    let samples: Vec<ImuSample> = some
        .iter()
        .flat_map(|input| if let Input::Imu(batch) = input { batch.as_slice() } else { &[] })
        .copied()
        .collect();
    put("codecs", "window", &window::encode(samples.get(..30).unwrap_or(&samples)))?;

    let answer = br#"{"acked":[{"id":"00000000-0000-0000-0000-000000000001","rev":1}],"control":{"pause_s":9}}"#;
    put("answer", "good", &[&[0, 200, 0][..], answer].concat())?;
    put("answer", "later", &[&[1, 173, 2][..], b"30"].concat())?;
    put("answer", "date", &[&[1, 247, 29][..], b"Sun, 06 Nov 1994 08:49:37 GMT"].concat())?;
    for (n, (name, content)) in IMPORTS.iter().enumerate() {
        put("import", name, &[&[n as u8][..], content.as_bytes()].concat())?;
    }
    Ok(())
}

/// In the order of the target's names.
const IMPORTS: [(&str, &str); 8] = [
    ("imu", "t_s,ax,ay,az,gx,gy,gz\n10.0,0.1,0.2,9.8,0.01,,0.03\n10.1,0.1,0.2,9.8,0.01,0.02,0.03\n"),
    ("gnss", "t_s,lat,lon,alt_m,speed_mps,bearing_deg,hacc_m,arrived_t_s\n10.0,52.5,13.4,34,5.5,90,4,10.2\n"),
    ("signals", "t_s,kind,value,confidence\n10,activity,automotive,0.9\n11,permission,always:reduced,\n"),
    ("session", r#"{"seed": 7, "utc_offset_min": 60, "clock": [{"t_s": 1, "wall_ms": 1700000000000, "boot_id": 1}]}"#),
    (
        "gpx",
        r#"<gpx><trk><trkseg><trkpt lat="52.5" lon="13.4"><ele>3</ele><time>2023-11-14T22:13:20Z</time></trkpt></trkseg></trk></gpx>"#,
    ),
    (
        "sensorlog",
        "loggingTime(txt),locationLatitude(WGS84),locationLongitude(WGS84)\n2023-11-14 22:13:20.5,52.5,13.4\n",
    ),
    ("zip", "PK\u{3}\u{4}"),
    ("json", r#"[{"sensor":"Accelerometer","time":"1700000000000000000","x":"0.1","y":"0","z":"9.8"}]"#),
];

fn recording(inputs: &[Input]) -> std::io::Result<Vec<u8>> {
    let header = Header {
        config: Config::preset(Preset::Courier).to_map(),
        seed: 1,
        platform: None,
        device: None,
        utc_offset_min: None,
        first_seq: 1,
        snapshot_version: 1,
    };
    let mut writer = Writer::create(Vec::new(), &header)?;
    inputs.iter().try_for_each(|input| writer.push(input))?;
    writer.finish()
}

fn put(target: &str, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(name), bytes)
}
