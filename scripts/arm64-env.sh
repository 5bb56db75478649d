# arm64-env.sh: sourced by the scripts that build for arm64 and run there, emulated: cross-rust, a linker, qemu.
. "$(dirname "${BASH_SOURCE[0]}")/cross-rust.sh"
apt_need qemu-aarch64-static qemu-user-static
apt_need aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu libc6-dev-arm64-cross
SYSROOT=$(dirname "$(dirname "$(realpath "$(aarch64-linux-gnu-gcc -print-file-name=libc.so.6)")")")
# What runs a program of arm64.
EMULATOR="qemu-aarch64-static -L $SYSROOT"
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER=$EMULATOR
ARM64=(--locked "${BUILD_STD[@]}" --target aarch64-unknown-linux-gnu)
