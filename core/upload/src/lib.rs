//! Delivers: a sans-I/O upload machine; the reqwest transport is a feature.
