#!/bin/bash
# kotlin-api.sh [renew]: the public API of the Kotlin SDK as Java sees it, compared with android/api.txt, where every
# change must be committed. The API is what is public in io.milepost and io.milepost.android, not in the packages below
# them. The Maven build comes first.
. "$(dirname "$0")/common.sh"
need_maven

dump() {
  local jar classes
  for jar in android/milepost/target/milepost-[0-9]*.jar android/adapters/target/milepost-android-*.jar; do
    classes=$(jar --list --file "$jar" | grep -E '^io/milepost/(android/)?[^/]+\.class$' | sed 's:\.class$::; s:/:.:g' |
      grep -vE '\$(\$|[0-9]|WhenMappings|.*\$[0-9])' | LC_ALL=C sort)
    # Not the API: what Kotlin calls internal or private (mangled names, constants), and what it makes up.
    # shellcheck disable=SC2086
    javap -public -cp "$jar:android/milepost/target/classes" $classes |
      grep -vE '^Compiled from|\$milepost|DefaultConstructorMarker|\$default\(|synthetic|component[0-9]+\(|copy\(' |
      grep -vE 'access\$|static final (int|long|byte) [A-Z_]+;' |
      awk '/^[^ }].*\{$/ { keep = /^public/ } keep'
  done
}

mkdir -p "$TARGET"
dump > "$TARGET/kotlin-api.txt"
if [ "${1:-}" = renew ]; then cp "$TARGET/kotlin-api.txt" android/api.txt; fi
if ! diff -u android/api.txt "$TARGET/kotlin-api.txt"; then
  echo "the Kotlin API has changed: scripts/kotlin-api.sh renew, and commit it" >&2
  exit 1
fi
