# android-env.sh: sourced by android-libs.sh: how the library is linked for Android. With ANDROID_NDK_HOME (r28 or newer, and
# rustup's targets) as it is shipped. Without an NDK with musl's headers, stand-ins for Android's libraries and zig's
# libunwind: the same Rust, sections and size, good for checks, and never to be shipped, because errno and some structs
# of C are not Android's.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# The oldest Android, as in the manifest's and the Gradle build's minSdk.
MIN_SDK=26
# Since Android 15 there are phones with pages of 16 KB, and a library with smaller ones does not load there.
PAGE=16384

# Small libraries: SQLite without modules that the store does not use (a tenth of the whole), C without tables for
# unwinding through it (panics stop where Rust is called back), zstd as its own feature "thin" has it (bodies are some KB),
# relocations in Android's packed form, which every one since 6 reads, and functions of the same code once, where nobody
# compares their addresses.
export LIBSQLITE3_FLAGS="-USQLITE_ENABLE_FTS3 -USQLITE_ENABLE_FTS3_PARENTHESIS -USQLITE_ENABLE_FTS5 -USQLITE_ENABLE_RTREE \
-USQLITE_ENABLE_STAT4 -USQLITE_ENABLE_DBSTAT_VTAB -USQLITE_SOUNDEX -USQLITE_ENABLE_LOAD_EXTENSION -DSQLITE_OMIT_LOAD_EXTENSION"
SMALL_C="-fno-asynchronous-unwind-tables -fno-unwind-tables -DHUF_FORCE_DECOMPRESS_X1=1 \
-DZSTD_FORCE_DECOMPRESS_SEQUENCES_SHORT=1 -DZSTD_NO_INLINE=1 -DZSTD_STRIP_ERROR_STRINGS=1"
LINK="-Clink-arg=-Wl,-z,max-page-size=$PAGE -Clink-arg=-Wl,-soname,libmilepost_ffi.so \
-Clink-arg=-Wl,--pack-dyn-relocs=android -Clink-arg=-Wl,--icf=safe"

abi_of() {
  case $1 in
    aarch64-linux-android) echo arm64-v8a ;;
    armv7-linux-androideabi) echo armeabi-v7a ;;
    x86_64-linux-android) echo x86_64 ;;
    *) echo "no Android target: $1" >&2; return 1 ;;
  esac
}

if [ -n "${ANDROID_NDK_HOME:-}" ]; then
  ANDROID_BY=ndk
  need_rust
  BUILD_STD=(--target-dir "$TARGET/android-ndk")
  ndk_bin=$(echo "$ANDROID_NDK_HOME"/toolchains/llvm/prebuilt/*/bin)
else
  ANDROID_BY=check
  . "$(dirname "${BASH_SOURCE[0]}")/cross-env.sh"
  apt_need ld.lld lld
  BUILD_STD=(-Zbuild-std=std,panic_unwind --target-dir "$TARGET/android-check")
fi
apt_need llvm-readelf llvm

# link_for RUST_TARGET: sets RUSTFLAGS and compilers for one target.
link_for() {
  local target=$1 name clang stubs
  name=$(printf %s "$target" | tr - _)
  export "CFLAGS_$name=$SMALL_C"
  if [ "$ANDROID_BY" = ndk ]; then
    clang=$ndk_bin/${target/armv7-linux/armv7a-linux}$MIN_SDK-clang
    export "CC_$name=$clang" "AR_$name=$ndk_bin/llvm-ar"
    export RUSTFLAGS="-Clinker=$clang $LINK"
    return
  fi
  stubs=$TOOLS/android/$target
  if [ ! -e "$stubs/.ready" ]; then
    mkdir -p "$stubs"
    : > "$stubs/empty.c"
    "$TOOLS/bin/cc-$target" -c "$stubs/empty.c" -o "$stubs/empty.o"
    for library in c m dl log; do
      ld.lld -shared -soname "lib$library.so" "$stubs/empty.o" -o "$stubs/lib$library.so"
    done
    unwinder "$target" "$stubs"
    touch "$stubs/.ready"
  fi
  export RUSTFLAGS="-Clinker=$TOOLS/bin/android-cc -Lnative=$stubs -Clink-arg=-Wl,--no-as-needed $LINK"
}

# What stands in for the NDK's clang as a linker (by its name rustc knows what kind it is):
if [ "$ANDROID_BY" = check ]; then
  cat > "$TOOLS/bin/android-cc" <<'W'
#!/bin/bash
a=()
for x in "$@"; do
  case $x in
    -Wl,*) IFS=, read -ra parts <<<"${x#-Wl,}"; a+=("${parts[@]}") ;;
    -nodefaultlibs|-nostartfiles|-nostdlib|-m32|-m64|-march=*|-fPIC|-pie) ;;
    *) a+=("$x") ;;
  esac
done
exec ld.lld "${a[@]}"
W
  chmod +x "$TOOLS/bin/android-cc"
fi

# unwinder RUST_TARGET DIR: libunwind.a, which an NDK has.
unwinder() {
  local source=$ZIG/lib/libunwind file objects=()
  for file in libunwind.cpp Unwind-EHABI.cpp UnwindLevel1.c UnwindLevel1-gcc-ext.c Unwind-sjlj.c \
    UnwindRegistersRestore.S UnwindRegistersSave.S; do
    "$TOOLS/bin/cc-$1" -c -Os -fPIC -fno-exceptions -fno-rtti -I"$source/include" -D_LIBUNWIND_IS_NATIVE_ONLY -DNDEBUG -w \
      $([ "${file##*.}" = cpp ] && echo "-std=c++17 -nostdinc++ -fstrict-aliasing" || true) \
      "$source/src/$file" -o "$2/$file.o"
    objects+=("$2/$file.o")
  done
  "$TOOLS/bin/ar" crs "$2/libunwind.a" "${objects[@]}"
}
