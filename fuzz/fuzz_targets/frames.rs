//! Packed frames, as a host pushes them: all of them are read or one error is; what is read is written and read again as
//! the same, and an engine that is given it says something or nothing, but never panics.

#![no_main]

use libfuzzer_sys::fuzz_target;
use milepost_engine::config::{Config, Preset};
use milepost_engine::contract::Input;
use milepost_engine::{Engine, Session};
use milepost_recording::frame;

fuzz_target!(|bytes: &[u8]| {
    let inputs: Vec<Input> = frame::decode(bytes).map_while(Result::ok).collect();
    let mut packed = vec![frame::VERSION];
    inputs.iter().for_each(|input| frame::encode(input, &mut packed));
    let again: Vec<Input> = frame::decode(&packed).map_while(Result::ok).collect();
    // As text: a NaN is not equal to itself.
    assert_eq!(format!("{inputs:?}"), format!("{again:?}"));
    let mut engine = Engine::new(Config::preset(Preset::Courier), &Session { seed: 1, first_seq: 1 });
    for input in inputs.into_iter().chain([Input::End]) {
        engine.handle(input);
        while engine.poll().is_some() {}
    }
});
