#!/bin/bash
# generate-bindings.sh [--bless]: builds the library, generates Kotlin and Swift from it, and compares the surface with
# the committed one (bindings/surface.txt). --bless writes it anew: look at the difference before you commit it.
# The library lands in target/debug, the Kotlin in target/bindings/kotlin, the Swift in ios/Generated.
. "$(dirname "$0")/common.sh"
need_rust
bless=
case ${1:-} in
  --bless) bless=1 ;;
  "") ;;
  *) echo "usage: generate-bindings.sh [--bless]" >&2; exit 2 ;;
esac

# Two calls: together, feature unification would put the generator's features into the library.
cargo build --locked -p milepost-ffi
cargo build --locked -p milepost-bindgen

library=$TARGET/debug/libmilepost_ffi.so
generated=$TARGET/bindings
rm -rf "$generated"
for language in kotlin swift; do
  "$TARGET/debug/uniffi-bindgen" generate --config uniffi.toml --language $language --no-format \
    --out-dir "$generated/$language" "$library"
done

# SwiftPM wants what it compiles inside the package, and C headers in a folder of their own with this very name. Files
# that did not change keep their times, so that nothing is compiled again for them.
put() {
  mkdir -p "$(dirname "$2")"
  cmp -s "$1" "$2" || cp "$1" "$2"
}
put "$generated/swift/MilepostBindings.swift" ios/Generated/MilepostBindings/MilepostBindings.swift
put "$generated/swift/MilepostFFI.h" ios/Generated/MilepostFFI/MilepostFFI.h
put "$generated/swift/MilepostFFI.modulemap" ios/Generated/MilepostFFI/module.modulemap

scripts/ffi-surface.sh "$generated/kotlin/io/milepost/core/milepost_ffi.kt" > "$generated/surface.txt"
if [ -n "$bless" ]; then
  cp "$generated/surface.txt" bindings/surface.txt
elif ! diff -u bindings/surface.txt "$generated/surface.txt"; then
  echo "the FFI surface has changed: if it was meant, run scripts/generate-bindings.sh --bless" >&2
  exit 1
fi
