//! Packed frames, as a host pushes them: all of them are read or one error is; what is read is written and read again as
//! the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use milepost_engine::contract::Input;
use milepost_recording::frame;

fuzz_target!(|bytes: &[u8]| {
    let inputs: Vec<Input> = frame::decode(bytes).map_while(Result::ok).collect();
    let mut packed = vec![frame::VERSION];
    inputs.iter().for_each(|input| frame::encode(input, &mut packed));
    let again: Vec<Input> = frame::decode(&packed).map_while(Result::ok).collect();
    // As text: a NaN is not equal to itself.
    assert_eq!(format!("{inputs:?}"), format!("{again:?}"));
});
