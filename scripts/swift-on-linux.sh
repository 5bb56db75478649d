#!/bin/bash
# swift-on-linux.sh PACKAGE_DIR LIBRARY_DIR [SWIFT_ARGUMENT…]: `swift test`, or another command of Swift's (SWIFT_DO, such
# as `run -c release`), of a package of this workspace against a library, with Debian trixie's Swift 6 in a root of its
# own (made once: 2.5 GB, a minute). For Debian 12, as root.
# SWIFT_ENV has variables more for Swift, NAME=VALUE, in one word each. SWIFT_ROOT names another place for the root, MILEPOST_VECTORS the folder of replays that the tests compare with.
. "$(dirname "$0")/common.sh"
package=$(realpath --relative-to "$ROOT" "$1") library=$(cd "$2" && pwd)
shift 2
root=${SWIFT_ROOT:-$TARGET/swift-root}
vectors=${MILEPOST_VECTORS:-$TARGET/vectors}

as_root unshare --mount true || { echo "Swift's root needs the right to mount" >&2; exit 1; }

# A root that was begun and not finished never gets the final name.
make_root() {
  apt_need mmdebstrap mmdebstrap
  apt_update
  local mirror
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' | sed -n 1p)
  [ -n "$mirror" ] || { echo "apt names no mirror of Debian" >&2; return 1; }
  mkdir -p "$(dirname "$root")"
  as_root rm -rf --one-file-system "$root" "$root.new"
  as_root mmdebstrap --variant=apt --include=swiftlang,libc6-dev,libstdc++-14-dev \
    --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Retries "3"' trixie "$root.new" "$mirror" </dev/null &&
    as_root touch "$root.new/.ready" &&
    as_root mv "$root.new" "$root"
}
if [ ! -e "$root/.ready" ]; then
  make_root || { echo "trying once more" >&2; make_root; }
fi

# /proc: Swift finds its own libraries through it. The whole workspace is there, read-only: packages depend on each other
# and tests look into docs. The build folder stays inside the root; its name is of the path, because the root may serve
# several workspaces, and of the variables, because a package may be another with them.
mkdir -p "$vectors"
build=/var/tmp/swift-$(printf %s "$ROOT/$package ${SWIFT_ENV:-}" | cksum | cut -d' ' -f1)
as_root unshare --mount --propagation private bash -euc '
  root=$1 workspace=$2 package=$3 library=$4 vectors=$5 build=$6 do=$7 env=$8
  shift 8
  mkdir -p "$root"/{w,l,v}
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  mount --bind "$workspace" "$root/w"
  mount -o remount,bind,ro "$root/w"
  mount --bind "$library" "$root/l"
  mount --bind "$vectors" "$root/v"
  exec chroot "$root" env -i HOME=/root PATH=/usr/bin:/bin LANG=C.UTF-8 LD_LIBRARY_PATH=/l MILEPOST_VECTORS=/v \
    MILEPOST_COMMAND=/l/milepost $env \
    swift $do --package-path "/w/$package" --scratch-path "$build" -Xlinker -L/l "$@"
' swift-on-linux "$root" "$ROOT" "$package" "$library" "$vectors" "$build" "${SWIFT_DO:-test}" "${SWIFT_ENV:-}" \
  "$@" </dev/null
