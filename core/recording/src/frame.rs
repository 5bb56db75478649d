//! Packed little-endian frames: the bytes in which engine inputs cross the FFI and lie in recordings. Knows the layout
//! (`docs/ffi.md`) and nothing of files, blocks or checksums; whether a value makes sense is the engine's intake's.
//!
//! A buffer is one version byte, then frames of `u32 body_len, u8 kind, body`.

use milepost_engine::contract::Input;
use milepost_engine::parse::{self, KINDS, Named};
use milepost_engine::sample::{Clock, Fix, ImuSample, MonoTime};

/// The version of the layout: the first byte of every buffer.
pub const VERSION: u8 = 1;
/// The most samples in one IMU frame; a larger batch becomes several frames, so that no frame is over 64 KB.
pub const MAX_SAMPLES: usize = 2048;

const KIND_IMU: u8 = 1;
const KIND_FIX: u8 = 2;
const KIND_NAMED: u8 = 3;
const KIND_CLOCK: u8 = 4;
const KIND_TICK: u8 = 5;
const KIND_END: u8 = 6;

/// Bytes of one IMU sample.
const SAMPLE_BYTES: usize = 32;
/// Bit 0 of a fix's flags.
const FLAG_MOCK: u8 = 1;
/// The NaN that every platform's `Float.NaN` is: "not measured".
const UNKNOWN_F32: u32 = 0x7fc0_0000;
/// A value that was measured as NaN, which intake counts; any NaN but [`UNKNOWN_F32`] reads as this.
const MEASURED_NAN: u32 = 0x7fc0_0001;
const UNKNOWN_I64: i64 = i64::MIN;
const UNKNOWN_I32: i32 = i32::MIN;

/// Appends an input as one frame (a large IMU batch as several). An empty buffer gets its version byte first.
pub fn encode(input: &Input, out: &mut Vec<u8>) {
    if out.is_empty() {
        out.push(VERSION);
    }
    match input {
        Input::Imu(samples) if samples.is_empty() => frame(out, KIND_IMU, |_| {}),
        Input::Imu(samples) => {
            for batch in samples.chunks(MAX_SAMPLES) {
                frame(out, KIND_IMU, |out| batch.iter().for_each(|sample| put_sample(sample, out)));
            }
        }
        Input::Fix(fix) => frame(out, KIND_FIX, |out| put_fix(fix, out)),
        Input::Signal(t, signal) => put_named(*t, &Named::Signal(signal.clone()), out),
        Input::Command(t, command) => put_named(*t, &Named::Command(command.clone()), out),
        Input::Clock(clock) => frame(out, KIND_CLOCK, |out| {
            put_i64(clock.mono.0, out);
            put_i64(clock.wall_ms.unwrap_or(UNKNOWN_I64), out);
            out.extend_from_slice(&clock.utc_offset_min.unwrap_or(UNKNOWN_I32).to_le_bytes());
            out.extend_from_slice(clock.boot_id.as_bytes());
        }),
        Input::Tick(t) => frame(out, KIND_TICK, |out| put_i64(t.0, out)),
        Input::End => frame(out, KIND_END, |_| {}),
    }
}

/// Reads a buffer. A frame with a bad body is reported and the next one is read; broken framing ends it.
pub fn decode(buffer: &[u8]) -> Decoder<'_> {
    match buffer.split_first() {
        Some((&VERSION, rest)) => Decoder { rest, frame: 0, refused: None },
        Some((&version, _)) => Decoder { rest: &[], frame: 0, refused: Some(FrameReason::Version(version)) },
        None => Decoder { rest: &[], frame: 0, refused: Some(FrameReason::Empty) },
    }
}

/// The inputs of a buffer, in its order.
#[derive(Clone, Debug)]
pub struct Decoder<'a> {
    rest: &'a [u8],
    /// How many frames were begun.
    frame: usize,
    /// What is wrong with the version byte, until it is said.
    refused: Option<FrameReason>,
}

/// What is wrong with which frame.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("frame {frame}: {reason}")]
pub struct FrameError {
    /// Its number in the buffer, from 1; 0 is the version byte.
    pub frame: usize,
    /// What is wrong.
    pub reason: FrameReason,
}

/// What can be wrong with a frame.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameReason {
    /// No version byte.
    #[error("the buffer is empty, it should begin with a version byte")]
    Empty,
    /// Another layout.
    #[error("the layout has version {0}, this library reads version {VERSION}")]
    Version(u8),
    /// Fewer than the five bytes of a header are left.
    #[error("{0} bytes are left, a frame's header has 5")]
    Header(usize),
    /// The buffer ends inside the body.
    #[error("the body should have {claimed} bytes, {left} are left")]
    Torn {
        /// What the header says.
        claimed: usize,
        /// What there is.
        left: usize,
    },
    /// A kind that this version does not know.
    #[error("unknown kind {0}")]
    Kind(u8),
    /// A body of a length that its kind cannot have.
    #[error("{kind} of {bytes} bytes")]
    Length {
        /// What it is.
        kind: &'static str,
        /// The length of its body.
        bytes: usize,
    },
    /// Flags that this version does not know.
    #[error("a fix with unknown flags {0:#04x}")]
    Flags(u8),
    /// Text that is not UTF-8.
    #[error("the text of a {0} is not UTF-8")]
    Utf8(&'static str),
    /// A code beyond the table of kinds.
    #[error("unknown code {0} of a named value")]
    Code(u8),
    /// A named value that is none.
    #[error(transparent)]
    Named(#[from] parse::NamedError),
}

impl Iterator for Decoder<'_> {
    type Item = Result<Input, FrameError>;

    fn next(&mut self) -> Option<Self::Item> {
        let result = self.step().transpose()?;
        Some(result.map_err(|reason| FrameError { frame: self.frame, reason }))
    }
}

impl Decoder<'_> {
    fn step(&mut self) -> Result<Option<Input>, FrameReason> {
        if let Some(reason) = self.refused.take() {
            return Err(reason);
        }
        if self.rest.is_empty() {
            return Ok(None);
        }
        self.frame += 1;
        let Some((head, rest)) = self.rest.split_first_chunk::<5>() else {
            let left = self.rest.len();
            return self.stop(FrameReason::Header(left));
        };
        let [l0, l1, l2, l3, kind] = *head;
        let claimed = u32::from_le_bytes([l0, l1, l2, l3]) as usize;
        let Some((body, rest)) = rest.split_at_checked(claimed) else {
            let left = rest.len();
            return self.stop(FrameReason::Torn { claimed, left });
        };
        self.rest = rest;
        read_body(kind, body).map(Some)
    }

    fn stop(&mut self, reason: FrameReason) -> Result<Option<Input>, FrameReason> {
        self.rest = &[];
        Err(reason)
    }
}

fn read_body(kind: u8, body: &[u8]) -> Result<Input, FrameReason> {
    let mut bytes = Bytes(body);
    let whole = |kind: &'static str| FrameReason::Length { kind, bytes: body.len() };
    match kind {
        KIND_IMU => {
            let (samples, rest) = body.as_chunks::<SAMPLE_BYTES>();
            if !rest.is_empty() {
                return Err(whole("an IMU batch"));
            }
            let samples: Option<Vec<ImuSample>> = samples.iter().map(|sample| Bytes(sample).sample()).collect();
            samples.map(Input::Imu).ok_or_else(|| whole("an IMU batch"))
        }
        KIND_FIX => {
            let Some((fix, flags)) = bytes.fix().filter(|_| bytes.0.is_empty()) else { return Err(whole("a fix")) };
            if flags & !FLAG_MOCK != 0 {
                return Err(FrameReason::Flags(flags));
            }
            Ok(Input::Fix(fix))
        }
        KIND_NAMED => {
            let Some((t, code, confidence)) = bytes.named() else { return Err(whole("a named value")) };
            let kind = KINDS.get(code as usize).ok_or(FrameReason::Code(code))?;
            let value = str::from_utf8(bytes.0).map_err(|_| FrameReason::Utf8("named value"))?;
            Ok(match parse::parse(kind, value, confidence)? {
                Named::Signal(signal) => Input::Signal(t, signal),
                Named::Command(command) => Input::Command(t, command),
            })
        }
        KIND_CLOCK => {
            let Some((mono, wall_ms, offset)) = bytes.clock() else { return Err(whole("a clock")) };
            let boot_id = str::from_utf8(bytes.0).map_err(|_| FrameReason::Utf8("clock"))?.to_owned();
            let utc_offset_min = (offset != UNKNOWN_I32).then_some(offset);
            Ok(Input::Clock(Clock { mono, wall_ms: known(wall_ms), boot_id, utc_offset_min }))
        }
        KIND_TICK => {
            let t = bytes.i64().filter(|_| bytes.0.is_empty()).ok_or_else(|| whole("a tick"))?;
            Ok(Input::Tick(MonoTime(t)))
        }
        KIND_END if body.is_empty() => Ok(Input::End),
        KIND_END => Err(whole("an end of input")),
        kind => Err(FrameReason::Kind(kind)),
    }
}

/// What is left of a body.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    fn i64(&mut self) -> Option<i64> {
        self.take().map(i64::from_le_bytes)
    }

    fn f64(&mut self) -> Option<f64> {
        self.take().map(f64::from_le_bytes)
    }

    fn bits(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn optional(&mut self) -> Option<Option<f32>> {
        self.bits().map(|bits| (bits != UNKNOWN_F32).then(|| f32::from_bits(bits)))
    }

    fn three(&mut self) -> Option<[u32; 3]> {
        Some([self.bits()?, self.bits()?, self.bits()?])
    }

    fn sample(&mut self) -> Option<ImuSample> {
        let t = MonoTime(self.i64()?);
        let force = self.three()?.map(f32::from_bits);
        let rate = self.three()?;
        let rate_rad_s = (rate != [UNKNOWN_F32; 3]).then(|| rate.map(f32::from_bits));
        Some(ImuSample { t, force_mps2: force, rate_rad_s })
    }

    fn fix(&mut self) -> Option<(Fix, u8)> {
        let t = MonoTime(self.i64()?);
        let (lat_deg, lon_deg) = (self.f64()?, self.f64()?);
        let (alt_m, speed_mps) = (self.optional()?, self.optional()?);
        let (bearing_deg, hacc_m) = (self.optional()?, self.optional()?);
        let arrived = known(self.i64()?).map(MonoTime);
        let wall_ms = known(self.i64()?);
        let [flags] = self.take()?;
        let mock = flags & FLAG_MOCK != 0;
        Some((Fix { t, lat_deg, lon_deg, alt_m, speed_mps, bearing_deg, hacc_m, arrived, wall_ms, mock }, flags))
    }

    fn named(&mut self) -> Option<(MonoTime, u8, Option<f32>)> {
        let t = MonoTime(self.i64()?);
        let [code] = self.take()?;
        let confidence = f32::from_bits(self.bits()?);
        Some((t, code, (!confidence.is_nan()).then_some(confidence)))
    }

    fn clock(&mut self) -> Option<(MonoTime, i64, i32)> {
        Some((MonoTime(self.i64()?), self.i64()?, self.take().map(i32::from_le_bytes)?))
    }
}

fn known(value: i64) -> Option<i64> {
    (value != UNKNOWN_I64).then_some(value)
}

fn frame(out: &mut Vec<u8>, kind: u8, body: impl FnOnce(&mut Vec<u8>)) {
    let head = out.len();
    out.extend_from_slice(&[0, 0, 0, 0, kind]);
    let start = out.len();
    body(out);
    // Bodies are bounded by MAX_SAMPLES and MAX_VALUE_BYTES, far below 4 GB.
    let len = u32::try_from(out.len() - start).unwrap_or(u32::MAX);
    if let Some(slot) = out.get_mut(head..head + 4) {
        slot.copy_from_slice(&len.to_le_bytes());
    }
}

fn put_i64(value: i64, out: &mut Vec<u8>) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn put_f32(value: Option<f32>, out: &mut Vec<u8>) {
    let bits = match value {
        None => UNKNOWN_F32,
        Some(v) if v.is_nan() => MEASURED_NAN,
        Some(v) => v.to_bits(),
    };
    out.extend_from_slice(&bits.to_le_bytes());
}

fn put_sample(sample: &ImuSample, out: &mut Vec<u8>) {
    put_i64(sample.t.0, out);
    sample.force_mps2.iter().for_each(|v| put_f32(Some(*v), out));
    match sample.rate_rad_s {
        Some(rate) => rate.iter().for_each(|v| put_f32(Some(*v), out)),
        None => [None; 3].into_iter().for_each(|v| put_f32(v, out)),
    }
}

fn put_fix(fix: &Fix, out: &mut Vec<u8>) {
    put_i64(fix.t.0, out);
    out.extend_from_slice(&fix.lat_deg.to_le_bytes());
    out.extend_from_slice(&fix.lon_deg.to_le_bytes());
    [fix.alt_m, fix.speed_mps, fix.bearing_deg, fix.hacc_m].into_iter().for_each(|v| put_f32(v, out));
    put_i64(fix.arrived.map_or(UNKNOWN_I64, |t| t.0), out);
    put_i64(fix.wall_ms.unwrap_or(UNKNOWN_I64), out);
    out.push(if fix.mock { FLAG_MOCK } else { 0 });
}

fn put_named(t: MonoTime, named: &Named, out: &mut Vec<u8>) {
    let (kind, value, confidence) = parse::write(named);
    // The table has 17 kinds; `write` gives one of them.
    let code = KINDS.iter().position(|k| *k == kind).and_then(|i| u8::try_from(i).ok()).unwrap_or(u8::MAX);
    frame(out, KIND_NAMED, |out| {
        put_i64(t.0, out);
        out.push(code);
        put_f32(confidence, out);
        out.extend_from_slice(value.as_bytes());
    });
}

#[cfg(test)]
pub(crate) mod tests;
