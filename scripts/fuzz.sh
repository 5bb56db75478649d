#!/bin/bash
# fuzz.sh [--seconds N | --runs N] [TARGET…]: fuzzes everything that reads bytes of others, ten seconds each without an
# argument. Fails at the first crash, hang or leak of memory, and says where its input lies. Kept corpora are in
# fuzz/corpus; what a run finds beside them stays in fuzz/found, which is not kept.
. "$(dirname "$0")/common.sh"

limit=-max_total_time=10
case ${1:-} in
  --seconds) limit=-max_total_time=$2; shift 2 ;;
  --runs) limit=-runs=$2; shift 2 ;;
esac
if [ $# = 0 ]; then set -- frames engine recording codecs import answer snapshot; fi

# libFuzzer's coverage flags are unstable. There is no unsafe code here, so no sanitizer, which would halve the speed.
export RUSTC_BOOTSTRAP=1
need_rust
command -v cargo-fuzz >/dev/null || cargo install --locked cargo-fuzz
for target in "$@"; do
  mkdir -p "fuzz/found/$target"
  cargo fuzz run --sanitizer none "$target" "fuzz/found/$target" "fuzz/corpus/$target" -- \
    "$limit" -timeout=10 -rss_limit_mb=2048 -max_len=4096 -verbosity=0 -print_final_stats=1 || exit 1
done
