#!/bin/sh
# Installs what is missing on a Debian-like machine, says what, and does nothing when all is there.
#
#   scripts/setup.sh [PURPOSE...]    run build test vm bench; without any: run build
#
# run:   what the agent needs on the host to run the examples
# build: compilers, headers, and the npm packages
# test:  programs that the integration tests compare with or look through
# vm:    what makes and runs the test machines
# bench: the runtimes to compare with
set -eu
cd "$(dirname "$0")/.."

# "package:witness": the package is there when the witness is a command on PATH or an existing file.
arch=$(uname -m)
[ "$arch" = arm64 ] && arch=aarch64
packages_vm="qemu-system-x86:qemu-system-x86_64 qemu-utils:qemu-img mmdebstrap:mmdebstrap e2fsprogs:mke2fs"
packages_run="busybox:busybox iproute2:ip procps:ps libseccomp2:/usr/lib/$arch-linux-gnu/libseccomp.so.2
  libatomic1:/usr/lib/$arch-linux-gnu/libatomic.so.1"
packages_build="gcc:gcc libc6-dev:/usr/include/stdio.h make:make musl-tools:musl-gcc
  libseccomp-dev:/usr/include/seccomp.h linux-libc-dev:/usr/include/linux/mount.h"
packages_test="strace:strace umoci:umoci skopeo:skopeo buildah:buildah docker-registry:docker-registry apache2-utils:htpasswd openssl:openssl nftables:nft curl:curl jq:jq
  containernetworking-plugins:/usr/lib/cni/bridge iptables:iptables clang:clang
  libclang-rt-14-dev:/usr/lib/llvm-14/lib/clang/14.0.6/lib/linux/libclang_rt.fuzzer-$(uname -m).a"
packages_bench="e2fsprogs:mkfs.ext4 crun:crun runc:runc containerd:containerd docker-registry:docker-registry skopeo:skopeo umoci:umoci"

say() { echo "setup: $*" >&2; }
fail() { echo "setup: $*" >&2; exit 1; }

present() {
  case $1 in
    /*) [ -e "$1" ] ;;
    *) command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] || [ -x "/sbin/$1" ] ;;
  esac
}

missing_packages() {
  for purpose in "$@"; do
    case $purpose in
      run) list=$packages_run ;;
      build) list=$packages_build ;;
      test) list=$packages_test ;;
      vm) list=$packages_vm ;;
      bench) list=$packages_bench ;;
    esac
    for item in $list; do
      present "${item#*:}" || printf '%s ' "${item%%:*}"
    done
  done
}

install_packages() {
  command -v apt-get >/dev/null 2>&1 ||
    fail "these packages are missing: $* - and this is no Debian-like system (no apt-get). Install their counterparts by hand, then try again."
  [ "$(id -u)" = 0 ] || fail "these Debian packages are missing: $* - become root, or run: apt-get install $*"
  export DEBIAN_FRONTEND=noninteractive
  say "installing Debian packages: $*"
  log=$(mktemp)
  if ! { apt-get update && apt-get install -y --no-install-recommends "$@"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    fail "apt-get could not install: $* (its last lines are above)"
  fi
  rm -f "$log"
}

# node_modules is what package-lock.json says: npm's own record of the tree is newer, or lists the same versions.
modules_current() {
  [ -e node_modules/.package-lock.json ] || return 1
  [ -e node_modules/.nodelet-setup ] && [ node_modules/.nodelet-setup -nt package-lock.json ] && return 0
  command -v node >/dev/null 2>&1 || return 1
  node -e '
    const { readFileSync } = require("node:fs");
    const read = (path) => JSON.parse(readFileSync(path, "utf8")).packages;
    const wanted = read("package-lock.json");
    const there = read("node_modules/.package-lock.json");
    for (const [path, entry] of Object.entries(wanted)) {
      if (path === "" || entry.optional || entry.devOptional || entry.link) continue;
      if (there[path]?.version !== entry.version) process.exit(1);
    }' || return 1
  touch node_modules/.nodelet-setup
}

install_modules() {
  if ! command -v npm >/dev/null 2>&1; then
    say "npm is missing; taking Debian's, only to fetch the packages (one of them is the Node.js that nodelet runs on)"
    install_packages nodejs npm
  fi
  say "installing npm packages (npm ci)"
  log=$(mktemp)
  if ! npm ci --no-audit --no-fund --loglevel=error >"$log" 2>&1; then
    head -n 20 "$log" >&2
    rm -f "$log"
    fail "npm ci failed (its first lines are above)"
  fi
  rm -f "$log"
  touch node_modules/.nodelet-setup
}

[ $# -gt 0 ] || set -- run build
for purpose in "$@"; do
  case $purpose in run | build | test | vm | bench) ;; *) fail "unknown purpose '$purpose': one of run, build, test, vm, bench" ;; esac
done
[ "$(uname -s)" = Linux ] || fail "nodelet runs on Linux; this is $(uname -s)"

missing=$(missing_packages "$@")
# shellcheck disable=SC2086 # a list of words
[ -z "$missing" ] || install_packages $missing

case " $* " in
  *" build "* | *" test "* | *" run "* | *" vm "* | *" bench "*)
    if ! modules_current; then
      # Two of these at once would tear down each other's tree.
      exec 9>.setup.lock
      flock 9
      modules_current || install_modules
      rm -f .setup.lock
    fi
    ;;
esac
