#!/bin/bash
# kotlin-cost.sh: what a sample costs on its way from Kotlin to Rust on this machine, beside the goal. A measurement, not a
# test. The Maven build comes first; the library is built as released, or MILEPOST_LIBRARY is the folder of another.
. "$(dirname "$0")/common.sh"
need_maven
library=${MILEPOST_LIBRARY:-}
if [ -z "$library" ]; then
  cargo build --locked --release -p milepost-ffi
  library=$TARGET/release
fi
lib=$TARGET/kotlin-cost
mkdir -p "$lib"
for artifact in "org.jetbrains.kotlin:kotlin-stdlib:$(pom_property kotlin.version)" \
  "org.jetbrains.kotlinx:kotlinx-coroutines-core-jvm:$(pom_property coroutines.version)" \
  "net.java.dev.jna:jna:$(pom_property jna.version)"; do
  fetch "$artifact" "$lib"
done
java -Djna.library.path="$library" \
  -cp "android/milepost/target/test-classes:android/milepost/target/classes:android/bindings/target/classes:$lib/*" \
  io.milepost.CostMainKt
