#!/bin/bash
# swift-package-check.sh: what of the iOS packaging can be checked without a Mac: the XCFramework's shape, made of the host's
# library; that Package.swift takes it by the environment and nothing else; plists; how short the app's code is; that
# every script is Bash.
. "$(dirname "$0")/common.sh"
. "$(dirname "${BASH_SOURCE[0]}")/xcframework.sh"
apt_need python3 python3
for script in scripts/*.sh; do bash -n "$script"; done
if command -v shellcheck >/dev/null; then shellcheck -x -S error scripts/*xcframework*.sh scripts/swift-*.sh; fi

out=ios/Frameworks/Check.xcframework
trap 'rm -rf "$ROOT/$out"; rmdir "$ROOT/ios/Frameworks" 2>/dev/null || true' EXIT
assemble "$out" ios/Generated/MilepostFFI \
  "ios-arm64|ios||arm64|$TARGET/debug/libmilepost_ffi.a" \
  "ios-arm64_x86_64-simulator|ios|simulator|arm64 x86_64|$TARGET/debug/libmilepost_ffi.a"
python3 - "$out" <<'P'
import os, plistlib, re, sys
out = sys.argv[1]
with open(f"{out}/Info.plist", "rb") as f:
    info = plistlib.load(f)
assert info["CFBundlePackageType"] == "XFWK", info
slices = info["AvailableLibraries"]
assert [s.get("SupportedPlatformVariant") for s in slices] == [None, "simulator"], slices
for s in slices:
    folder = f"{out}/{s['LibraryIdentifier']}"
    assert os.path.getsize(f"{folder}/{s['LibraryPath']}") > 1 << 20
    headers = f"{folder}/{s['HeadersPath']}/MilepostFFI"
    module = open(f"{headers}/module.modulemap").read()
    name, header = re.search(r"module (\w+)", module)[1], re.search(r'header "([^"]+)"', module)[1]
    assert name == "MilepostFFI" and os.path.exists(f"{headers}/{header}"), module
    assert os.listdir(f"{folder}/{s['HeadersPath']}") == ["MilepostFFI"], "headers outside of their module's folder"
for plist in ["ios/Sources/MilepostKit/PrivacyInfo.xcprivacy", "examples/ios-app/App/Info.plist"]:
    with open(plist, "rb") as f:
        plistlib.load(f)
with open("examples/ios-app/App/Info.plist", "rb") as f:
    info = plistlib.load(f)
assert info["BGTaskSchedulerPermittedIdentifiers"] == ["io.milepost.wake"], info
assert {"location", "fetch"} <= set(info["UIBackgroundModes"]), info
for why in ["NSLocationWhenInUseUsageDescription", "NSLocationAlwaysAndWhenInUseUsageDescription", "NSMotionUsageDescription"]:
    assert len(info[why]) > 40, f"{why} explains nothing"
P

# By the environment, and without it by the linker's path: never by an edit.
SWIFT_DO="package dump-package" SWIFT_ENV="MILEPOST_XCFRAMEWORK=Frameworks/Check.xcframework" \
  scripts/swift-on-linux.sh ios "$TARGET/debug" | python3 -c '
import json, sys
kinds = {t["name"]: t["type"] for t in json.load(sys.stdin)["targets"]}
assert kinds["MilepostFFI"] == "binary", kinds'
SWIFT_DO="package dump-package" scripts/swift-on-linux.sh ios "$TARGET/debug" | python3 -c '
import json, sys
kinds = {t["name"]: t["type"] for t in json.load(sys.stdin)["targets"]}
assert kinds["MilepostFFI"] == "system", kinds'

# What it takes to start tracking and to show trips, without comments and blank lines; the guide shows all of it.
starter=examples/ios-app/Starter/Starter.swift
lines=$(grep -cvE '^\s*(//|$)' "$starter")
echo "from nothing to a list of trips: $lines lines, goal: fewer than 60"
[ "$lines" -lt 60 ]
[ "$(ls examples/ios-app/Starter)" = Starter.swift ] || { echo "the starter is one file" >&2; exit 1; }
python3 - "$starter" <<'P'
import sys
assert "```swift\n" + open(sys.argv[1]).read() + "```\n" in open("docs/ios.md").read(), "docs/ios.md shows another starter"
P
