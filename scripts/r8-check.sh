#!/bin/bash
# r8-check.sh: shrinks the Android SDK with R8 and the rules that apps get from it (android/adapters/consumer-rules.pro),
# then replays recordings with what is left, on this JVM, against the Rust library. The Maven build, the bindings and
# scripts/make-vectors.sh come first.
. "$(dirname "$0")/common.sh"
need_maven
work=$TARGET/r8
rm -rf "$work"
mkdir -p "$work/lib"

# The versions are those of the poms; R8's is the newest that JDK 17 runs.
lib() { fetch "$1" "$work/lib" -Dmdep.stripVersion=true; }
lib com.android.tools:r8:8.5.35
lib "org.robolectric:android-all:$(pom_property android.version)"
lib "org.jetbrains.kotlin:kotlin-stdlib:$(pom_property kotlin.version)"
lib "org.jetbrains.kotlinx:kotlinx-coroutines-core-jvm:$(pom_property coroutines.version)"
lib "net.java.dev.jna:jna:$(pom_property jna.version)"
lib org.jetbrains:annotations:13.0

# What stands in for an app: a main beside the tests, which is all that keeps anything but the rules.
tests=android/milepost/target/test-classes
jar --create --file "$work/app.jar" $(cd "$tests" && find io/milepost -name 'ShrunkMain*.class' -o -name 'Replay.class' \
  -o -name 'Replay$*.class' -o -name 'ReplayKt*.class' | sed "s:^:-C $tests :")
{
  echo '-keep class io.milepost.ShrunkMainKt { public static void main(java.lang.String[]); }'
  # The Android build keeps what a manifest names; here is no Android build.
  sed -n 's/.*android:name="\(io\.milepost\.[A-Za-z.]*\)".*/-keep class \1 { <init>(); }/p' \
    android/adapters/src/main/AndroidManifest.xml
} > "$work/app.pro"

own=(android/bindings/target/milepost-bindings-*.jar android/milepost/target/milepost-[0-9]*.jar
  android/adapters/target/milepost-android-*.jar)
java -cp "$work/lib/r8.jar" com.android.tools.r8.R8 --release --classfile \
  --lib "${JAVA_HOME:-$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")}" --lib "$work/lib/android-all.jar" \
  --pg-conf android/adapters/consumer-rules.pro --pg-conf "$work/app.pro" --output "$work/shrunk.jar" \
  "$work/app.jar" "${own[@]}" "$work/lib/kotlin-stdlib.jar" "$work/lib/kotlinx-coroutines-core-jvm.jar" "$work/lib/jna.jar" \
  "$work/lib/annotations.jar"

java -Djna.library.path="$TARGET/debug" -Dmilepost.vectors="$TARGET/vectors" \
  -cp "$work/shrunk.jar" io.milepost.ShrunkMainKt
printf 'classes: %s before, %s after\n' \
  "$(for jar in "$work/app.jar" "${own[@]}" "$work"/lib/{kotlin-stdlib,kotlinx-coroutines-core-jvm,jna}.jar; do
    jar --list --file "$jar"; done | grep -c 'class$')" "$(jar --list --file "$work/shrunk.jar" | grep -c 'class$')"
