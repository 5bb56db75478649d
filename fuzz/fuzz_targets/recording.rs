//! A native recording from a phone: its inputs come out up to where it is damaged, and reading ends.

#![no_main]

use libfuzzer_sys::fuzz_target;
use milepost_recording::native::Reader;

fuzz_target!(|bytes: &[u8]| {
    let Ok(mut reader) = Reader::open(bytes) else { return };
    while let Some(Ok(_)) = reader.next() {}
    let _ = (reader.position(), reader.cut());
});
