//! Streams of one recording as one sequence of engine inputs in order of time. Every importer hands its streams to it;
//! what the inputs mean is the engine's.

use std::iter::Peekable;
use std::vec;

use milepost_engine::contract::Input;
use milepost_engine::parse::Named;
use milepost_engine::sample::{Clock, Fix, ImuSample, MonoTime, NS_PER_S};

use super::error::ImportError;
use super::hour::{self, Early};
use super::order::{InOrder, Rows, Scan, Timed};
use super::rollover::{self, Reference};
use super::session::Session;

/// Times beyond this are seconds since 1970, else since boot (RECORDS.md).
const EPOCH_AXIS: MonoTime = MonoTime(1_000_000_000 * NS_PER_S);
/// A batch never spans more: at 5 Hz a hundred samples would arrive later than intake waits for them.
const MAX_BATCH_NS: i64 = NS_PER_S;
const NS_PER_MS: i64 = 1_000_000;

/// One stream in order, and what a first pass learned of it.
pub(crate) struct Stream<T> {
    pub(crate) rows: InOrder<T>,
    pub(crate) scan: Scan,
}

impl<T: Timed> Stream<T> {
    /// Reads all rows once, and gets ready to read them in order.
    pub(crate) fn open(file: &str, rows: impl Fn() -> Result<Rows<T>, ImportError>) -> Result<Self, ImportError> {
        let scan = Scan::of(rows()?)?;
        Ok(Self { rows: InOrder::new(file, rows()?, &scan), scan })
    }
}

/// What an importer found.
#[derive(Default)]
pub(crate) struct Parts {
    pub(crate) session: Session,
    pub(crate) clocks: Vec<Clock>,
    pub(crate) imu: Option<Stream<ImuSample>>,
    pub(crate) named: Option<Stream<(MonoTime, Named)>>,
    pub(crate) fixes: Option<Stream<Fix>>,
    /// Fixes that were a week rollover off.
    pub(crate) rollovers: u64,
    /// What a person should know.
    pub(crate) notes: Vec<String>,
}

impl Parts {
    /// Adds the fixes, last of all streams: the others say when the recording was made.
    pub(crate) fn take_fixes(
        &mut self,
        file: &str,
        rows: impl Fn() -> Result<Rows<Fix>, ImportError>,
    ) -> Result<(), ImportError> {
        let (mut scan, mut arrived, mut early) = (Scan::default(), Scan::default(), Early::default());
        for fix in rows()? {
            let fix = fix?;
            scan.add(fix.t);
            early.add(&fix);
            fix.arrived.into_iter().for_each(|t| arrived.add(t));
        }
        let mut times = self.times();
        times.extend_from_slice(arrived.sampled());
        if times.is_empty() {
            times.extend_from_slice(scan.sampled());
        }
        let recording = is_epoch(&mut times).then(|| Reference::of(times)).flatten();
        let outside = |r: &Reference| [scan.first, scan.last].into_iter().flatten().any(|t| !r.holds(t));
        let (recording, wrong_hour) = (recording.filter(outside), early.wrong() > 0);
        if recording.is_none() && !wrong_hour {
            self.fixes = Some(Stream { rows: InOrder::new(file, rows()?, &scan), scan });
            return Ok(());
        }
        if wrong_hour {
            self.notes.push(format!("{} fixes were stamped an hour early and put right", early.wrong()));
        }
        let correct = move |fix: &mut Fix| {
            if wrong_hour {
                hour::correct(fix);
            }
            recording.is_some_and(|recording| rollover::correct(fix, recording))
        };
        scan = Scan::default();
        for fix in rows()? {
            let mut fix = fix?;
            self.rollovers += u64::from(correct(&mut fix));
            scan.add(fix.t);
        }
        let corrected = rows()?.map(move |fix| {
            fix.map(|mut fix| {
                correct(&mut fix);
                fix
            })
        });
        self.fixes = Some(Stream { rows: InOrder::new(file, Box::new(corrected), &scan), scan });
        Ok(())
    }

    /// Whether times are seconds since 1970; `None` without any.
    pub(crate) fn epoch_axis(&self) -> Option<bool> {
        let mut times = self.times();
        if times.is_empty() {
            times.extend(self.fixes.iter().flat_map(|s| s.scan.sampled()));
        }
        (!times.is_empty()).then(|| is_epoch(&mut times))
    }

    /// Rows of all streams.
    pub(crate) fn rows(&self) -> u64 {
        let imu = self.imu.as_ref().map_or(0, |s| s.scan.rows);
        let named = self.named.as_ref().map_or(0, |s| s.scan.rows);
        imu + named + self.fixes.as_ref().map_or(0, |s| s.scan.rows)
    }

    /// All streams as one, IMU samples in batches of at most `batch`.
    pub(crate) fn inputs(self, batch: usize) -> Merged {
        let epoch = self.epoch_axis() == Some(true);
        let mut clocks = if epoch { self.epoch_clocks() } else { self.clocks };
        clocks.iter_mut().for_each(|clock| clock.utc_offset_min = self.session.utc_offset_min);
        Merged {
            clocks: clocks.into_iter().peekable(),
            named: Head::of(self.named),
            fixes: Head::of(self.fixes),
            imu: Batches { rows: self.imu.map(|s| s.rows.peekable()), size: batch.max(1), next: None },
            ended: false,
        }
    }

    /// On an epoch axis the axis is the clock: one at the start, on a whole second so that every later time is exact, and
    /// those of the session.
    fn epoch_clocks(&self) -> Vec<Clock> {
        let firsts = [
            self.imu.as_ref().and_then(|s| s.scan.first),
            self.named.as_ref().and_then(|s| s.scan.first),
            self.fixes.as_ref().and_then(|s| s.scan.first),
            self.clocks.first().map(|c| c.mono),
        ];
        let Some(earliest) = firsts.into_iter().flatten().min() else { return Vec::new() };
        // With one boot known, the recording began in it, whenever its clock was read.
        let boot_id = self.clocks.first().map(|c| c.boot_id.clone()).unwrap_or_default();
        let at = |ms: i64, boot_id: String| Clock {
            mono: MonoTime(ms.saturating_mul(NS_PER_MS)),
            wall_ms: Some(ms),
            boot_id,
            utc_offset_min: None,
        };
        let start = at(earliest.0.div_euclid(NS_PER_S) * 1000, boot_id);
        let to_ms = |t: MonoTime| t.0.saturating_add(NS_PER_MS / 2).div_euclid(NS_PER_MS);
        let told: Vec<Clock> = self.clocks.iter().map(|c| at(to_ms(c.mono), c.boot_id.clone())).collect();
        // The session may say just what the axis does.
        let implied = (told.first() != Some(&start)).then_some(start);
        implied.into_iter().chain(told).collect()
    }

    /// Times of everything but fixes, thinned out.
    fn times(&self) -> Vec<MonoTime> {
        let imu = self.imu.iter().flat_map(|s| s.scan.sampled());
        let named = self.named.iter().flat_map(|s| s.scan.sampled());
        imu.chain(named).copied().chain(self.clocks.iter().map(|c| c.mono)).collect()
    }
}

/// By the median, so that a few wild stamps do not decide.
fn is_epoch(times: &mut [MonoTime]) -> bool {
    times.sort_unstable();
    times.get(times.len() / 2).is_some_and(|t| *t > EPOCH_AXIS)
}

/// The inputs of a recording, in order of time; of equal times clocks first, then signals, fixes, samples.
pub(crate) struct Merged {
    clocks: Peekable<vec::IntoIter<Clock>>,
    named: Head<(MonoTime, Named)>,
    fixes: Head<Fix>,
    imu: Batches,
    ended: bool,
}

impl Merged {
    fn step(&mut self) -> Result<Input, ImportError> {
        let next = [self.clocks.peek().map(|c| c.mono), self.named.peek()?, self.fixes.peek()?, self.imu.peek()?];
        let first = next.iter().flatten().min().copied();
        let stream = first.and_then(|first| next.iter().position(|t| *t == Some(first)));
        let input = match stream {
            Some(0) => self.clocks.next().map(Input::Clock),
            Some(1) => self.named.take().map(|(t, named)| match named {
                Named::Signal(signal) => Input::Signal(t, signal),
                Named::Command(command) => Input::Command(t, command),
            }),
            Some(2) => self.fixes.take().map(Input::Fix),
            Some(_) => self.imu.next.take().map(Input::Imu),
            None => None,
        };
        Ok(input.unwrap_or(Input::End))
    }
}

impl Iterator for Merged {
    type Item = Result<Input, ImportError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let step = self.step();
        self.ended = matches!(step, Err(_) | Ok(Input::End));
        Some(step)
    }
}

/// A stream whose next row can be looked at.
struct Head<T> {
    rows: Option<InOrder<T>>,
    next: Option<T>,
}

impl<T: Timed> Head<T> {
    fn of(stream: Option<Stream<T>>) -> Self {
        Self { rows: stream.map(|s| s.rows), next: None }
    }

    fn peek(&mut self) -> Result<Option<MonoTime>, ImportError> {
        if self.next.is_none() {
            self.next = self.rows.as_mut().and_then(Iterator::next).transpose()?;
        }
        Ok(self.next.as_ref().map(Timed::t))
    }

    fn take(&mut self) -> Option<T> {
        self.next.take()
    }
}

/// Samples in batches.
struct Batches {
    rows: Option<Peekable<InOrder<ImuSample>>>,
    size: usize,
    next: Option<Vec<ImuSample>>,
}

impl Batches {
    /// When the next batch is handed out: at its last sample, so that what happened inside it comes before it.
    fn peek(&mut self) -> Result<Option<MonoTime>, ImportError> {
        if self.next.is_none() {
            self.next = self.fill()?;
        }
        Ok(self.next.as_ref().and_then(|batch| batch.last()).map(|sample| sample.t))
    }

    fn fill(&mut self) -> Result<Option<Vec<ImuSample>>, ImportError> {
        let Some(rows) = self.rows.as_mut() else { return Ok(None) };
        let Some(first) = rows.next().transpose()? else { return Ok(None) };
        let end = first.t.0.saturating_add(MAX_BATCH_NS);
        let mut batch = vec![first];
        while batch.len() < self.size {
            // An error ends this batch; it comes when the next one is filled.
            match rows.next_if(|row| row.as_ref().is_ok_and(|sample| sample.t.0 <= end)) {
                Some(row) => batch.push(row?),
                None => break,
            }
        }
        Ok(Some(batch))
    }
}
