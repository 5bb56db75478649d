# common.sh: sourced by the scripts beside it, from anywhere. Goes to the workspace root; knows how to install.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
ROOT=$PWD
# Where cargo builds; the same for everything that looks for its results.
TARGET=${CARGO_TARGET_DIR:-$ROOT/target}

# Runs a command as root, where that takes sudo.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# apt_need COMMAND PACKAGE…: installs the packages where the command is missing.
apt_need() {
  local command=$1; shift
  if command -v "$command" >/dev/null; then return; fi
  apt_update
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends "$@" </dev/null
}

# apt-get update, once a run: without package lists apt knows no package and names no mirror.
apt_update() {
  if [ -n "${APT_UPDATED:-}" ]; then return; fi
  as_root apt-get -q update </dev/null
  export APT_UPDATED=1
}

# What every build here takes besides Rust: a C compiler for SQLite and zstd.
need_rust() {
  if [ -z "${CARGO_HOME:-}" ] && [ -d "$HOME/.cargo/bin" ]; then export PATH="$HOME/.cargo/bin:$PATH"; fi
  command -v cargo >/dev/null || { echo "Rust 1.95 or newer is needed: cargo is not on the PATH" >&2; exit 1; }
  apt_need cc build-essential
}

# Python with what makes virtual environments; Debian packs that apart.
need_venv() {
  apt_need python3 python3 python3-venv
  python3 -c 'import ensurepip' 2>/dev/null || { apt_update; as_root apt-get -q install -y --no-install-recommends python3-venv </dev/null; }
}

# A JDK and Maven.
need_maven() {
  apt_need javac default-jdk-headless
  apt_need mvn maven
}

# pom_property NAME: a version of android/pom.xml.
pom_property() { sed -n "s:.*<$1>\(.*\)</$1>.*:\1:p" android/pom.xml; }

# fetch ARTIFACT FOLDER [OPTION…]: something of Maven's.
fetch() {
  local artifact=$1 folder=$2; shift 2
  mvn -B -ntp -q dependency:copy -Dartifact="$artifact" -DoutputDirectory="$folder" "$@"
}
