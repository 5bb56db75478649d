#!/bin/bash
# android-libs.sh [TARGET…]: the library for Android as target/android-libs/BY/ABI/libmilepost_ffi.so, stripped, and beside it
# in symbols/ABI the same with symbols, for crash reports. BY is `ndk` where ANDROID_NDK_HOME is set, else `check`, which
# is not to be shipped (scripts/android-env.sh says why). MILEPOST_FEATURES=reqwest builds the HTTP client in, into BY-reqwest.
. "$(dirname "$0")/android-env.sh"
if [ $# = 0 ]; then set -- aarch64-linux-android armv7-linux-androideabi x86_64-linux-android; fi
features=${MILEPOST_FEATURES:-}
out=$TARGET/android-libs/$ANDROID_BY${features:+-$features}
strip=$(command -v llvm-strip || command -v strip)

for target in "$@"; do
  abi=$(abi_of "$target")
  echo "== $target: $abi"
  link_for "$target"
  # Only the shared library: for the static one all of the link-time optimisation would be done again.
  CARGO_PROFILE_PHONE_STRIP=none cargo rustc --locked --profile phone "${BUILD_STD[@]}" --target "$target" \
    -p milepost-ffi ${features:+--features "$features"} --crate-type cdylib
  mkdir -p "$out/$abi" "$out/symbols/$abi"
  cp "${BUILD_STD[-1]}/$target/phone/libmilepost_ffi.so" "$out/symbols/$abi/"
  "$strip" --strip-unneeded -o "$out/$abi/libmilepost_ffi.so" "$out/symbols/$abi/libmilepost_ffi.so"
done
