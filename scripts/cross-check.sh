#!/bin/bash
# cross-check.sh CARGO_ARGUMENT…: type-checks for the five phone targets, the C of bundled SQLite and zstd included.
# E.g. cross-check.sh -p milepost-ffi --features reqwest
. "$(dirname "$0")/cross-env.sh"
for target in aarch64-linux-android armv7-linux-androideabi x86_64-linux-android aarch64-apple-ios aarch64-apple-ios-sim; do
  echo "== $target"
  cargo check --locked "${BUILD_STD[@]}" --target "$target" "$@"
done
