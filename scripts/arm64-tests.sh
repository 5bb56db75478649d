#!/bin/bash
# arm64-tests.sh CARGO_TEST_ARGUMENT…: the tests of a crate on emulated arm64. E.g. arm64-tests.sh -p milepost-engine
. "$(dirname "$0")/cross-env.sh"
apt_need qemu-aarch64-static qemu-user-static
apt_need aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu libc6-dev-arm64-cross
sysroot=$(dirname "$(dirname "$(realpath "$(aarch64-linux-gnu-gcc -print-file-name=libc.so.6)")")")
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER="qemu-aarch64-static -L $sysroot"
cargo test --locked "${BUILD_STD[@]}" --target aarch64-unknown-linux-gnu "$@"
