//! Runs: the one imperative crate, with the thread, the clock, the queues and the wiring of engine, store and upload.
