#!/usr/bin/env bash
# benchmarks/train-compare.sh [EPOCHS [DATA [FOLDER]]]: trains LVS, EZ-VSL, and SSLalign with and without its alignment contrast under one budget (epochs, pairs,
# batch, width, input, schedule, one thread each), on the same split, one after the other; then measures each on mosaics of what no training has read. What
# has run already is not run again, and what was cut short goes on. Ends with tables in Markdown; SEEDS="1 2" repeats the two that the ablation compares.
#   SEEDS="1 2" benchmarks/train-compare.sh 16 ../shared/data/paired | tee train-compare.md
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
epochs=${1:-16}
data=$(realpath -- "${2:-$root/../shared/data/paired}")
out=${3:-$root/runs/train-compare}
mkdir -p "$out/runs/train"
cd "$out"

# Half the published width and a larger rate: what two cores can teach in minutes. One thread: the run is the same bit by bit when it is repeated.
common=(--data "$data" --epochs "$epochs" --threads 1 options.width=32 optimizer.rate=0.001 compute.bf16=true compute.channels_last=true
        validation.every=2 validation.scenes=200)
train() {
  local name=$1
  shift
  names+=("$name")
  [ -f "models/$name/model.json" ] && return 0
  local begun
  begun=$(find runs/train -path "*-$name/last.checkpoint" -printf '%h\n' | tail -n 1)
  printf '%s: ./realtimessl train %s %s\n' "$name" "${common[*]}" "$*" >&2
  if [ -n "$begun" ]; then
    "$root/realtimessl" train --resume "$begun" >&2
  else
    "$root/realtimessl" train "${common[@]}" --name "$name" --out "models/$name" "$@" >&2
  fi
}

names=()
train lvs --preset lvs-cpu
train ez-vsl --preset ez-vsl-cpu
for seed in ${SEEDS:-1}; do
  train "sslalign-$seed" --preset sslalign-cpu --seed "$seed"
  train "sslalign-$seed-no-alignment" --preset sslalign-cpu --seed "$seed" options.alignment=false
done

# The whole of the paper: similar pictures and sounds as a third view, found by the first model.
train sslalign-neighbours --preset sslalign-cpu --neighbours "models/${names[2]}"

[ -d scenes ] || "$root/realtimessl" evaluate make-mosaic --data "$data" --split test --scenes 200 --out scenes >&2
for name in "${names[@]}"; do
  [ -f "reports/$name/report.json" ] || "$root/realtimessl" evaluate --data scenes --model "models/$name" --out "reports/$name" >&2
done

python3 "$root/benchmarks/train-compare.py" "${names[@]}"
for seed in ${SEEDS:-1}; do
  printf '\nAlignment off and on, seed %s:\n\n' "$seed"
  "$root/realtimessl" evaluate compare "reports/sslalign-$seed-no-alignment" "reports/sslalign-$seed"
done
