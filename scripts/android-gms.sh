#!/bin/bash
# android-gms.sh: the classes of Play Services that android/play-services is compiled against, from their AARs, as jars in
# target/gms: Maven puts no AAR on a class path. Where they are not served it fails, and that module cannot be built.
. "$(dirname "$0")/common.sh"
need_maven
apt_need unzip unzip
work=$TARGET/gms
mkdir -p "$work"
for artifact in location:gms.location.version basement:gms.basement.version base:gms.base.version tasks:gms.tasks.version; do
  name=play-services-${artifact%%:*} version=$(pom_property "${artifact##*:}")
  if [ -e "$work/$name-$version.jar" ]; then continue; fi
  fetch "com.google.android.gms:$name:$version:aar" "$work"
  unzip -p "$work/$name-$version.aar" classes.jar > "$work/classes.jar"
  mv "$work/classes.jar" "$work/$name-$version.jar"
done
