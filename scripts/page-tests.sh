#!/bin/bash
# page-tests.sh [--screenshot]: looks at report.html in headless Chromium (tests/page), installing what that needs.
# With --screenshot it makes the README's pictures anew instead.
. "$(dirname "$0")/common.sh"

need_rust
apt_need node nodejs
apt_need npm npm
apt_need chromium chromium fonts-dejavu-core

cargo build --locked --release -p milepost-replay
export MILEPOST=$TARGET/release/milepost
cd tests/page
npm ci --silent
if [ "${1:-}" = --screenshot ]; then
  node screenshot.mjs
else
  npm test
fi
