//! Writes a plain folder: the opposite of `plain`. What the folder has no place for (ticks, a fix's wall clock, the mock
//! flag, the end of the input) is left out.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use milepost_engine::contract::Input;
use milepost_engine::parse::{self, Named};
use milepost_engine::sample::{Clock, Fix, ImuSample, MonoTime};
use serde_json::{Map, Value, json};

use super::error::shown;
use super::number::seconds_text;
use super::plain::{ARRIVED, GNSS, GNSS_HEADER, IMU, IMU_HEADER, SESSION, SIGNALS, SIGNALS_HEADER};
use super::session::Session;

/// A plain folder that is being written.
pub struct PlainWriter {
    folder: PathBuf,
    session: Session,
    epoch_axis: bool,
    imu: Option<BufWriter<File>>,
    gnss: Option<BufWriter<File>>,
    signals: Option<BufWriter<File>>,
    clocks: Vec<Clock>,
}

impl PlainWriter {
    /// Makes the folder. Files come with their first row. A folder that holds files of a recording is left alone: those
    /// that are not written anew would be read as part of this one.
    pub fn create(folder: &Path, session: &Session, epoch_axis: bool) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        if let Some(file) = [IMU, GNSS, SIGNALS, SESSION].into_iter().find(|file| folder.join(file).exists()) {
            let what = format!("{} holds {file} already", shown(folder));
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, what));
        }
        let (imu, gnss, signals) = (None, None, None);
        let (folder, session) = (folder.to_owned(), session.clone());
        Ok(Self { folder, session, epoch_axis, imu, gnss, signals, clocks: Vec::new() })
    }

    /// Adds an input.
    pub fn push(&mut self, input: &Input) -> io::Result<()> {
        match input {
            Input::Imu(samples) => samples.iter().try_for_each(|sample| self.sample(sample)),
            Input::Fix(fix) => self.fix(fix),
            Input::Signal(t, signal) => self.named(*t, &Named::Signal(signal.clone())),
            Input::Command(t, command) => self.named(*t, &Named::Command(command.clone())),
            Input::Clock(clock) => {
                self.clocks.push(clock.clone());
                Ok(())
            }
            Input::Tick(_) | Input::End => Ok(()),
        }
    }

    /// Writes what is left, `session.json` last.
    pub fn finish(mut self) -> io::Result<()> {
        if self.imu.is_none() {
            // A folder with neither would be none.
            file(&mut self.gnss, &self.folder, GNSS, &format!("{GNSS_HEADER}{ARRIVED}"))?;
        }
        for file in [&mut self.imu, &mut self.gnss, &mut self.signals].into_iter().flatten() {
            file.flush()?;
        }
        fs::write(self.folder.join(SESSION), self.session_json().to_string() + "\n")
    }

    fn sample(&mut self, sample: &ImuSample) -> io::Result<()> {
        let file = file(&mut self.imu, &self.folder, IMU, IMU_HEADER)?;
        let [ax, ay, az] = sample.force_mps2;
        let [gx, gy, gz] = sample.rate_rad_s.map_or([const { String::new() }; 3], |rate| rate.map(|v| v.to_string()));
        writeln!(file, "{},{ax},{ay},{az},{gx},{gy},{gz}", seconds_text(sample.t))
    }

    fn fix(&mut self, fix: &Fix) -> io::Result<()> {
        let file = file(&mut self.gnss, &self.folder, GNSS, &format!("{GNSS_HEADER}{ARRIVED}"))?;
        let cell = |v: Option<f32>| v.map(|v| v.to_string()).unwrap_or_default();
        let numbers = [fix.alt_m, fix.speed_mps, fix.bearing_deg, fix.hacc_m].map(cell).join(",");
        let arrived = fix.arrived.map(seconds_text).unwrap_or_default();
        writeln!(file, "{},{},{},{numbers},{arrived}", seconds_text(fix.t), fix.lat_deg, fix.lon_deg)
    }

    fn named(&mut self, t: MonoTime, named: &Named) -> io::Result<()> {
        let file = file(&mut self.signals, &self.folder, SIGNALS, SIGNALS_HEADER)?;
        let (kind, value, confidence) = parse::write(named);
        let confidence = confidence.map(|c| c.to_string()).unwrap_or_default();
        writeln!(file, "{},{kind},{},{confidence}", seconds_text(t), quoted(&value))
    }

    fn session_json(&self) -> Value {
        let session = &self.session;
        let mut json = Map::new();
        json.insert("seed".into(), json!(session.seed));
        let optional = [
            ("platform", session.platform.as_ref().map(|v| json!(v))),
            ("device", session.device.as_ref().map(|v| json!(v))),
            ("utc_offset_min", session.utc_offset_min.map(|v| json!(v))),
        ];
        json.extend(optional.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))));
        let clocks: Vec<Value> = self.told_clocks().map(clock_json).collect();
        if !clocks.is_empty() {
            json.insert("clock".into(), clocks.into());
        }
        Value::Object(json)
    }

    /// On an epoch axis the first clock is implied by the axis, and its boot by the next clock, if there is one.
    fn told_clocks(&self) -> impl Iterator<Item = &Clock> {
        let implied = match self.clocks.as_slice() {
            [first, second, ..] if self.epoch_axis => first.boot_id == second.boot_id,
            [first] if self.epoch_axis => first.boot_id.is_empty(),
            _ => false,
        };
        self.clocks.iter().skip(usize::from(implied))
    }
}

fn clock_json(clock: &Clock) -> Value {
    let mut json = Map::new();
    json.insert("t_s".into(), json!(clock.mono.seconds()));
    json.extend(clock.wall_ms.map(|ms| ("wall_ms".to_owned(), json!(ms))));
    json.insert("boot_id".into(), json!(clock.boot_id));
    Value::Object(json)
}

fn file<'a>(
    file: &'a mut Option<BufWriter<File>>,
    folder: &Path,
    name: &str,
    header: &str,
) -> io::Result<&'a mut BufWriter<File>> {
    match file {
        Some(file) => Ok(file),
        None => {
            let mut opened = BufWriter::new(File::create(folder.join(name))?);
            writeln!(opened, "{header}")?;
            Ok(file.insert(opened))
        }
    }
}

fn quoted(value: &str) -> String {
    let special = |c| matches!(c, ',' | '"' | '\n' | '\r');
    if value.contains(special) { format!("\"{}\"", value.replace('"', "\"\"")) } else { value.to_owned() }
}
