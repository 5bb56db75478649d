#!/bin/bash
# android-package.sh [--no-libs]: the SDK as target/android-package/maven, a Maven repository with
# io.milepost:milepost-sdk, an AAR with classes, manifest, R8 rules and the libraries of scripts/android-libs.sh, which
# comes first, as does the Maven build; and, where that was built with -Pgms, io.milepost:milepost-play-services. --no-libs leaves the libraries out, for what can be checked without them. Without an NDK the
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
rm -rf "$work"/{aar,play,maven} "$work"/*-classes

# begin_aar FOLDER MANIFEST NAMESPACE JAR…: what is in every AAR.
begin_aar() {
  local folder=$1 manifest=$2 namespace=$3 jar; shift 3
  mkdir -p "$folder/META-INF/com/android/build/gradle" "$folder-classes"
  for jar in "$@"; do (cd "$folder-classes" && jar --extract --file "$ROOT/$jar"); done
  rm -rf "$folder-classes/META-INF/maven" "$folder-classes/META-INF/MANIFEST.MF"
  jar --create --no-manifest --file "$folder/classes.jar" -C "$folder-classes" .
  # What the Android build would write into it: the namespace, and the oldest Android.
  sed -e "s:<manifest \\([^>]*\\)>:<manifest \\1 package=\"$namespace\">\\n  <uses-sdk android\\:minSdkVersion=\"26\" />:" \
    "$manifest" > "$folder/AndroidManifest.xml"
  : > "$folder/R.txt"
  printf 'aarFormatVersion=1.0\naarMetadataVersion=1.0\nminCompileSdk=34\n' \
    > "$folder/META-INF/com/android/build/gradle/aar-metadata.properties"
}

# publish FOLDER NAME: into the Maven repository, with the dependencies that stdin names: group, artifact, version, type.
publish() {
  local home=$work/maven/io/milepost/$2/$version group artifact number type
  mkdir -p "$home"
  (cd "$1" && zip -q -X -r "$home/$2-$version.aar" .)
  {
    cat <<P
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>io.milepost</groupId><artifactId>$2</artifactId><version>$version</version>
  <packaging>aar</packaging>
  <licenses><license><name>Apache-2.0 OR MIT</name></license></licenses>
  <dependencies>
P
    while read -r group artifact number type; do
      echo "    <dependency><groupId>$group</groupId><artifactId>$artifact</artifactId><version>$number</version>${type:+<type>$type</type>}</dependency>"
    done
    printf '  </dependencies>\n</project>\n'
  } > "$home/$2-$version.pom"
}

begin_aar "$work/aar" android/adapters/src/main/AndroidManifest.xml io.milepost.android \
  android/bindings/target/milepost-bindings-*.jar android/milepost/target/milepost-[0-9]*.jar \
  android/adapters/target/milepost-android-*.jar
cp android/adapters/consumer-rules.pro "$work/aar/proguard.txt"
for abi in ${libs:+arm64-v8a armeabi-v7a x86_64}; do
  mkdir -p "$work/aar/jni/$abi"
  cp "$libs/$abi/libmilepost_ffi.so" "$work/aar/jni/$abi/"
done
# JNA as an AAR: the jar on Maven has no library for Android.
publish "$work/aar" milepost-sdk <<P
org.jetbrains.kotlin kotlin-stdlib $(pom_property kotlin.version)
org.jetbrains.kotlinx kotlinx-coroutines-core-jvm $(pom_property coroutines.version)
net.java.dev.jna jna $(pom_property jna.version) aar
P
manifests=("$work/aar/AndroidManifest.xml" examples/android-app/src/main/AndroidManifest.xml)
if compgen -G "android/play-services/target/milepost-play-services-*.jar" >/dev/null; then
  begin_aar "$work/play" android/play-services/src/main/AndroidManifest.xml io.milepost.play \
    android/play-services/target/milepost-play-services-*.jar
  publish "$work/play" milepost-play-services <<P
io.milepost milepost-sdk $version aar
com.google.android.gms play-services-location $(pom_property gms.location.version) aar
P
  manifests+=("$work/play/AndroidManifest.xml")
fi

fetch "net.java.dev.jna:jna:$(pom_property jna.version):aar" "$work" -Dmdep.stripVersion=true
scripts/android-manifest-check.sh "${manifests[@]}"
python3 scripts/android-package-check.py "$work/maven/io/milepost/milepost-sdk/$version/milepost-sdk-$version.aar" "$work/jna.aar" \
  "$TARGET/debug/libmilepost_ffi.so"
