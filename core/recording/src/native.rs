//! The native recording: an append-only file of what went into an engine, in the frames of [`crate::frame`]. Written on
//! phones, so a file may end anywhere: what follows the last whole block is cut and reported, never an error.
//!
//! Layout (`docs/recording.md`), little-endian: the magic, `u16` format version, `u32` length and `u32` CRC-32 of the
//! header, the header as JSON; then blocks of `u32 compressed_len, u32 raw_len, u32 crc32, zstd(frames)`. Whoever opens
//! the file owns its name, its place and its end.

use std::io::{self, Read, Write};

use milepost_engine::contract::Input;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::frame::{self, FrameError};

/// The first bytes of every recording. Not text, and broken by every careless text conversion.
pub const MAGIC: [u8; 8] = *b"\x8eMPREC\r\n";
/// The version that [`Writer`] writes and [`Reader`] reads.
pub const FORMAT_VERSION: u16 = 1;

/// Frames in a block before it is sealed: large enough to compress, small enough to lose. At 100 Hz 20 s of samples.
const BLOCK_BYTES: usize = 64 * 1024;
/// A block is sealed by the frame that fills it, and no frame is much larger than 64 KB.
const MAX_RAW_BYTES: usize = 4 * BLOCK_BYTES;
/// What does not compress grows by less than this.
const MAX_COMPRESSED_BYTES: usize = MAX_RAW_BYTES + 4096;
/// A configuration is some 4 KB.
const MAX_HEADER_BYTES: usize = 1 << 20;
/// zstd's own default; higher levels gain nothing on floats.
const LEVEL: i32 = 3;

/// What is known before the first input.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Header {
    /// The engine's configuration, flat.
    pub config: Map<String, Value>,
    /// From which ids derive.
    pub seed: u64,
    /// `android` or `ios`.
    pub platform: Option<String>,
    /// The phone.
    pub device: Option<String>,
    /// Minutes east of UTC when it began.
    pub utc_offset_min: Option<i32>,
    /// The `seq` of the first record that the engine made of these inputs.
    pub first_seq: u64,
    /// The version of the engine's snapshots when it was made.
    pub snapshot_version: u32,
}

/// Why a file is no recording, or not to be read on.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// The system says no.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Another kind of file.
    #[error("is no recording: it begins with other bytes")]
    Magic,
    /// Of a later version of this library.
    #[error("has format version {0}, this library reads up to {FORMAT_VERSION}")]
    Newer(u16),
    /// The header does not hold together.
    #[error("the header is damaged: {0}")]
    Header(String),
    /// A whole block that this version cannot read.
    #[error("block {block}: {error}")]
    Frame {
        /// Its number, from 1.
        block: u64,
        /// What is wrong in it.
        error: FrameError,
    },
}

/// Where a recording was cut, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The first byte that was not used; whoever wants to append shall cut the file here.
    pub at: u64,
    /// What is wrong with the block that begins there.
    pub reason: CutReason,
}

/// What is wrong with a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CutReason {
    /// The file ends inside it: the writer was stopped.
    #[error("the file ends inside a block")]
    Torn,
    /// It says lengths that no writer writes.
    #[error("a block of an impossible length")]
    Length,
    /// Its bytes are not what was written.
    #[error("a block's checksum is wrong")]
    Checksum,
}

/// Appends inputs. What is not sealed when it is dropped is lost: [`Writer::flush`] first.
pub struct Writer<W: Write> {
    out: W,
    raw: Vec<u8>,
    compressor: zstd::bulk::Compressor<'static>,
}

impl<W: Write> Writer<W> {
    /// Begins a recording with its header.
    pub fn create(mut out: W, header: &Header) -> io::Result<Self> {
        let json = serde_json::to_vec(header)?;
        let mut head = MAGIC.to_vec();
        head.extend_from_slice(&FORMAT_VERSION.to_le_bytes());
        head.extend_from_slice(&length(json.len())?.to_le_bytes());
        head.extend_from_slice(&crc32fast::hash(&json).to_le_bytes());
        head.extend_from_slice(&json);
        out.write_all(&head)?;
        Self::append(out)
    }

    /// Goes on with a recording: `out` stands behind its last whole block.
    pub fn append(out: W) -> io::Result<Self> {
        Ok(Self { out, raw: Vec::new(), compressor: zstd::bulk::Compressor::new(LEVEL)? })
    }

    /// Adds an input; writes only when a block is full.
    pub fn push(&mut self, input: &Input) -> io::Result<()> {
        match input {
            // No single input may overfill a block.
            Input::Imu(samples) if samples.len() > frame::MAX_SAMPLES => {
                samples.chunks(frame::MAX_SAMPLES).try_for_each(|batch| self.add(&Input::Imu(batch.to_vec())))
            }
            input => self.add(input),
        }
    }

    /// Seals the open block and flushes, so that everything so far survives the process.
    pub fn flush(&mut self) -> io::Result<()> {
        self.seal()?;
        self.out.flush()
    }

    /// Flushes and gives back what it writes to.
    pub fn finish(mut self) -> io::Result<W> {
        self.flush()?;
        Ok(self.out)
    }

    fn add(&mut self, input: &Input) -> io::Result<()> {
        frame::encode(input, &mut self.raw);
        if self.raw.len() >= BLOCK_BYTES { self.seal() } else { Ok(()) }
    }

    fn seal(&mut self) -> io::Result<()> {
        if self.raw.is_empty() {
            return Ok(());
        }
        let compressed = self.compressor.compress(&self.raw)?;
        let lengths = lengths(compressed.len(), self.raw.len())?;
        let mut block = lengths.to_vec();
        block.extend_from_slice(&checksum(&lengths, &compressed).to_le_bytes());
        block.extend_from_slice(&compressed);
        self.raw.clear();
        self.out.write_all(&block)
    }
}

/// Reads the inputs of a recording, up to its end or where it is damaged.
pub struct Reader<R: Read> {
    source: R,
    header: Header,
    inputs: std::vec::IntoIter<Input>,
    /// Where the next block begins.
    at: u64,
    blocks: u64,
    ended: bool,
    cut: Option<Cut>,
}

impl<R: Read> Reader<R> {
    /// Reads the header.
    pub fn open(mut source: R) -> Result<Self, RecordingError> {
        let mut head = [0; 18];
        let got = read_full(&mut source, &mut head)?;
        if !head.starts_with(&MAGIC) {
            return Err(RecordingError::Magic);
        }
        let [.., v0, v1, l0, l1, l2, l3, c0, c1, c2, c3] = head;
        let version = u16::from_le_bytes([v0, v1]);
        if got >= 10 && version > FORMAT_VERSION {
            return Err(RecordingError::Newer(version));
        }
        let damaged = |what: &str| RecordingError::Header(what.to_owned());
        let len = u32::from_le_bytes([l0, l1, l2, l3]) as usize;
        if got < head.len() || len > MAX_HEADER_BYTES {
            return Err(damaged(if got < head.len() { "the file ends in it" } else { "an impossible length" }));
        }
        let mut json = vec![0; len];
        if read_full(&mut source, &mut json)? < len {
            return Err(damaged("the file ends in it"));
        }
        if crc32fast::hash(&json) != u32::from_le_bytes([c0, c1, c2, c3]) {
            return Err(damaged("its checksum is wrong"));
        }
        let header = serde_json::from_slice(&json).map_err(|e| RecordingError::Header(e.to_string()))?;
        let at = (head.len() + len) as u64;
        Ok(Self { source, header, inputs: Vec::new().into_iter(), at, blocks: 0, ended: false, cut: None })
    }

    /// What is known before the first input.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// How many bytes were good so far.
    pub fn position(&self) -> u64 {
        self.at
    }

    /// Once the inputs are at their end: where and why the file was cut, if it was.
    pub fn cut(&self) -> Option<Cut> {
        self.cut
    }

    fn next_block(&mut self) -> Result<Option<Vec<Input>>, RecordingError> {
        let mut head = [0; 12];
        let got = read_full(&mut self.source, &mut head)?;
        if got == 0 {
            return Ok(None);
        }
        let [l0, l1, l2, l3, r0, r1, r2, r3, c0, c1, c2, c3] = head;
        let compressed_len = u32::from_le_bytes([l0, l1, l2, l3]) as usize;
        let raw_len = u32::from_le_bytes([r0, r1, r2, r3]) as usize;
        if got < head.len() {
            return Ok(self.cut_here(CutReason::Torn));
        }
        if compressed_len == 0 || compressed_len > MAX_COMPRESSED_BYTES || raw_len > MAX_RAW_BYTES {
            return Ok(self.cut_here(CutReason::Length));
        }
        let mut compressed = vec![0; compressed_len];
        if read_full(&mut self.source, &mut compressed)? < compressed_len {
            return Ok(self.cut_here(CutReason::Torn));
        }
        let lengths = [l0, l1, l2, l3, r0, r1, r2, r3];
        if checksum(&lengths, &compressed) != u32::from_le_bytes([c0, c1, c2, c3]) {
            return Ok(self.cut_here(CutReason::Checksum));
        }
        let raw = zstd::bulk::decompress(&compressed, raw_len).unwrap_or_default();
        if raw.len() != raw_len {
            return Ok(self.cut_here(CutReason::Checksum));
        }
        self.blocks += 1;
        let inputs = frame::decode(&raw).collect::<Result<Vec<_>, _>>();
        let inputs = inputs.map_err(|error| RecordingError::Frame { block: self.blocks, error })?;
        self.at += (head.len() + compressed_len) as u64;
        Ok(Some(inputs))
    }

    fn cut_here(&mut self, reason: CutReason) -> Option<Vec<Input>> {
        self.cut = Some(Cut { at: self.at, reason });
        None
    }
}

impl<R: Read> Iterator for Reader<R> {
    type Item = Result<Input, RecordingError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(input) = self.inputs.next() {
                return Some(Ok(input));
            }
            if self.ended {
                return None;
            }
            let block = self.next_block();
            self.ended = !matches!(block, Ok(Some(_)));
            match block {
                Ok(Some(inputs)) => self.inputs = inputs.into_iter(),
                Ok(None) => return None,
                Err(e) => return Some(Err(e)),
            }
        }
    }
}

fn length(len: usize) -> io::Result<u32> {
    u32::try_from(len).map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "a length over 4 GB"))
}

fn lengths(compressed: usize, raw: usize) -> io::Result<[u8; 8]> {
    let ([c0, c1, c2, c3], [r0, r1, r2, r3]) = (length(compressed)?.to_le_bytes(), length(raw)?.to_le_bytes());
    Ok([c0, c1, c2, c3, r0, r1, r2, r3])
}

/// Of the lengths too: a changed length must not lead a reader astray.
fn checksum(lengths: &[u8; 8], compressed: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(lengths);
    crc.update(compressed);
    crc.finalize()
}

/// Fills the buffer as far as there are bytes; says how far.
fn read_full(source: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut got = 0;
    while let Some(rest) = buffer.get_mut(got..).filter(|rest| !rest.is_empty()) {
        match source.read(rest) {
            Ok(0) => break,
            Ok(n) => got += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(got)
}

#[cfg(test)]
mod tests;
