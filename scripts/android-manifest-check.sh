#!/bin/bash
# android-manifest-check.sh MANIFEST…: Debian's aapt2 compiles each manifest against the API of Android 10, the newest that it
# reads, and so finds what an Android build would refuse. Attributes of later Androids are not among them.
. "$(dirname "$0")/common.sh"
need_maven
apt_need aapt2 aapt
apt_need python3 python3
work=$TARGET/android-manifest
api=$work/android-10.apk
if [ ! -e "$api" ]; then
  mkdir -p "$work"
  fetch org.robolectric:android-all:10-robolectric-5803371 "$work"
  # aapt2 maps resources.arsc, which must lie there as it is.
  python3 - "$work/android-all-10-robolectric-5803371.jar" "$api" <<'P'
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as jar, zipfile.ZipFile(sys.argv[2], "w", zipfile.ZIP_STORED) as apk:
    for name in ("AndroidManifest.xml", "resources.arsc"):
        apk.writestr(zipfile.ZipInfo(name), jar.read(name))
P
  rm "$work/android-all-10-robolectric-5803371.jar"
fi
check() {
  python3 - "$1" "$work/AndroidManifest.xml" <<'P'
import re, sys
text = open(sys.argv[1]).read()
# The Android build writes it there from the namespace.
if " package=" not in text: text = re.sub(r"<manifest ", '<manifest package="io.milepost.example" ', text, count=1)
open(sys.argv[2], "w").write(text)
P
  aapt2 link -I "$api" --manifest "$work/AndroidManifest.xml" --min-sdk-version 26 --target-sdk-version 29 -o "$work/out.apk"
}
for manifest in "$@"; do
  check "$manifest"
  echo "$manifest: valid"
done
# It must be able to fail.
sed 's/android:exported=/android:exportd=/' "$1" > "$work/broken.xml"
if check "$work/broken.xml" 2>/dev/null; then echo "aapt2 accepts anything" >&2; exit 1; fi
