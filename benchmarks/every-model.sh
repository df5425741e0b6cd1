#!/usr/bin/env bash
# benchmarks/every-model.sh [--seconds N] [--clips DIR] [METHOD...]: imports a checkpoint of random weights for each method (all but resnet18, which guides
# sslalign), and runs it on every clip, for N seconds of each or whole. A run is in order when it ends with code 0 and detections.jsonl has a line for each
# frame that the engine read. Takes long: the networks are computed in full. Weights are random, so only that it runs is shown, not that it finds anything.
set -euo pipefail
root=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.." && pwd)
clips=$root/../shared/media/clips
limit=()
methods=()
while [ $# -gt 0 ]; do
  case $1 in
    --seconds) limit=(--seconds "$2"); shift 2 ;;
    --clips) clips=$2; shift 2 ;;
    -*) echo "$1: unknown; usage: $0 [--seconds N] [--clips DIR] [METHOD...]" >&2; exit 2 ;;
    *) methods+=("$1"); shift ;;
  esac
done
[ ${#methods[@]} -gt 0 ] || methods=(mobile mobile-v2 ez-vsl fnac marginnce slavc sslalign lvs hardpos ssl-tie heartheflow flowgrad-ic flowgrad-en sspl-wo-pcm sspl attention resnet18)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# checkpoint METHOD: random weights in the ranges that a network begins with, as safetensors.
checkpoint() {
  "$root/realtimessl" import --method "$1" --tensors | /usr/bin/python3 -c '
import json, math, sys
import numpy as np
random, header, at, data = np.random.default_rng(1), {}, 0, []
for line in sys.stdin:
    name, shape = line.split()
    shape = [int(d) for d in shape.split(",")]
    bound = math.sqrt(6 / max(1, math.prod(shape[1:])))
    low, high = ((0.5, 1.5) if name.endswith("running_var") else (-0.1, 0.1) if name.endswith(("bias", "running_mean"))
                 else (0.8, 1.2) if len(shape) == 1 else (-bound, bound))
    values = random.uniform(low, high, shape).astype("<f4")
    header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [at, at + values.nbytes]}
    at += values.nbytes
    data.append(values)
text = json.dumps(header).encode()
with open(sys.argv[1], "wb") as file:
    file.write(len(text).to_bytes(8, "little") + text)
    for values in data:
        file.write(values.tobytes())
' "$work/$1.safetensors"
}

# package METHOD: imports it; "resnet18" becomes the guide of sslalign.
package() {
  [ -d "$work/$1" ] && return
  checkpoint "$1"
  "$root/realtimessl" import "$work/$1.safetensors" --method "$1" --out "$work/$1" >"$work/import.out" 2>&1 || { cat "$work/import.out"; exit 1; }
  rm "$work/$1.safetensors"
}

failed=0
for method in "${methods[@]}"; do
  package "$method"
  model=$work/$method
  if [ "$method" = resnet18 ]; then
    package sslalign
    model=$work/sslalign+$work/resnet18
  fi

  began=$SECONDS good=0 frames=0
  for clip in "$clips"/*.mp4; do
    rm -rf "$work/run"
    code=0
    "$root/realtimessl" run --source "$clip" --model "$model" --no-web --no-video "${limit[@]}" --out "$work/run" >"$work/run.out" 2>&1 || code=$?
    lines=$(wc -l <"$work/run/detections.jsonl" 2>/dev/null || echo 0)
    read=$(/usr/bin/python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["frames_in"])' "$work/run/summary.json" 2>/dev/null || echo -1)
    if [ "$code" -eq 0 ] && [ "$lines" -gt 0 ] && [ "$lines" -eq "$read" ]; then
      good=$((good + 1)) frames=$((frames + lines))
    else
      echo "$method, $(basename "$clip"): exit code $code, $lines lines for $read frames" >&2
      tail -3 "$work/run.out" >&2
      failed=1
    fi
  done
  echo "$method: $good of $(ls "$clips"/*.mp4 | wc -l) clips in order, $frames frames, $((SECONDS - began)) s"
  [ "$method" = sslalign ] || rm -rf "$model"
done
exit "$failed"
