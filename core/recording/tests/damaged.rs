//! Recordings that are not what they claim: each gives one clear line or is read, in little time and memory, and nothing
//! panics.
#![cfg(feature = "import")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests, helpers included, may fail")]

mod common;

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use common::{GNSS, IMU, SIGNALS, read};
use milepost_recording::import::{Format, ImportOptions};
use milepost_recording::native::{Header, Writer};
use proptest::prelude::*;
use tempfile::TempDir;

/// A small drive as a plain folder.
fn drive(dir: &Path) {
    let t = |i: u32| 1_558_000_000.0 + f64::from(i) * 0.02;
    let imu = (0..500).fold(IMU.to_owned(), |s, i| s + &format!("{:.2},0.1,0.2,9.8,0.01,0.02,0.03\n", t(i)));
    let gnss = (0..10).fold(GNSS.to_owned(), |s, i| s + &format!("{:.2},52.{i},13.4,34,5.5,90,4\n", t(i * 50)));
    let signals = format!("{SIGNALS}{:.2},activity,automotive,0.9\n{:.2},screen,on,\n", t(0), t(100));
    fs::create_dir_all(dir).unwrap();
    fs::write(dir.join("imu.csv"), imu).unwrap();
    fs::write(dir.join("gnss.csv"), gnss).unwrap();
    fs::write(dir.join("signals.csv"), signals).unwrap();
    fs::write(dir.join("session.json"), r#"{"seed": 7, "platform": "android", "utc_offset_min": 120}"#).unwrap();
}

fn edit(path: PathBuf, change: impl FnOnce(String) -> String) {
    fs::write(&path, change(fs::read_to_string(&path).unwrap())).unwrap();
}

fn sparse(path: PathBuf) {
    let file = File::create(path).unwrap();
    file.set_len(10 << 30).unwrap();
}

fn noise(bytes: usize) -> Vec<u8> {
    let mut state = 7u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    (0..bytes).map(|_| next()).collect()
}

fn replace_cell(text: String, row: usize, column: usize, cell: &str) -> String {
    let change = |(i, line): (usize, &str)| {
        let mut cells: Vec<&str> = line.split(',').collect();
        if i == row {
            cells[column] = cell;
        }
        cells.join(",")
    };
    text.lines().enumerate().map(change).collect::<Vec<_>>().join("\n")
}

/// What to do to a drive, and what is said then; an empty text where it is read.
type Variant = (&'static str, fn(&Path), &'static str);

const VARIANTS: [Variant; 46] = [
    ("whole", |_| {}, ""),
    ("cut in the middle of a row", |d| edit(d.join("imu.csv"), |s| s[..s.len() - 20].to_owned()), "imu.csv row"),
    ("cut at a row", |d| edit(d.join("imu.csv"), |s| s.lines().take(100).collect::<Vec<_>>().join("\n")), ""),
    ("cut in the header", |d| edit(d.join("gnss.csv"), |s| s[..9].to_owned()), "gnss.csv row 1: the header is"),
    ("imu reversed", |d| edit(d.join("imu.csv"), reversed), ""),
    ("gnss reversed", |d| edit(d.join("gnss.csv"), reversed), ""),
    ("every row twice", |d| edit(d.join("imu.csv"), |s| doubled(&s)), ""),
    ("NaN force", |d| edit(d.join("imu.csv"), |s| replace_cell(s, 5, 1, "NaN")), ""),
    ("infinite rate", |d| edit(d.join("imu.csv"), |s| replace_cell(s, 5, 4, "-inf")), ""),
    ("huge force", |d| edit(d.join("imu.csv"), |s| replace_cell(s, 5, 1, "1e300")), ""),
    ("NaN position", |d| edit(d.join("gnss.csv"), |s| replace_cell(s, 3, 1, "nan")), ""),
    ("latitude 95", |d| edit(d.join("gnss.csv"), |s| replace_cell(s, 3, 1, "95")), ""),
    ("zero-zero", |d| edit(d.join("gnss.csv"), |s| replace_cell(replace_cell(s, 3, 1, "0"), 3, 2, "0")), ""),
    ("negative accuracy", |d| edit(d.join("gnss.csv"), |s| replace_cell(s, 3, 6, "-1")), ""),
    ("no latitude", |d| edit(d.join("gnss.csv"), |s| replace_cell(s, 3, 1, "")), ""),
    ("week rollover", |d| edit(d.join("gnss.csv"), |s| replace_cell(s, 3, 0, "938684802.0")), ""),
    ("empty force", |d| edit(d.join("imu.csv"), |s| replace_cell(s, 5, 2, "")), "imu.csv row 6 column ay: is empty"),
    ("empty time", |d| edit(d.join("imu.csv"), |s| replace_cell(s, 5, 0, "")), "imu.csv row 6 column t_s: is empty"),
    (
        "NaN time",
        |d| edit(d.join("imu.csv"), |s| replace_cell(s, 5, 0, "NaN")),
        "imu.csv row 6 column t_s: \"NaN\" is no",
    ),
    (
        "time in ms",
        |d| edit(d.join("gnss.csv"), |s| replace_cell(s, 2, 0, "1558000000000")),
        "gnss.csv row 3 column t_s",
    ),
    (
        "text in a number",
        |d| edit(d.join("gnss.csv"), |s| replace_cell(s, 2, 1, "abc")),
        "gnss.csv row 3 column lat: \"abc\"",
    ),
    ("decimal commas", |d| edit(d.join("imu.csv"), |s| s.replace('.', ",")), "imu.csv row 2: has"),
    ("semicolons", |d| edit(d.join("imu.csv"), |s| s.replace(',', ";")), "imu.csv row 1: the header is"),
    ("another header", |d| edit(d.join("imu.csv"), |s| s.replace("t_s,ax", "time,x")), "imu.csv row 1: the header is"),
    (
        "no header",
        |d| edit(d.join("gnss.csv"), |s| s.split_once('\n').unwrap().1.to_owned()),
        "gnss.csv row 1: the header",
    ),
    (
        "a column more",
        |d| edit(d.join("gnss.csv"), |s| s.replace("hacc_m", "hacc_m,x")),
        "gnss.csv row 1: the header is",
    ),
    (
        "a cell more",
        |d| edit(d.join("gnss.csv"), |s| s + "1558000001,1,2,3,4,5,6,7,8\n"),
        "gnss.csv row 12: has 9 cells",
    ),
    ("CRLF and a mark", |d| edit(d.join("imu.csv"), |s| format!("\u{feff}{}", s.replace('\n', "\r\n"))), ""),
    ("blank lines", |d| edit(d.join("imu.csv"), |s| s.replace("\n1558000005", "\n\n1558000005")), ""),
    ("an empty file", |d| edit(d.join("imu.csv"), |_| String::new()), "imu.csv: is empty"),
    ("a header alone", |d| edit(d.join("imu.csv"), |_| IMU.to_owned()), ""),
    ("10 GB sparse imu", |d| sparse(d.join("imu.csv")), "imu.csv row 1: a NUL byte"),
    ("10 GB sparse gnss", |d| sparse(d.join("gnss.csv")), "gnss.csv row 1: a NUL byte"),
    ("10 GB sparse session", |d| sparse(d.join("session.json")), "session.json: is larger than 1 MB"),
    (
        "10 GB of holes after rows",
        |d| File::options().write(true).open(d.join("imu.csv")).unwrap().set_len(10 << 30).unwrap(),
        "imu.csv row 502: a NUL byte",
    ),
    ("binary noise", |d| fs::write(d.join("gnss.csv"), noise(100_000)).unwrap(), "gnss.csv row 1"),
    (
        "noise after the header",
        |d| fs::write(d.join("gnss.csv"), [GNSS.as_bytes(), &noise(100_000)].concat()).unwrap(),
        "gnss.csv row",
    ),
    (
        "a line of 10 MB",
        |d| fs::write(d.join("imu.csv"), IMU.to_owned() + &"7".repeat(10 << 20)).unwrap(),
        "imu.csv row 2: is longer than 64 KB",
    ),
    (
        "an open quote",
        |d| edit(d.join("signals.csv"), |s| s + "1558000001,tag,\"a,\n"),
        "signals.csv row 4: a quote that never closes",
    ),
    (
        "a folder for a file",
        |d| {
            fs::remove_file(d.join("imu.csv")).unwrap();
            fs::create_dir(d.join("imu.csv")).unwrap()
        },
        "imu.csv: is a folder, a file is needed",
    ),
    (
        "an unknown kind",
        |d| edit(d.join("signals.csv"), |s| s + "1558000001,mood,good,\n"),
        "signals.csv row 4 column kind: unknown kind \"mood\"",
    ),
    (
        "a confidence of 7",
        |d| edit(d.join("signals.csv"), |s| s + "1558000001,activity,still,7\n"),
        "signals.csv row 4 column confidence",
    ),
    (
        "a text of 2 KB",
        |d| edit(d.join("signals.csv"), |s| s + &format!("1558000001,tag,{},\n", "x".repeat(2000))),
        "signals.csv row 4 column value",
    ),
    ("broken session", |d| edit(d.join("session.json"), |s| s[..20].to_owned()), "session.json: EOF while parsing"),
    (
        "a session of another type",
        |d| edit(d.join("session.json"), |_| r#"{"seed": "seven"}"#.to_owned()),
        "session.json: invalid type",
    ),
    (
        "no files",
        |d| {
            fs::remove_file(d.join("imu.csv")).unwrap();
            fs::remove_file(d.join("gnss.csv")).unwrap()
        },
        "holds neither imu.csv nor gnss.csv",
    ),
];

fn reversed(text: String) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    lines[1..].reverse();
    lines.join("\n")
}

fn doubled(text: &str) -> String {
    let (head, rows) = text.split_once('\n').unwrap();
    rows.lines().fold(format!("{head}\n"), |s, line| s + line + "\n" + line + "\n")
}

#[test]
fn every_damaged_variant_of_a_folder_is_read_or_refused_in_one_line() {
    for (name, damage, expected) in VARIANTS {
        let dir = TempDir::new().unwrap();
        drive(dir.path());
        damage(dir.path());
        match read(dir.path(), &ImportOptions::default()) {
            Ok(inputs) => {
                assert!(expected.is_empty() && inputs.len() > 10, "{name}: was read, {} inputs", inputs.len())
            }
            Err(e) => assert!(
                !expected.is_empty() && e.contains(expected) && !e.contains('\n') && e.len() < 300,
                "{name}: {e}"
            ),
        }
    }
}

#[test]
fn every_file_that_is_something_else_is_refused_in_one_line() {
    let dir = TempDir::new().unwrap();
    let files: [(&str, Vec<u8>, &str); 12] = [
        ("empty.csv", Vec::new(), "is empty"),
        ("noise.bin", noise(100_000), "is binary and no recording that is known"),
        ("text.txt", b"hello\nworld\n".to_vec(), "is no recording that is known"),
        ("latin1.csv", b"Z\xe4hler,x\n1,2\n".to_vec(), "is no recording that is known"),
        ("zip.zip", [b"PK\x03\x04".as_slice(), &noise(5000)].concat(), "is no zip archive that can be read"),
        (
            "zip2.zip",
            [b"PK\x03\x04".as_slice(), &noise(5000), b"PK\x05\x06", &noise(18)].concat(),
            "is no zip archive that can be read",
        ),
        ("xml.gpx", b"<gpx><trk><trkseg><trkpt".to_vec(), "row 1"),
        ("page.html", b"<!doctype html><html></html>".to_vec(), "is a web page"),
        ("imu.csv", IMU.as_bytes().to_vec(), "is one file of a plain folder: give the folder"),
        (
            "log.csv",
            b"Timestamp,accelX(g),accelY(g),accelZ(g)\nnoon,0,0,1\n".to_vec(),
            "row 2 column Timestamp: \"noon\" is no time",
        ),
        (
            "Raw.csv",
            b"Time (s),Acceleration x (m/s^2)\n1,2\n".to_vec(),
            "holds no table with acceleration with gravity",
        ),
        (
            "cut.mprec",
            Writer::create(Vec::new(), &Header::default()).unwrap().finish().unwrap()[..20].to_vec(),
            "the header is damaged",
        ),
    ];
    for (name, bytes, expected) in files {
        let path = dir.path().join(name);
        fs::write(&path, bytes).unwrap();
        let e = read(&path, &ImportOptions::default()).unwrap_err();
        assert!(e.contains(expected) && !e.contains('\n'), "{name}: {e}");
    }
    for (name, head) in [("a.csv", ""), ("a.zip", "PK\x03\x04"), ("a.gpx", "<gpx>"), ("a.mprec", "\u{8e}MPREC")] {
        let path = dir.path().join(name);
        fs::write(&path, head).unwrap();
        File::options().write(true).open(&path).unwrap().set_len(10 << 30).unwrap();
        let e = read(&path, &ImportOptions::default()).unwrap_err();
        assert!(e.contains(name) && !e.contains('\n'), "{name}: {e}");
        for (_, format) in Format::ALL {
            let e = read(&path, &ImportOptions { format: Some(format), ..Default::default() }).unwrap_err();
            assert!(!e.contains('\n'), "{name}: {e}");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_device_and_a_dangling_link_are_refused() {
    let e = read(Path::new("/dev/zero"), &ImportOptions::default()).unwrap_err();
    assert_eq!(e, "/dev/zero: is neither a file nor a folder");
    let dir = TempDir::new().unwrap();
    drive(dir.path());
    fs::remove_file(dir.path().join("gnss.csv")).unwrap();
    std::os::unix::fs::symlink("/nowhere/at/all", dir.path().join("gnss.csv")).unwrap();
    assert!(read(dir.path(), &ImportOptions::default()).unwrap_err().starts_with("gnss.csv: No such file"));
}

/// Small recordings of every format, whole.
fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let mut writer = Writer::create(Vec::new(), &Header::default()).unwrap();
    let dir = TempDir::new().unwrap();
    drive(dir.path());
    read(dir.path(), &ImportOptions::default()).unwrap().iter().for_each(|input| writer.push(input).unwrap());
    let sensorlog = "Timestamp,accelX(g),accelY(g),accelZ(g),Lat,Long,Speed(m/s),ActivityType,ActivityConfidence\n\
                     24-May-2019 18:11:23.018,0,0,-1,41.6,-91.5,0,Automotive,High\n";
    let phyphox =
        "\"Time (s)\";\"Acceleration x (m/s^2)\";\"Acceleration y (m/s^2)\";\"Acceleration z (m/s^2)\"\n0,0;1;2;3\n";
    let gpx = "<?xml version=\"1.0\"?><gpx><trk><trkseg><trkpt lat=\"1\" lon=\"2\"><time>2020-01-01T00:00:00Z</time></trkpt></trkseg></trk></gpx>";
    vec![
        ("a.mprec", writer.finish().unwrap()),
        ("a.csv", sensorlog.as_bytes().to_vec()),
        ("b.csv", phyphox.as_bytes().to_vec()),
        ("a.gpx", gpx.as_bytes().to_vec()),
        ("imu.csv", fs::read(dir.path().join("imu.csv")).unwrap()[..200].to_vec()),
        ("gnss.csv", fs::read(dir.path().join("gnss.csv")).unwrap()),
        ("signals.csv", fs::read(dir.path().join("signals.csv")).unwrap()),
        ("session.json", fs::read(dir.path().join("session.json")).unwrap()),
    ]
}

#[derive(Clone, Debug)]
enum Mutation {
    Flip(prop::sample::Index, u8),
    Cut(prop::sample::Index),
    Remove(prop::sample::Index, usize),
    Insert(prop::sample::Index, Vec<u8>),
    Repeat(prop::sample::Index, usize),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let token = prop::sample::select(vec![
        "NaN",
        "1e999",
        "-",
        ",",
        "\"",
        "\n",
        "\0",
        "\r",
        "é",
        "<",
        "9223372036854775807",
        "0",
        ";",
    ]);
    prop_oneof![
        (any::<prop::sample::Index>(), 1u8..).prop_map(|(at, flip)| Mutation::Flip(at, flip)),
        any::<prop::sample::Index>().prop_map(Mutation::Cut),
        (any::<prop::sample::Index>(), 1usize..20).prop_map(|(at, n)| Mutation::Remove(at, n)),
        (any::<prop::sample::Index>(), token).prop_map(|(at, token)| Mutation::Insert(at, token.as_bytes().to_vec())),
        (any::<prop::sample::Index>(), 1usize..20).prop_map(|(at, n)| Mutation::Repeat(at, n)),
    ]
}

fn mutate(bytes: &mut Vec<u8>, mutation: &Mutation) {
    if bytes.is_empty() {
        return;
    }
    let len = bytes.len();
    let range = |at: &prop::sample::Index, n: usize| at.index(len)..(at.index(len) + n).min(len);
    match mutation {
        Mutation::Flip(at, flip) => bytes[at.index(len)] ^= flip,
        Mutation::Cut(at) => bytes.truncate(at.index(len)),
        Mutation::Remove(at, n) => drop(bytes.drain(range(at, *n))),
        Mutation::Insert(at, token) => drop(bytes.splice(at.index(len)..at.index(len), token.iter().copied())),
        Mutation::Repeat(at, n) => {
            let piece = bytes[range(at, *n)].to_vec();
            drop(bytes.splice(at.index(len)..at.index(len), piece));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]
    #[test]
    fn mutated_recordings_are_read_or_refused_in_one_line(which in 0usize..8, mutations in prop::collection::vec(mutation(), 1..6)) {
        let dir = TempDir::new().unwrap();
        let (name, mut bytes) = seeds().swap_remove(which);
        mutations.iter().for_each(|mutation| mutate(&mut bytes, mutation));
        let in_folder = which >= 4;
        if in_folder {
            drive(dir.path());
        }
        fs::write(dir.path().join(name), &bytes).unwrap();
        let path = if in_folder { dir.path().to_owned() } else { dir.path().join(name) };
        if let Err(e) = read(&path, &ImportOptions::default()) {
            prop_assert!(!e.contains('\n') && e.len() < 400 && e.contains(name), "{}", e);
        }
    }
}
