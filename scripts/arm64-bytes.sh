#!/bin/bash
# arm64-bytes.sh: the same bytes everywhere. The released command on x86-64 and the one on emulated arm64 must both give
# the goldens, which `cargo test` has from an x86-64 debug build; a courier's day must be the same in every file; and the
# simulator's own goldens must pass on arm64, too. The command for arm64 is not optimised: that changes no bit either,
# and the emulator takes less time than the compiler would.
. "$(dirname "$0")/common.sh"
need_rust
cargo build --locked --release -p milepost-replay
x86=$TARGET/release/milepost
arm=$TARGET/cross/milepost-arm64
# In a shell of its own: what it exports is for other machines.
(
  . scripts/arm64-env.sh
  cargo build "${ARM64[@]}" -p milepost-replay
  printf '#!/bin/sh\nexec %s "%s" "$@"\n' "$EMULATOR" "$TARGET/cross/aarch64-unknown-linux-gnu/debug/milepost" > "$arm"
  chmod +x "$arm"
  cargo test "${ARM64[@]}" -p milepost-sim --test golden
)
for milepost in "$x86" "$arm"; do
  echo "== goldens by $milepost"
  MILEPOST_COMMAND=$milepost cargo test --locked --workspace --exclude milepost-bindgen --test golden -- \
    --skip a_courier_day --skip the_
done

echo "== a courier's day on both"
days=$TARGET/days
rm -rf "$days"
"$x86" demo --seed 3 --out "$days/x86"
"$arm" demo --seed 3 --out "$days/arm"
diff -rq "$days/x86" "$days/arm"
(cd "$days/x86" && sha256sum ./*)
