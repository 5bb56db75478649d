# cross-env.sh: sourced by cross-check.sh: a Rust that can build for phones, and a C compiler for them.
. "$(dirname "${BASH_SOURCE[0]}")/cross-rust.sh"
mkdir -p "$TOOLS/bin" "$TOOLS/sdk"
if [ ! -e "$TOOLS/.zig" ]; then
  need_venv
  python3 -m venv "$TOOLS/zig"
  "$TOOLS/zig/bin/pip" install -q ziglang==0.17.1
  touch "$TOOLS/.zig"
fi
ZIG=$("$TOOLS/zig/bin/python" -c 'import os, ziglang; print(os.path.dirname(ziglang.__file__))')

# zig_cc RUST_TARGET ZIG_ARGUMENT…: a C compiler for one Rust target, zig with its own idea of the target, without
# cc-rs's.
zig_cc() {
  local target=$1 name; shift
  cat > "$TOOLS/bin/cc-$target" <<W
#!/bin/bash
a=(); skip=
for x in "\$@"; do
  if [ -n "\$skip" ]; then skip=; continue; fi
  case \$x in
    --target=*|-march=*|-mfpu=*|-mfloat-abi=*|-mthumb|-mios-*|-miphoneos-*) ;;
    -target|-arch|-isysroot) skip=1 ;;
    *) a+=("\$x") ;;
  esac
done
exec "$ZIG/zig" cc $* "\${a[@]}"
W
  printf '#!/bin/sh\nexec "%s/zig" ar "$@"\n' "$ZIG" > "$TOOLS/bin/ar"
  chmod +x "$TOOLS/bin/cc-$target" "$TOOLS/bin/ar"
  name=$(printf %s "$target" | tr - _)
  export "CC_$name=$TOOLS/bin/cc-$target" "AR_$name=$TOOLS/bin/ar"
}
DARWIN="-isystem $ZIG/lib/libc/include/any-darwin-any"
zig_cc aarch64-linux-android    -target aarch64-linux-musl
zig_cc armv7-linux-androideabi  -target arm-linux-musleabi -mcpu=cortex_a8
zig_cc x86_64-linux-android     -target x86_64-linux-musl
zig_cc aarch64-apple-ios        -target aarch64-ios $DARWIN
zig_cc aarch64-apple-ios-sim    -target aarch64-ios-simulator $DARWIN


export SDKROOT="$TOOLS/sdk" IPHONEOS_DEPLOYMENT_TARGET=15.0   # else cc-rs asks xcrun
export ZIG_GLOBAL_CACHE_DIR="$TOOLS/zig-cache" ZIG_LOCAL_CACHE_DIR="$TOOLS/zig-cache"
