#!/bin/bash
# arm64-tests.sh CARGO_TEST_ARGUMENT…: the tests of a crate on emulated arm64. E.g. arm64-tests.sh -p milepost-engine
. "$(dirname "$0")/arm64-env.sh"
cargo test "${ARM64[@]}" "$@"
