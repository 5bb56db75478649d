#!/bin/bash
# android-package.sh [--no-libs]: the SDK as target/android-package/maven, a Maven repository with one AAR in it:
# io.milepost:milepost-sdk, with classes, manifest, R8 rules and the libraries of scripts/android-libs.sh, which comes
# first, as does the Maven build. --no-libs leaves the libraries out, for what can be checked without them. Without an NDK the
# version ends in -check: it is for checks, and not to be shipped. Then everything in it is checked.
. "$(dirname "$0")/common.sh"
need_maven
apt_need python3 python3
apt_need zip zip
libs=$TARGET/android-libs/ndk suffix=
if [ ! -d "$libs" ]; then libs=$TARGET/android-libs/check suffix=-check; fi
if [ "${1:-}" = --no-libs ]; then libs= suffix=-nolibs; fi
version=$(sed -n '0,/<version>/s:.*<version>\(.*\)</version>.*:\1:p' android/pom.xml)$suffix
work=$TARGET/android-package
home=$work/maven/io/milepost/milepost-sdk/$version
rm -rf "$work/aar" "$work/classes" "$work/maven"
mkdir -p "$work/aar/META-INF/com/android/build/gradle" "$work/classes" "$home"

for jar in android/bindings/target/milepost-bindings-*.jar android/milepost/target/milepost-[0-9]*.jar \
  android/adapters/target/milepost-android-*.jar; do
  (cd "$work/classes" && jar --extract --file "$ROOT/$jar")
done
rm -rf "$work/classes/META-INF/maven" "$work/classes/META-INF/MANIFEST.MF"
jar --create --no-manifest --file "$work/aar/classes.jar" -C "$work/classes" .
# What the Android build would write into it: the namespace, and the oldest Android.
sed -e 's:<manifest \([^>]*\)>:<manifest \1 package="io.milepost.android">\n  <uses-sdk android\:minSdkVersion="26" />:' \
  android/adapters/src/main/AndroidManifest.xml > "$work/aar/AndroidManifest.xml"
cp android/adapters/consumer-rules.pro "$work/aar/proguard.txt"
: > "$work/aar/R.txt"
printf 'aarFormatVersion=1.0\naarMetadataVersion=1.0\nminCompileSdk=34\n' \
  > "$work/aar/META-INF/com/android/build/gradle/aar-metadata.properties"
for abi in ${libs:+arm64-v8a armeabi-v7a x86_64}; do
  mkdir -p "$work/aar/jni/$abi"
  cp "$libs/$abi/libmilepost_ffi.so" "$work/aar/jni/$abi/"
done
(cd "$work/aar" && zip -q -X -r "$home/milepost-sdk-$version.aar" .)
# JNA as an AAR: the jar on Maven has no library for Android.
cat > "$home/milepost-sdk-$version.pom" <<P
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>io.milepost</groupId><artifactId>milepost-sdk</artifactId><version>$version</version>
  <packaging>aar</packaging>
  <licenses><license><name>Apache-2.0 OR MIT</name></license></licenses>
  <dependencies>
    <dependency><groupId>org.jetbrains.kotlin</groupId><artifactId>kotlin-stdlib</artifactId><version>$(pom_property kotlin.version)</version></dependency>
    <dependency><groupId>org.jetbrains.kotlinx</groupId><artifactId>kotlinx-coroutines-core-jvm</artifactId><version>$(pom_property coroutines.version)</version></dependency>
    <dependency><groupId>net.java.dev.jna</groupId><artifactId>jna</artifactId><version>$(pom_property jna.version)</version><type>aar</type></dependency>
  </dependencies>
</project>
P

fetch "net.java.dev.jna:jna:$(pom_property jna.version):aar" "$work" -Dmdep.stripVersion=true
scripts/android-manifest-check.sh "$work/aar/AndroidManifest.xml" examples/android-app/src/main/AndroidManifest.xml
python3 scripts/android-package-check.py "$home/milepost-sdk-$version.aar" "$work/jna.aar" "$TARGET/debug/libmilepost_ffi.so"
