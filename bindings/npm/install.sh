#!/usr/bin/env bash
# Installs what package-lock.json pins into artifacts/npm, by npm ci, so that every byte is checked against its integrity hash.
# The package carries every platform (385 MB); only the C# sources and the Linux library stay (30 MB).
# Does nothing when that was done for this very lock file.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
target=$(cd "$here/../.." && pwd)/artifacts/npm
package=node_modules/com.github.asus4.onnxruntime
stamp=$(sha256sum "$here/package-lock.json" "$here/install.sh" | sha256sum | cut -d' ' -f1)

installed() { [[ "$(cat "$target/installed" 2>/dev/null)" == "$stamp" ]]; }
[[ "${1:-}" == --check ]] && { installed; exit; }
installed && exit 0

fail() { echo "bindings/npm/install.sh: $1" >&2; exit 1; }
command -v npm >/dev/null || fail "npm is not installed (Debian: apt-get install npm)"

mkdir -p "$target"
exec 9>"$target/.lock"
flock -w 600 9 || fail "another installation has held $target/.lock for ten minutes"
installed && exit 0

echo "ONNX Runtime: fetching from npm (150 MB, 30 of which are kept) ..." >&2
fresh=$target/.fresh
rm -rf "$fresh"
mkdir -p "$fresh"
trap 'rm -rf "$fresh"' EXIT
cp "$here/package.json" "$here/package-lock.json" "$fresh/"
log=$(cd "$fresh" && timeout 900 npm ci --ignore-scripts --no-audit --no-fund --loglevel=error 2>&1) \
  || fail "npm ci failed or took longer than 15 minutes: ${log:-no output}"

find "$fresh/$package" -type f \
  ! -path '*/Runtime/*.cs' ! -path '*/Plugins/Linux/x64/*.so' ! -name LICENSE ! -name ThirdPartyNotices.txt ! -name package.json -delete
find "$fresh/$package" -type d -empty -delete
[[ -f "$fresh/$package/Plugins/Linux/x64/libonnxruntime.so" ]] || fail "the package has no Plugins/Linux/x64/libonnxruntime.so"

rm -rf "$target/node_modules"
mv "$fresh/node_modules" "$target/node_modules"
echo "$stamp" > "$target/installed"
