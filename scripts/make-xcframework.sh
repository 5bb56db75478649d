#!/bin/bash
# make-xcframework.sh [OUT]: the Rust library for iPhones and simulators as ios/Frameworks/Milepost.xcframework (or OUT),
# which Package.swift takes with MILEPOST_XCFRAMEWORK=Frameworks/Milepost.xcframework. On a Mac with Xcode, after
# scripts/generate-bindings.sh.
. "$(dirname "$0")/common.sh"
. "$(dirname "${BASH_SOURCE[0]}")/xcframework.sh"
need_rust
out=${1:-$ROOT/ios/Frameworks/Milepost.xcframework}
[ "$(uname)" = Darwin ] || { echo "Apple's linker and SDKs are on a Mac only" >&2; exit 1; }
export IPHONEOS_DEPLOYMENT_TARGET=15.0

targets=(aarch64-apple-ios aarch64-apple-ios-sim x86_64-apple-ios)
for target in "${targets[@]}"; do
  rustup target list --installed | grep -qx "$target" ||
    { echo "Rust's target $target is missing; install it first" >&2; exit 1; }
  cargo build --locked --profile phone -p milepost-ffi --target "$target"
done
library() { echo "$TARGET/$1/phone/libmilepost_ffi.a"; }

# One library for all simulators.
simulator=$TARGET/ios-simulator/libmilepost_ffi.a
mkdir -p "$(dirname "$simulator")"
lipo -create "$(library aarch64-apple-ios-sim)" "$(library x86_64-apple-ios)" -output "$simulator"

assemble "$out" ios/Generated/MilepostFFI \
  "ios-arm64|ios||arm64|$(library aarch64-apple-ios)" \
  "ios-arm64_x86_64-simulator|ios|simulator|arm64 x86_64|$simulator"
for slice in "$out"/*/libmilepost_ffi.a; do strip -S "$slice"; done
# A library as the store wants it says who made it.
if [ -n "${CODESIGN_IDENTITY:-}" ]; then codesign --timestamp -s "$CODESIGN_IDENTITY" "$out"; fi
du -sh "$out"/*/libmilepost_ffi.a
