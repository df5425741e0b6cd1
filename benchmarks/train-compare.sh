#!/usr/bin/env bash
# benchmarks/train-compare.sh [MINUTES [DATA [FOLDER]]]: trains LVS, EZ-VSL and SSLalign with and without its alignment contrast under one budget each, on the
# same held-out split, one after the other, and ends with a table in Markdown. What has run already is not run again.
#   benchmarks/train-compare.sh 10 ../shared/data/paired | tee train-compare.md
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
minutes=${1:-10}
data=${2:-$root/../shared/data/paired}
out=${3:-$root/runs/train-compare}
mkdir -p "$out"
cd "$out"

# One budget: the same minutes, batch, seed, input and threads. A constant rate: a cosine would end where the epochs end, not where the minutes do.
common=(--data "$data" --max-minutes "$minutes" --epochs 10000 optimizer.schedule=constant validation.every="${EVERY:-4}" validation.scenes=100)
run() {
  local name=$1
  shift
  [ -f "models/$name/model.json" ] && return 0
  printf '%s: ./realtimessl train %s\n' "$name" "$*" >&2
  "$root/realtimessl" train "${common[@]}" --name "$name" --out "models/$name" "$@" >&2
}

run lvs --preset lvs-cpu
run ez-vsl --preset ez-vsl-cpu
run sslalign --preset sslalign-cpu
run sslalign-no-alignment --preset sslalign-cpu options.alignment=false

python3 - "$minutes" <<'PY'
import json, sys
names = ["lvs", "ez-vsl", "sslalign-no-alignment", "sslalign"]
models = {n: json.load(open(f"models/{n}/training.json")) for n in names}
scores = list(models["lvs"]["scores"])
print(f"{sys.argv[1]} minutes each; scores of what was exported (the best checkpoint), held out:\n")
print("| | " + " | ".join(names) + " |")
print("|---" * (len(names) + 1) + "|")
for s in scores:
    print(f"| {s} | " + " | ".join(f"{models[n]['scores'].get(s, float('nan')):.3f}" for n in names) + " |")
PY
printf '\nCurves: runs/train/*/metrics.csv in %s\n' "$out"
