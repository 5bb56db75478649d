//! A snapshot from a database: it is refused, or it is an engine that can be saved and restored as the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use milepost_engine::Engine;

fuzz_target!(|bytes: &[u8]| {
    let Ok(engine) = Engine::restore(bytes) else { return };
    let Ok(saved) = engine.snapshot() else { return };
    let again = Engine::restore(&saved).expect("what was saved is restored");
    assert_eq!(again.snapshot().ok(), Some(saved));
});
