//! Packed frames into an engine, to the end of the input: it says something or nothing, but never panics. Slower than
//! `frames` by a hundred times.

#![no_main]

use libfuzzer_sys::fuzz_target;
use milepost_engine::config::{Config, Preset};
use milepost_engine::contract::Input;
use milepost_engine::{Engine, Session};
use milepost_recording::frame;

fuzz_target!(|bytes: &[u8]| {
    let mut engine = Engine::new(Config::preset(Preset::Courier), &Session { seed: 1, first_seq: 1 });
    for input in frame::decode(bytes).map_while(Result::ok).chain([Input::End]) {
        engine.handle(input);
        while engine.poll().is_some() {}
    }
});
