#!/bin/bash
# sample-lines.sh: what it takes an app to start tracking and to show trips, as the Android sample has it, is under 60 lines
# together, imports counted, comments and blank lines not.
. "$(dirname "$0")/common.sh"
LIMIT=60
sample=examples/android-app/src/main/kotlin/io/milepost/example
lines=$(cat "$sample/App.kt" "$sample/TripList.kt" | grep -cvE '^[[:space:]]*(//|/?\*|$)')
echo "App.kt and TripList.kt: $lines lines, fewer than $LIMIT wanted"
# Both do what they are counted for, or the count says nothing.
grep -q 'MilepostTracker.init(' "$sample/App.kt"
grep -q 'tracker.trips()' "$sample/TripList.kt"
[ "$lines" -lt "$LIMIT" ]
