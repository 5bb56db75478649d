//! What is in a recording, in a few lines: counts, rates, span, gaps. Reads it to its end; judges nothing.

use std::collections::BTreeMap;
use std::fmt;

use milepost_engine::contract::Input;
use milepost_engine::parse::{self, Named};
use milepost_engine::sample::MonoTime;

use super::error::ImportError;
use super::number::seconds_text;
use super::{Format, Recording, Session};
use crate::native::Cut;

/// A hole in the samples of more than this is a gap.
const IMU_GAP_S: f64 = 1.0;
/// A hole in the fixes of more than this is a gap.
const FIX_GAP_S: f64 = 10.0;
/// How many intervals are kept to know the middle one.
const MAX_INTERVALS: usize = 4096;

/// What is in a recording.
#[derive(Clone, Debug)]
pub struct Info {
    /// What it is.
    pub format: Format,
    /// What it says about itself.
    pub session: Session,
    /// Whether times are seconds since 1970 (else since boot); `None` without any.
    pub epoch_axis: Option<bool>,
    /// The first and the last time in it.
    pub span: Option<(MonoTime, MonoTime)>,
    /// IMU samples.
    pub imu: StreamInfo,
    /// Samples that have rotation rates too.
    pub with_rates: u64,
    /// Fixes.
    pub fixes: StreamInfo,
    /// Fixes with a speed.
    pub with_speed: u64,
    /// Signals and commands by kind.
    pub signals: BTreeMap<&'static str, u64>,
    /// How often the clock was read.
    pub clocks: u64,
    /// Ticks of the host.
    pub ticks: u64,
    /// Fixes that were a GPS week rollover off.
    pub rollovers: u64,
    /// Where and why a native recording was cut, and how many bytes were left unread.
    pub cut: Option<(Cut, u64)>,
    /// What was left out, and why.
    pub notes: Vec<String>,
}

/// What is in one stream.
#[derive(Clone, Debug, Default)]
pub struct StreamInfo {
    /// How many.
    pub count: u64,
    /// The middle interval between two.
    pub interval_s: Option<f64>,
    /// Holes, and the longest of them.
    pub gaps: u64,
    /// The longest interval.
    pub longest_s: f64,
    last: Option<MonoTime>,
    intervals: Vec<f64>,
    stride: u64,
}

impl Info {
    /// Reads a recording to its end.
    pub fn of(recording: &mut Recording) -> Result<Self, ImportError> {
        let mut info = Self {
            format: recording.format,
            session: recording.session.clone(),
            epoch_axis: recording.epoch_axis,
            span: None,
            imu: StreamInfo::default(),
            with_rates: 0,
            fixes: StreamInfo::default(),
            with_speed: 0,
            signals: BTreeMap::new(),
            clocks: 0,
            ticks: 0,
            rollovers: recording.rollovers,
            cut: None,
            notes: recording.notes.clone(),
        };
        for input in recording.by_ref() {
            info.add(&input?);
        }
        info.imu.finish();
        info.fixes.finish();
        info.cut = recording.cut();
        Ok(info)
    }

    fn add(&mut self, input: &Input) {
        match input {
            Input::Imu(samples) => {
                for sample in samples {
                    self.extend(sample.t);
                    self.imu.add(sample.t, IMU_GAP_S);
                    self.with_rates += u64::from(sample.rate_rad_s.is_some());
                }
            }
            Input::Fix(fix) => {
                self.extend(fix.t);
                self.fixes.add(fix.t, FIX_GAP_S);
                self.with_speed += u64::from(fix.speed_mps.is_some());
            }
            Input::Signal(t, signal) => {
                self.extend(*t);
                self.count_named(&Named::Signal(signal.clone()));
            }
            Input::Command(t, command) => {
                self.extend(*t);
                self.count_named(&Named::Command(command.clone()));
            }
            Input::Clock(_) => self.clocks += 1,
            Input::Tick(_) => self.ticks += 1,
            Input::End => {}
        }
    }

    fn count_named(&mut self, named: &Named) {
        let (kind, ..) = parse::write(named);
        *self.signals.entry(kind).or_default() += 1;
    }

    fn extend(&mut self, t: MonoTime) {
        self.span = Some(self.span.map_or((t, t), |(first, last)| (first.min(t), last.max(t))));
    }
}

impl StreamInfo {
    fn add(&mut self, t: MonoTime, gap_s: f64) {
        if let Some(last) = self.last.replace(t) {
            let interval = t.since(last);
            self.gaps += u64::from(interval > gap_s);
            self.longest_s = self.longest_s.max(interval);
            self.sample(interval);
        }
        self.count += 1;
    }

    fn sample(&mut self, interval: f64) {
        self.stride = self.stride.max(1);
        if !self.count.is_multiple_of(self.stride) {
            return;
        }
        self.intervals.push(interval);
        if self.intervals.len() >= MAX_INTERVALS {
            let mut odd = false;
            self.intervals.retain(|_| {
                odd = !odd;
                odd
            });
            self.stride *= 2;
        }
    }

    fn finish(&mut self) {
        self.intervals.sort_by(f64::total_cmp);
        self.interval_s = self.intervals.get(self.intervals.len() / 2).copied();
        self.intervals = Vec::new();
    }
}

impl fmt::Display for Info {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let session = &self.session;
        let unknown = || "unknown".to_owned();
        writeln!(f, "format      {}", self.format.name())?;
        let device = session.device.clone().unwrap_or_else(unknown);
        writeln!(f, "device      {device} ({})", session.platform.clone().unwrap_or_else(unknown))?;
        writeln!(f, "seed        {}", session.seed)?;
        match self.epoch_axis {
            Some(true) => writeln!(f, "axis        seconds since 1970, UTC")?,
            Some(false) => writeln!(f, "axis        seconds since boot")?,
            None => writeln!(f, "axis        unknown, there is nothing in it")?,
        }
        match session.utc_offset_min {
            Some(minutes) => writeln!(f, "utc offset  {minutes} min")?,
            None => writeln!(f, "utc offset  unknown")?,
        }
        if let Some((first, last)) = self.span {
            writeln!(f, "span        {} to {}, {:.1} s", seconds_text(first), seconds_text(last), last.since(first))?;
        }
        writeln!(f, "imu         {}, {} with rotation rates", self.imu, self.with_rates)?;
        writeln!(f, "fixes       {}, {} with a speed", self.fixes, self.with_speed)?;
        for (kind, count) in &self.signals {
            writeln!(f, "{kind:<11} {count}")?;
        }
        writeln!(f, "clocks      {}", self.clocks)?;
        if self.ticks > 0 {
            writeln!(f, "ticks       {}", self.ticks)?;
        }
        if self.rollovers > 0 {
            writeln!(f, "rollovers   {} fixes were 1024 weeks off and were brought back", self.rollovers)?;
        }
        if let Some((cut, bytes)) = self.cut {
            writeln!(f, "cut         at byte {}, {bytes} bytes left out: {}", cut.at, cut.reason)?;
        }
        self.notes.iter().try_for_each(|note| writeln!(f, "note        {note}"))
    }
}

impl fmt::Display for StreamInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.count)?;
        if let Some(interval) = self.interval_s.filter(|interval| *interval > 0.0) {
            write!(f, " at {:.1} Hz", 1.0 / interval)?;
        }
        write!(f, ", {} gaps (longest interval {:.1} s)", self.gaps, self.longest_s)
    }
}
