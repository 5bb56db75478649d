#!/bin/bash
# test-all.sh [STEP…]: every test there is, installing what it needs (Debian 12 with Rust, a JDK and Maven; as root).
# Steps: rust page arm64 kotlin swift judge fuzz, all seven without an argument; and the long ones, which only `long` or --all
# brings: the five phone targets, the AAR and every unit test on emulated arm64. Goes on after a failure, and ends with a table
# of what took how long.
. "$(dirname "$0")/common.sh"
exec </dev/null
export CARGO_TERM_PROGRESS_WHEN=never

if [ $# = 0 ]; then set -- rust page arm64 kotlin swift judge fuzz; fi
if [ "$*" = --all ]; then set -- rust page arm64 kotlin swift judge fuzz long; fi
report=() failed=0

# step NAME COMMAND…: runs, times and remembers.
step() {
  local name=$1 start=$SECONDS result=ok; shift
  printf '\n=== %s\n' "$name"
  "$@" || { result=FAILED; failed=1; }
  report+=("$(printf '%-28s %-7s %4d s' "$name" "$result" $((SECONDS - start)))")
}

# The generator is left out of the Rust steps: its features would end up in the library that everybody else loads.
rust() {
  local all=(--locked --workspace --exclude milepost-bindgen)
  step "cargo fmt" cargo fmt --all --check
  step "cargo test" cargo test "${all[@]}" --no-fail-fast
  step "cargo clippy" cargo clippy "${all[@]}" --all-targets -- -D warnings
}

# The command on x86-64 and on emulated arm64: the same bytes.
arm64() {
  step "the same bytes on arm64" scripts/arm64-bytes.sh
}

# What both languages need: the bindings, and replays by the command to compare with.
bindings_ready=
bindings() {
  if [ -n "$bindings_ready" ]; then return; fi
  bindings_ready=1
  step "bindings, their surface" scripts/generate-bindings.sh
  step "replays to compare with" scripts/make-vectors.sh
}

page() {
  step "report.html in Chromium" scripts/page-tests.sh
}

kotlin() {
  need_maven
  bindings
  local gms=()
  if scripts/android-gms.sh; then gms=(-Pgms); else report+=("Play Services                skipped: they are not served here"); fi
  step "Kotlin, JVM and Robolectric" mvn -B -ntp -f android/pom.xml -Dmilepost.target="$TARGET" "${gms[@]}" verify
  step "Kotlin's API" scripts/kotlin-api.sh
  step "the sample's lines" scripts/sample-lines.sh
  step "Kotlin, shrunk by R8" scripts/r8-check.sh
  step "the AAR without libraries" scripts/android-package.sh --no-libs
}

swift() {
  bindings
  step "an ingest server" cargo build --locked --workspace --exclude milepost-bindgen --bin milepost-ingest
  export SWIFT_ENV=MILEPOST_STANDINS=1
  step "Swift on Linux" scripts/swift-on-linux.sh ios "$TARGET/debug" -Xswiftc -warnings-as-errors
  step "Swift, a Rust that panics" swift_panics
  step "the iOS sample" scripts/swift-on-linux.sh examples/ios-app "$TARGET/debug" -Xswiftc -warnings-as-errors
  unset SWIFT_ENV
  step "Swift without stand-ins" env SWIFT_DO=build scripts/swift-on-linux.sh ios "$TARGET/debug" \
    -Xswiftc -warnings-as-errors
  step "the iOS package" scripts/swift-package-check.sh
}

# Another library beside the one that ships: only it can be made to panic. With any other the tests are skipped, which
# here is a failure.
swift_panics() {
  local log=$TARGET/swift-panics.log
  cargo build --locked -p milepost-ffi --features faults --target-dir "$TARGET/faults" &&
    scripts/swift-on-linux.sh ios "$TARGET/faults/debug" -Xswiftc -warnings-as-errors --filter PanicTests 2>&1 |
    tee "$log" && grep -q 'Executed [1-9][0-9]* tests, with 0 failures' "$log"
}

judge() {
  if [ ! -d ../shared/judge ] || [ ! -d ../shared/data ]; then
    report+=("judge                        skipped: no ../shared/judge or ../shared/data")
    return
  fi
  step "milepost, released" cargo build --locked --release -p milepost-replay
  step "judge --limit 5 --strict" run_judge
}

run_judge() {
  local venv=$TARGET/judge-venv
  need_venv
  if [ ! -e "$venv/.ready" ]; then
    python3 -m venv "$venv" && "$venv/bin/pip" install -q -r ../shared/judge/requirements.txt && touch "$venv/.ready" ||
      return 1
  fi
  rm -rf "$TARGET/judge"
  PYTHONDONTWRITEBYTECODE=1 "$venv/bin/python" ../shared/judge/judge.py --milepost "$TARGET/release/milepost" \
    --data ../shared/data --out "$TARGET/judge" --jobs 2 --limit 5 --strict
}

fuzz() {
  step "seven fuzz targets, 10 s each" scripts/fuzz.sh
}

long() {
  step "five phone targets" scripts/cross-check.sh -p milepost-ffi
  step "the same with reqwest" scripts/cross-check.sh -p milepost-ffi --features reqwest
  step "the library for Android" scripts/android-libs.sh
  step "the same with reqwest, arm64" env MILEPOST_FEATURES=reqwest scripts/android-libs.sh aarch64-linux-android
  # After the Kotlin step, whose classes it packs.
  step "the AAR with its libraries" scripts/android-package.sh
  step "unit tests on arm64" scripts/arm64-tests.sh -p milepost-engine -p milepost-recording -p milepost-store \
    -p milepost-upload -p milepost
}

need_rust
for name in "$@"; do
  case $name in
    rust | page | arm64 | kotlin | swift | judge | fuzz | long) "$name" ;;
    *) echo "unknown step $name: rust, page, arm64, kotlin, swift, judge, fuzz, long or --all" >&2; exit 2 ;;
  esac
done

printf '\n=== %d s in all\n' "$SECONDS"
printf '%s\n' "${report[@]}"
exit $failed
