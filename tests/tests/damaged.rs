//! Damaged input to the real `milepost replay`, as a person at a terminal gives it: it ends well with every refusal
//! counted, or with status 1 and one line that says what is wrong. Never a panic, never more than 200 MB, never for ever.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use milepost_recording::import::{self, ImportOptions};
use milepost_sim::Scenario;
use milepost_tests::command;
use serde_json::Value;

/// What a replay may take: address space, of which memory in use is a part, and seconds of processor time.
const MAX_KB: u32 = 200 * 1024;
const MAX_CPU_S: u32 = 20;
/// Seconds on the clock after which it hangs: much more, for a busy machine.
const MAX_S: u32 = 180;
const FILES: [&str; 6] = ["records.jsonl", "states.csv", "track.csv", "plan.csv", "track.geojson", "report.html"];

/// How a replay has to end.
enum End {
    /// With status 1 and one line that holds these words.
    Refused(&'static str),
    /// As a command line that makes no sense: status 2, help, and a last line that holds these words.
    Misused(&'static str),
    /// Complete, and a counter says at least so many.
    Counted(&'static str, u64),
    /// Complete, with the very records of the drive that is not damaged.
    Unharmed,
    /// Complete.
    Taken,
}

use End::{Counted, Misused, Refused, Taken, Unharmed};

/// A short simulated drive as a plain folder and as a native recording, and the records of it.
struct Drive {
    plain: PathBuf,
    native: Vec<u8>,
    records: String,
}

fn drive() -> &'static Drive {
    static DRIVE: OnceLock<(tempfile::TempDir, Drive)> = OnceLock::new();
    let (_, drive) = DRIVE.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let plain = dir.path().join("plain");
        let session = import::Session { seed: 5, ..import::Session::default() };
        let mut writer = import::PlainWriter::create(&plain, &session, false).unwrap();
        for input in Scenario::drive(5).minutes(4).imu_hz(25.0).world().inputs() {
            writer.push(&input).unwrap();
        }
        writer.finish().unwrap();
        let start = first_cell(&plain.join("gnss.csv"));
        let signals = format!(
            "t_s,kind,value,confidence\n{start},activity,automotive,0.8\n{start},speed_limit_mps,13.89,\n{start},tag,rain,\n"
        );
        fs::write(plain.join("signals.csv"), signals).unwrap();
        let mut recording = import::open(&plain, &ImportOptions::default()).unwrap();
        let mut native = Vec::new();
        import::to_native(&mut recording, &mut native).unwrap();
        let ran = replay(&plain, &[], dir.path());
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        let records = fs::read_to_string(dir.path().join("out/records.jsonl")).unwrap();
        assert!(records.contains("milepost.trip/1"), "{records}");
        (dir, Drive { plain, native, records })
    });
    drive
}

/// The first cell of the first row after the header.
fn first_cell(table: &Path) -> String {
    let text = fs::read_to_string(table).unwrap();
    text.lines().nth(1).unwrap().split(',').next().unwrap().to_owned()
}

/// Runs it with files into `dir/out`, with a limit on everything.
fn replay(input: &Path, options: &[&str], dir: &Path) -> Output {
    let limits = format!("ulimit -v {MAX_KB}; ulimit -t {MAX_CPU_S}; ulimit -c 0; exec \"$@\"");
    let mut command = Command::new("timeout");
    command.args([&MAX_S.to_string(), "sh", "-c", &limits, "sh"]).arg(command::path()).arg("replay").arg(input);
    if !options.contains(&"--out") {
        command.arg("--out").arg(dir.join("out"));
    }
    command.args(options).output().unwrap()
}

/// What is wrong with how a replay ended, if anything.
fn verdict(ran: &Output, out: &Path, end: &End) -> Result<(), String> {
    let stderr = String::from_utf8_lossy(&ran.stderr);
    let last = stderr.lines().last().unwrap_or_default();
    if stderr.contains("panicked") || stderr.contains("RUST_BACKTRACE") {
        return Err(format!("it panicked: {stderr}"));
    }
    if let Misused(words) = end {
        let told = ran.status.code() == Some(2) && last.starts_with("milepost: ") && last.contains(words);
        return told.then_some(()).ok_or_else(|| format!("ended with {}: {stderr}", ran.status));
    }
    if let Refused(words) = end {
        if ran.status.code() != Some(1) {
            return Err(format!("ended with {}, should be refused: {stderr}", ran.status));
        }
        if !last.starts_with("milepost: ") || !last.contains(words) || stderr.lines().count() != 1 {
            return Err(format!("said {stderr:?} and nothing of {words:?}"));
        }
        if let Some(name) = FILES.iter().find(|name| out.join(name).exists()) {
            return Err(format!("there is a {name}, which nobody should take for complete"));
        }
        return Ok(());
    }
    if !ran.status.success() {
        return Err(format!("ended with {}: {stderr}", ran.status));
    }
    for name in FILES {
        if !out.join(name).exists() || out.join(format!("{name}.part")).exists() {
            return Err(format!("{name} is not complete"));
        }
    }
    let records = fs::read_to_string(out.join("records.jsonl")).map_err(|e| e.to_string())?;
    let summary: Value =
        records.lines().last().and_then(|line| serde_json::from_str(line).ok()).ok_or("there is no last line")?;
    if summary["schema"] != "milepost.summary/1" {
        return Err(format!("the last line is {summary}"));
    }
    match end {
        Counted(counter, least) if summary["counters"][counter].as_u64() < Some(*least) => {
            Err(format!("{counter} is less than {least}: {}", summary["counters"]))
        }
        Unharmed if records != drive().records => Err("the records differ from those of the drive as it was".into()),
        Counted(..) | Unharmed | Taken | Refused(_) | Misused(_) => Ok(()),
    }
}

/// A variant: its name, what is done to the folder, and how it has to end.
type Variant = (&'static str, fn(&Path), End);

/// Replays the drive's folder after each has been done to a copy of it.
fn folders(variants: &[Variant]) {
    check(variants.iter().map(|(name, damage, end)| {
        let damage = move |dir: &Path| {
            let folder = dir.join("in");
            fs::create_dir(&folder).unwrap();
            for entry in fs::read_dir(&drive().plain).unwrap().map(Result::unwrap) {
                fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
            }
            damage(&folder);
            folder
        };
        (*name, damage, [].as_slice(), end)
    }));
}

/// Replays what each makes in an empty folder; all that is wrong is told at once.
fn check<'a, F: Fn(&Path) -> PathBuf>(variants: impl Iterator<Item = (&'a str, F, &'a [&'a str], &'a End)>) {
    let mut wrong = String::new();
    for (name, make, options, end) in variants {
        let dir = tempfile::tempdir().unwrap();
        let input = make(dir.path());
        let ran = replay(&input, options, dir.path());
        if let Err(why) = verdict(&ran, &dir.path().join("out"), end) {
            writeln!(wrong, "{name}: {why}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn edit(path: PathBuf, change: impl FnOnce(String) -> String) {
    let text = fs::read_to_string(&path).unwrap();
    fs::write(path, change(text)).unwrap();
}

/// The same for every table.
fn each(folder: &Path, change: fn(String) -> String) {
    for file in ["imu.csv", "gnss.csv", "signals.csv"] {
        edit(folder.join(file), change);
    }
}

/// Puts a text into a cell of some rows (from 1, the header being row 1).
fn cells(text: &str, rows: std::ops::Range<usize>, column: usize, cell: &str) -> String {
    let line = |(number, line): (usize, &str)| {
        let mut cells: Vec<&str> = line.split(',').collect();
        if rows.contains(&(number + 1)) {
            cells[column] = cell;
        }
        cells.join(",") + "\n"
    };
    text.lines().enumerate().map(line).collect()
}

fn cell(file: &'static str, row: usize, column: usize, cell: &'static str, folder: &Path) {
    edit(folder.join(file), |text| cells(&text, row..row + 1, column, cell));
}

/// Each line after the header, in another order.
fn reordered(text: String, order: impl FnOnce(&mut Vec<&str>)) -> String {
    let (header, rows) = text.split_once('\n').unwrap();
    let mut rows: Vec<&str> = rows.lines().collect();
    order(&mut rows);
    format!("{header}\n{}\n", rows.join("\n"))
}

fn every_line(text: String, change: impl Fn(&str) -> String) -> String {
    text.lines().map(|line| change(line) + "\n").collect()
}

fn sparse(path: &Path, head: &str) {
    let mut file = File::create(path).unwrap();
    file.write_all(head.as_bytes()).unwrap();
    file.set_len(10 << 30).unwrap();
}

fn noise(bytes: usize) -> Vec<u8> {
    let mut x = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        x as u8
    };
    (0..bytes).map(|_| next()).collect()
}

#[test]
fn tables_that_are_cut_reordered_or_written_differently() {
    folders(&[
        (
            "imu.csv cut in mid-row",
            |d| edit(d.join("imu.csv"), |t| t[..t.rfind(',').unwrap()].into()),
            Refused("imu.csv row"),
        ),
        ("imu.csv cut in a number", |d| edit(d.join("imu.csv"), |t| t[..t.rfind('.').unwrap() + 2].into()), Taken),
        (
            "imu.csv cut in its header",
            |d| edit(d.join("imu.csv"), |t| t[..9].into()),
            Refused("imu.csv row 1: the header is"),
        ),
        (
            "gnss.csv cut after its header",
            |d| edit(d.join("gnss.csv"), |t| t.lines().next().unwrap().into()),
            Counted("imu_taken", 5_000),
        ),
        (
            "signals.csv cut in a word",
            |d| edit(d.join("signals.csv"), |t| t[..t.find("motive").unwrap()].into()),
            Refused("signals.csv row 2"),
        ),
        ("imu.csv backwards", |d| edit(d.join("imu.csv"), |t| reordered(t, |rows| rows.reverse())), Unharmed),
        (
            "gnss.csv shuffled",
            |d| edit(d.join("gnss.csv"), |t| reordered(t, |rows| rows.sort_by_key(|r| r.len()))),
            Unharmed,
        ),
        ("CRLF", |d| each(d, |t| t.replace('\n', "\r\n")), Unharmed),
        ("byte order marks", |d| each(d, |t| format!("\u{feff}{t}")), Unharmed),
        (
            "quoted cells",
            |d| edit(d.join("gnss.csv"), |t| every_line(t, |l| format!("\"{}\"", l.replace(',', "\",\"")))),
            Unharmed,
        ),
        ("blank lines", |d| edit(d.join("gnss.csv"), |t| t.replace('\n', "\n\n")), Unharmed),
        ("semicolons", |d| edit(d.join("gnss.csv"), |t| t.replace(',', ";")), Refused("gnss.csv row 1")),
        ("a quote that never closes", |d| cell("gnss.csv", 9, 1, "\"1", d), Refused("gnss.csv row 9")),
        (
            "every fix twice",
            |d| edit(d.join("gnss.csv"), |t| reordered(t, |rows| rows.extend(rows.clone()))),
            Counted("fix_duplicate", 200),
        ),
    ]);
}

#[test]
fn tables_of_other_columns_or_none() {
    folders(&[
        (
            "no column gz",
            |d| edit(d.join("imu.csv"), |t| every_line(t, |l| l[..l.rfind(',').unwrap()].into())),
            Refused("imu.csv row 1"),
        ),
        (
            "a column twice",
            |d| edit(d.join("gnss.csv"), |t| every_line(t, |l| format!("{l},{}", l.split(',').nth(1).unwrap()))),
            Refused("gnss.csv row 1"),
        ),
        ("a cell too few", |d| edit(d.join("imu.csv"), |t| t.replacen(",", "", 700)), Refused("imu.csv row")),
        ("another header", |d| cell("imu.csv", 1, 0, "time", d), Refused("imu.csv row 1: the header is")),
        ("no header", |d| edit(d.join("imu.csv"), |t| t.split_once('\n').unwrap().1.into()), Refused("imu.csv row 1")),
        (
            "gnss.csv in place of imu.csv",
            |d| drop(fs::copy(d.join("gnss.csv"), d.join("imu.csv"))),
            Refused("imu.csv row 1"),
        ),
        ("empty imu.csv", |d| drop(File::create(d.join("imu.csv"))), Refused("imu.csv: is empty")),
        ("both empty", |d| each(d, |_| String::new()), Refused("is empty")),
        ("headers only", |d| each(d, |t| t.lines().next().unwrap().into()), Counted("imu_taken", 0)),
        (
            "signals only",
            |d| ["imu.csv", "gnss.csv"].iter().for_each(|f| fs::remove_file(d.join(f)).unwrap()),
            Refused("neither imu.csv nor gnss.csv"),
        ),
        (
            "an empty folder",
            |d| fs::read_dir(d).unwrap().for_each(|e| fs::remove_file(e.unwrap().path()).unwrap()),
            Refused("neither imu.csv nor gnss.csv"),
        ),
    ]);
}

#[test]
fn cells_that_are_no_values_or_impossible_ones() {
    folders(&[
        ("NaN in imu.csv", |d| edit(d.join("imu.csv"), |t| cells(&t, 50..90, 2, "NaN")), Counted("imu_not_finite", 40)),
        (
            "infinities in imu.csv",
            |d| edit(d.join("imu.csv"), |t| cells(&t, 50..90, 5, "-inf")),
            Counted("imu_not_finite", 40),
        ),
        (
            "a gyroscope of two axes",
            |d| edit(d.join("imu.csv"), |t| cells(&t, 50..90, 6, "")),
            Counted("imu_not_finite", 40),
        ),
        (
            "a force of 10⁹ m/s²",
            |d| edit(d.join("imu.csv"), |t| cells(&t, 50..90, 1, "1e9")),
            Counted("imu_out_of_range", 40),
        ),
        (
            "a force beyond any number",
            |d| edit(d.join("imu.csv"), |t| cells(&t, 50..90, 1, "1e999")),
            Counted("imu_not_finite", 40),
        ),
        ("an empty force", |d| cell("imu.csv", 60, 1, "", d), Refused("imu.csv row 60 column ax")),
        ("text in a number", |d| cell("imu.csv", 60, 3, "9,81", d), Refused("imu.csv row 60")),
        (
            "an infinite latitude",
            |d| edit(d.join("gnss.csv"), |t| cells(&t, 20..30, 1, "inf")),
            Counted("fix_not_finite", 10),
        ),
        (
            "an empty latitude",
            |d| edit(d.join("gnss.csv"), |t| cells(&t, 20..30, 1, "")),
            Counted("fix_not_finite", 10),
        ),
        (
            "a latitude of 91°",
            |d| edit(d.join("gnss.csv"), |t| cells(&t, 20..30, 1, "91")),
            Counted("fix_out_of_range", 10),
        ),
        (
            "0° north, 0° east",
            |d| edit(d.join("gnss.csv"), |t| cells(&cells(&t, 20..30, 1, "0"), 20..30, 2, "0")),
            Counted("fix_zero_zero", 10),
        ),
        (
            "the other side of the world",
            |d| edit(d.join("gnss.csv"), |t| cells(&t, 20..22, 1, "1.5")),
            Counted("fix_teleport", 2),
        ),
        (
            "a negative accuracy",
            |d| edit(d.join("gnss.csv"), |t| cells(&t, 20..30, 6, "-1")),
            Counted("fix_negative_accuracy", 10),
        ),
        (
            "the speed of light",
            |d| edit(d.join("gnss.csv"), |t| cells(&t, 20..30, 4, "3e8")),
            Counted("fix_field_ignored", 10),
        ),
        (
            "text in a cell",
            |d| cell("gnss.csv", 17, 1, "abc", d),
            Refused("gnss.csv row 17 column lat: \"abc\" is no number"),
        ),
    ]);
}

#[test]
fn times_that_are_none_or_jump() {
    folders(&[
        ("NaN", |d| cell("imu.csv", 40, 0, "NaN", d), Refused("imu.csv row 40 column t_s")),
        ("an empty time", |d| cell("gnss.csv", 40, 0, "", d), Refused("gnss.csv row 40 column t_s")),
        ("infinity", |d| cell("gnss.csv", 40, 0, "inf", d), Refused("gnss.csv row 40 column t_s")),
        ("milliseconds", |d| cell("gnss.csv", 40, 0, "1772434800000", d), Refused("out of range")),
        ("a stamp of another decade", |d| cell("imu.csv", 40, 0, "300000000", d), Counted("imu_leap", 1)),
        ("a fix of another decade", |d| cell("gnss.csv", 40, 0, "300000000", d), Counted("fix_leap", 1)),
        ("a negative time", |d| cell("gnss.csv", 40, 0, "-300000000", d), Taken),
        (
            "all at once",
            |d| edit(d.join("imu.csv"), |t| cells(&t, 2..99_999, 0, "700")),
            Counted("imu_duplicate", 5_000),
        ),
        (
            "a fix that arrived a day late",
            |d| {
                edit(d.join("gnss.csv"), |t| {
                    every_line(t, |l| match l.split(',').count() {
                        8 if l.starts_with('t') => l.into(),
                        8 => format!("{},{}", &l[..l.rfind(',').unwrap()], 9_000_000),
                        _ if l.starts_with('t') => format!("{l},arrived_t_s"),
                        _ => format!("{l},9000000"),
                    })
                })
            },
            Counted("fix_stale", 200),
        ),
        (
            "the clock set back a year and forward ten, and a restart",
            |d| {
                let start: f64 = first_cell(&d.join("gnss.csv")).parse().unwrap();
                let at = |s: f64, wall_ms: f64, boot: &str| {
                    format!(r#"{{"t_s": {}, "wall_ms": {wall_ms}, "boot_id": "{boot}"}}"#, start + s)
                };
                let clocks =
                    [at(0.0, 1.7e12, "a"), at(60.0, 1.67e12, "a"), at(90.0, 2e12, "a"), at(120.0, 1.7e12, "b")];
                fs::write(d.join("session.json"), format!(r#"{{"clock": [{}]}}"#, clocks.join(","))).unwrap();
            },
            Counted("clock_jumps", 2),
        ),
    ]);
}

#[test]
fn signals_and_sessions_that_say_nonsense() {
    fn session(d: &Path, text: &str) {
        fs::write(d.join("session.json"), text).unwrap();
    }
    folders(&[
        (
            "an unknown kind",
            |d| cell("signals.csv", 3, 1, "mood", d),
            Refused("signals.csv row 3 column kind: unknown kind \"mood\""),
        ),
        ("an unknown value", |d| cell("signals.csv", 2, 2, "flying", d), Refused("signals.csv row 2 column value")),
        ("too sure", |d| cell("signals.csv", 2, 3, "7", d), Refused("signals.csv row 2 column confidence")),
        ("a limit that is none", |d| cell("signals.csv", 3, 2, "NaN", d), Refused("signals.csv row 3 column value")),
        ("a broken session", |d| session(d, r#"{"seed": 7"#), Refused("session.json")),
        ("a session that is a list", |d| session(d, "[]"), Taken),
        ("a session that is text", |d| session(d, "\"hello\""), Refused("session.json")),
        ("a negative seed", |d| session(d, r#"{"seed": -1}"#), Refused("session.json")),
        ("a seed that is text", |d| session(d, r#"{"seed": "7"}"#), Refused("session.json")),
        ("a platform that is a number", |d| session(d, r#"{"platform": 7}"#), Refused("session.json")),
        (
            "an offset of a year",
            |d| session(d, r#"{"utc_offset_min": 525600}"#),
            Refused("session.json: utc_offset_min"),
        ),
        (
            "a clock beyond time",
            |d| session(d, r#"{"clock": [{"t_s": 1e300, "wall_ms": 0}]}"#),
            Refused("session.json: clock t_s"),
        ),
        ("a wall clock beyond time", |d| session(d, r#"{"clock": [{"t_s": 1, "wall_ms": 1e300}]}"#), Taken),
        ("deep nesting", |d| session(d, &"[".repeat(900_000)), Refused("session.json")),
        ("a huge session", |d| sparse(&d.join("session.json"), "{"), Refused("session.json: is larger than 1 MB")),
    ]);
}

#[test]
fn files_that_are_no_text_or_no_files() {
    folders(&[
        ("10 GB of nothing", |d| sparse(&d.join("imu.csv"), ""), Refused("imu.csv row 1: a NUL byte")),
        (
            "10 GB of nothing after good rows",
            |d| {
                let text = fs::read_to_string(d.join("gnss.csv")).unwrap();
                sparse(&d.join("gnss.csv"), &text);
            },
            Refused("gnss.csv row"),
        ),
        ("10 GB of nothing as signals", |d| sparse(&d.join("signals.csv"), ""), Refused("signals.csv row 1")),
        ("noise", |d| fs::write(d.join("imu.csv"), noise(1 << 20)).unwrap(), Refused("imu.csv row 1")),
        (
            "noise in the middle",
            |d| {
                edit(d.join("imu.csv"), |t| {
                    let noise: String = noise(20_000).iter().map(|b| char::from(*b)).collect();
                    format!("{}{noise}{}", &t[..t.len() / 2], &t[t.len() / 2..])
                })
            },
            Refused("imu.csv row"),
        ),
        (
            "not UTF-8",
            |d| {
                let mut bytes = fs::read(d.join("signals.csv")).unwrap();
                bytes.extend(b"800,tag,\xff\xfe,\n");
                fs::write(d.join("signals.csv"), bytes).unwrap();
            },
            Refused("signals.csv row 5"),
        ),
        ("a NUL byte", |d| cell("gnss.csv", 33, 3, "\0", d), Refused("gnss.csv row 33: a NUL byte")),
        (
            "a line of 100 MB",
            |d| edit(d.join("imu.csv"), |t| t + &"7".repeat(100 << 20)),
            Refused("is longer than 64 KB"),
        ),
        ("100 MB of blank lines", |d| edit(d.join("gnss.csv"), |t| t + &"\n".repeat(100 << 20)), Unharmed),
        (
            "a folder in place of a file",
            |d| {
                fs::remove_file(d.join("imu.csv")).unwrap();
                fs::create_dir(d.join("imu.csv")).unwrap();
            },
            Refused("imu.csv: is a folder"),
        ),
        (
            "a pipe in place of a file",
            |d| {
                fs::remove_file(d.join("gnss.csv")).unwrap();
                assert!(Command::new("mkfifo").arg(d.join("gnss.csv")).status().unwrap().success());
            },
            Refused("gnss.csv: is no regular file"),
        ),
    ]);
}

/// A variant of one file: its name, its bytes, options, and how it has to end.
type One = (&'static str, fn() -> Vec<u8>, &'static [&'static str], End);

fn one_file(variants: &[One]) {
    check(variants.iter().map(|(name, bytes, options, end)| {
        let make = move |dir: &Path| {
            let path = dir.join("recording");
            fs::write(&path, bytes()).unwrap();
            path
        };
        (*name, make, *options, end)
    }));
}

fn native(change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut bytes = drive().native.clone();
    change(&mut bytes);
    bytes
}

/// Where the first block of a native recording begins.
fn first_block(bytes: &[u8]) -> usize {
    18 + u32::from_le_bytes(bytes[10..14].try_into().unwrap()) as usize
}

#[test]
fn native_recordings_that_are_torn_flipped_or_lie() {
    one_file(&[
        ("whole", || native(|_| {}), &[], Unharmed),
        ("torn in the magic", || native(|b| b.truncate(5)), &[], Refused("recording")),
        ("torn in the header", || native(|b| b.truncate(60)), &[], Refused("recording")),
        ("torn after the header", || native(|b| b.truncate(first_block(b))), &[], Taken),
        ("torn in a block's head", || native(|b| b.truncate(first_block(b) + 7)), &[], Taken),
        ("torn in the middle", || native(|b| b.truncate(b.len() / 2)), &[], Taken),
        ("torn in the last byte", || native(|b| b.truncate(b.len() - 1)), &[], Taken),
        ("a bit flipped in the header", || native(|b| b[30] ^= 4), &[], Refused("recording")),
        (
            "a bit flipped in a block",
            || {
                native(|b| {
                    let at = first_block(b) + 500;
                    b[at] ^= 1
                })
            },
            &[],
            Taken,
        ),
        (
            "a bit flipped in a length",
            || {
                native(|b| {
                    let at = first_block(b) + 2;
                    b[at] ^= 0x80
                })
            },
            &[],
            Taken,
        ),
        ("noise behind it", || native(|b| b.extend(noise(100_000))), &[], Unharmed),
        ("a header of 4 GB", || native(|b| b[10..14].fill(0xff)), &[], Refused("recording")),
        ("of a newer version", || native(|b| b[8] = 9), &[], Refused("version")),
        (
            "a block that unpacks to far more than it says",
            || {
                native(|b| {
                    let packed = zstd::bulk::compress(&vec![0; 300 << 20], 1).unwrap();
                    let lengths = [(packed.len() as u32).to_le_bytes(), 1_000_u32.to_le_bytes()].concat();
                    let crc = crc32fast::hash(&[lengths.as_slice(), &packed].concat());
                    b.truncate(first_block(b));
                    b.extend(lengths);
                    b.extend(crc.to_le_bytes());
                    b.extend(packed);
                })
            },
            &[],
            Taken,
        ),
        ("claimed to be GPX", || native(|_| {}), &["--format", "gpx"], Refused("recording")),
        ("claimed to be a plain folder", || native(|_| {}), &["--format", "plain"], Refused("recording")),
    ]);
}

/// A zip archive of one deflated file.
fn zipped(name: &str, parts: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    zip.start_file(name, options).unwrap();
    parts.for_each(|part| zip.write_all(&part).unwrap());
    zip.finish().unwrap().into_inner()
}

fn zipped_drive() -> Vec<u8> {
    zipped("gnss.csv", std::iter::once(fs::read(drive().plain.join("gnss.csv")).unwrap()))
}

#[test]
fn files_that_are_archives_or_something_else() {
    one_file(&[
        ("an empty file", Vec::new, &[], Refused("is empty")),
        ("noise", || noise(1 << 20), &[], Refused("recording")),
        ("a letter", || b"Dear Sir or Madam,\n".to_vec(), &[], Refused("is no recording that is known")),
        ("a web page", || b"<!doctype html>\n<html></html>\n".to_vec(), &[], Refused("is a web page")),
        (
            "one table of a folder",
            || fs::read(drive().plain.join("gnss.csv")).unwrap(),
            &[],
            Refused("give the folder"),
        ),
        (
            "a table that is no SensorLog",
            || fs::read(drive().plain.join("gnss.csv")).unwrap(),
            &["--format", "sensorlog"],
            Refused("recording"),
        ),
        (
            "GPX that breaks off",
            || b"<?xml version=\"1.0\"?><gpx version=\"1.1\"><trk><trkseg><trkpt lat=\"1\" lo".to_vec(),
            &[],
            Refused("recording"),
        ),
        (
            "GPX of entities",
            || {
                let mut text = String::from("<?xml version=\"1.0\"?><!DOCTYPE gpx [<!ENTITY a0 \"ha\">");
                for i in 1..40 {
                    write!(text, "<!ENTITY a{i} \"&a{};&a{};\">", i - 1, i - 1).unwrap();
                }
                text += "]><gpx version=\"1.1\"><trk><trkseg><trkpt lat=\"1\" lon=\"2\"><time>&a39;</time></trkpt></trkseg></trk></gpx>";
                text.into_bytes()
            },
            &[],
            Refused("recording"),
        ),
        ("a good zip", zipped_drive, &[], Taken),
        (
            "a zip cut in the middle",
            || {
                let mut z = zipped_drive();
                z.truncate(z.len() / 2);
                z
            },
            &[],
            Refused("is no zip archive"),
        ),
        (
            "a zip with noise inside",
            || {
                let mut z = zipped_drive();
                let n = noise(400);
                z[1_000..1_400].copy_from_slice(&n);
                z
            },
            &[],
            Refused("gnss.csv"),
        ),
        ("a zip of noise", || [b"PK\x03\x04".as_slice(), &noise(10_000)].concat(), &[], Refused("is no zip archive")),
        (
            "a zip of 1 GB of nothing",
            || zipped("imu.csv", (0..1_024).map(|_| vec![0; 1 << 20])),
            &[],
            Refused("imu.csv row 1: a NUL byte"),
        ),
        (
            "a zip of one line of 1 GB",
            || zipped("imu.csv", (0..1_024).map(|_| vec![b'7'; 1 << 20])),
            &[],
            Refused("imu.csv row 1: is longer than 64 KB"),
        ),
        (
            "a zip of a letter",
            || zipped("letter.txt", std::iter::once(b"Dear Sir".to_vec())),
            &[],
            Refused("recording"),
        ),
    ]);
}

#[test]
fn paths_and_options_that_lead_nowhere() {
    let at = |path: &'static str| move |_: &Path| PathBuf::from(path);
    let sparse_file = |dir: &Path| {
        sparse(&dir.join("recording"), "");
        dir.join("recording")
    };
    type Make = Box<dyn Fn(&Path) -> PathBuf>;
    let plain = || -> Make { Box::new(|_| drive().plain.clone()) };
    let with = |name: &'static str, write: fn(&Path)| -> (Make, String) {
        let file = std::env::temp_dir().join(format!("milepost-damaged-{}-{name}", std::process::id()));
        if !file.exists() {
            write(&file);
        }
        (plain(), file.to_string_lossy().into_owned())
    };
    let (broken, broken_file) = with("broken", |f| fs::write(f, "{\"stop_timeout_s\"").unwrap());
    let (unknown, unknown_file) = with("unknown", |f| fs::write(f, "{\"stop_timeout\": 3}").unwrap());
    let (negative, negative_file) = with("negative", |f| fs::write(f, "{\"stop_timeout_s\": -3}").unwrap());
    let (huge, huge_file) = with("huge", |f| sparse(f, "{"));
    let all: Vec<(&str, Make, Vec<&str>, End)> = vec![
        ("nothing there", Box::new(at("/no/such/recording")), vec![], Refused("/no/such/recording")),
        ("a device", Box::new(at("/dev/zero")), vec![], Refused("neither a file nor a folder")),
        ("10 GB of nothing", Box::new(sparse_file), vec![], Refused("is binary and no recording")),
        ("10 GB of nothing, claimed native", Box::new(sparse_file), vec!["--format", "native"], Refused("recording")),
        ("10 GB of nothing, claimed GPX", Box::new(sparse_file), vec!["--format", "gpx"], Refused("recording")),
        ("10 GB of nothing, claimed phyphox", Box::new(sparse_file), vec!["--format", "phyphox"], Refused("recording")),
        ("a folder claimed native", plain(), vec!["--format", "native"], Refused("a native recording is one file")),
        ("a folder claimed GPX", plain(), vec!["--format", "gpx"], Refused("a GPX file is one")),
        ("a folder claimed Sensor Logger", plain(), vec!["--format", "sensor-logger"], Refused("plain")),
        ("no such format", plain(), vec!["--format", "fit"], Misused("there is no format")),
        ("no such option", plain(), vec!["--faster"], Misused("--faster")),
        ("no such preset", plain(), vec!["--preset", "tank"], Refused("tank")),
        ("a broken configuration", broken, vec!["--config", &broken_file], Refused("no JSON object")),
        ("an unknown threshold", unknown, vec!["--config", &unknown_file], Refused("stop_timeout")),
        ("a negative threshold", negative, vec!["--config", &negative_file], Refused("is negative")),
        ("a huge configuration", huge, vec!["--config", &huge_file], Refused("huge")),
        ("a configuration that is a folder", plain(), vec!["--config", "/"], Refused("/: ")),
        ("files into a file", plain(), vec!["--out", &broken_file], Refused("broken")),
        ("files into nowhere", plain(), vec!["--out", "/proc/no/such"], Refused("/proc/no/such")),
        ("a server without encryption", plain(), vec!["--server", "http://example.org/"], Refused("https")),
    ];
    check(all.iter().map(|(name, make, options, end)| (*name, make, options.as_slice(), end)));
    for file in [&broken_file, &unknown_file, &negative_file, &huge_file] {
        fs::remove_file(file).unwrap();
    }
}

#[test]
fn a_second_run_leaves_nothing_of_the_first() {
    let dir = tempfile::tempdir().unwrap();
    assert!(replay(&drive().plain, &[], dir.path()).status.success());
    fs::create_dir(dir.path().join("bad")).unwrap();
    fs::write(dir.path().join("bad/gnss.csv"), "t_s,lat\n").unwrap();
    let ran = replay(&dir.path().join("bad"), &[], dir.path());
    verdict(&ran, &dir.path().join("out"), &Refused("gnss.csv row 1")).unwrap();
}
