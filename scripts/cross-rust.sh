# cross-rust.sh: sourced by the scripts that build for other machines: a Rust that can, with the sources of its library.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
need_rust
TOOLS=${CROSS_TOOLS:-$TARGET/cross-tools}
mkdir -p "$TOOLS"
TOOLS=$(cd "$TOOLS" && pwd)

# Debian's Rust with its library sources, for a toolchain without rust-src. Downloaded and unpacked, never installed:
# rustc-web conflicts with rustc. apt names the dependencies and their versions.
if [ ! -e "$TOOLS/.rust" ]; then
  apt_update
  mkdir -p "$TOOLS/debs/partial" "$TOOLS/root"
  as_root apt-get -q install -y --download-only --no-install-recommends -o Dir::Cache::archives="$TOOLS/debs" \
    rustc-web rust-web-src </dev/null
  for d in "$TOOLS"/debs/*.deb; do dpkg -x "$d" "$TOOLS/root"; done
  as_root rm -rf "$TOOLS/debs"
  touch "$TOOLS/.rust"
fi

export RUSTC="$TOOLS/root/usr/bin/rustc" RUSTDOC="$TOOLS/root/usr/bin/rustdoc" RUSTC_BOOTSTRAP=1
export LD_LIBRARY_PATH="$TOOLS/root/usr/lib/x86_64-linux-gnu"
BUILD_STD=(-Zbuild-std=std,panic_unwind --target-dir "$TARGET/cross")
