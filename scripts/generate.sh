#!/bin/sh
# Runs the generators of the committed *.gen.* files. With --check nothing is left changed: it fails when a committed
# file is not what its generator writes.
set -eu
cd "$(dirname "$0")/.."

files() { find agent cni csi deviceplugins native proto -name '*.gen.*' 2>/dev/null | sort; }
generate() {
  for generator in scripts/gen-*.ts; do
    [ -e "$generator" ] || continue
    node "$generator" >&2 || { echo "generate: $generator failed" >&2; return 1; }
  done
}

if [ "${1:-}" != --check ]; then
  generate
  exit 0
fi

saved=$(mktemp -d)
trap 'rm -rf "$saved"' EXIT
files | while read -r f; do mkdir -p "$saved/$(dirname "$f")" && cp -p "$f" "$saved/$f"; done
generate
stale=0
for f in $(files); do
  if [ ! -e "$saved/$f" ]; then
    echo "generate: $f is made by a generator and was not there: run \`make generate\` and commit it" >&2
    rm -f "$f"
    stale=1
  else
    if ! cmp -s "$f" "$saved/$f"; then
      echo "generate: $f is out of date: run \`make generate\` and commit it" >&2
      stale=1
    fi
    # The old file goes back, times included, so that a check never makes anything build again.
    cp -p "$saved/$f" "$f"
  fi
done
exit $stale
