#!/usr/bin/env bash
# Installs what package-lock.json pins into artifacts/axe, by npm ci, so that every byte is checked against its integrity hash: axe-core (MPL-2.0), for the
# tests of the live page only. Without it (or without a network) those tests are skipped.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
target=$(cd "$here/../.." && pwd)/artifacts/axe
cmp -s "$here/package-lock.json" "$target/package-lock.json" && [ -d "$target/node_modules/axe-core" ] && exit 0
mkdir -p "$target"
cp "$here/package.json" "$here/package-lock.json" "$target/"
log=$(cd "$target" && timeout 120 npm ci --ignore-scripts --no-audit --no-fund --loglevel=error 2>&1) || {
  rm -f "$target/package-lock.json"
  echo "tests/axe/install.sh: npm ci failed: ${log:-no output}" >&2
  exit 1
}
