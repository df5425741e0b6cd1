#!/usr/bin/env bash
# ./benchmarks/kill.sh [TIMES] [FOLDER]: what kill -9 costs a recording. Starts the engine on the built-in scene, records both layers, kills it at a
# random moment 2 to 12 s after the recording began, and compares that moment with the last picture and the last sound that play.
# Ends with the worst of all; exit code 1 if that is above 1.2 s.
set -euo pipefail
root=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.." && pwd)
times=${1:-20}
folder=${2:-$(mktemp -d)}
export OPENCV_LOG_LEVEL=ERROR

last() { ffprobe -v error -select_streams "$2" -show_entries packet=pts_time,duration_time -of csv=p=0 "$1" | awk -F, '$1 + $2 > m { m = $1 + $2 } END { print m + 0 }'; }

worst=0
for i in $(seq "$times"); do
  out=$folder/$i
  dotnet "$root/artifacts/system/bin/RealtimeSsl.Cli/release/realtimessl.dll" run --source synthetic --no-web --save-source --out "$out" \
    capture.width=640 capture.height=360 >/dev/null 2>&1 &
  engine=$!
  until [ -s "$out/annotated.part.mp4" ] && [ -s "$out/source.part.mp4" ]; do
    kill -0 "$engine" 2>/dev/null || { echo "the engine ended by itself" >&2; exit 1; }
    sleep 0.05
  done
  sleep "$(awk -v seed="$RANDOM" 'BEGIN { srand(seed); print 2 + 10 * rand() }')"
  killed=$(date +%s.%N)
  kill -9 "$engine"
  wait "$engine" 2>/dev/null || true
  line="$i:"
  for layer in annotated source; do
    began=$(date -d "$(sed -n 's/.*"started_at": "\(.*\)".*/\1/p' "$out/$layer.json")" +%s.%N)
    for stream in v:0 a:0; do
      lost=$(awk -v k="$killed" -v b="$began" -v l="$(last "$out/$layer.part.mp4" "$stream")" 'BEGIN { printf "%.2f", k - b - l }')
      worst=$(awk -v a="$worst" -v b="$lost" 'BEGIN { print (b > a) ? b : a }')
      line+=" $layer $stream $lost s"
    done
  done
  echo "$line"
  for _ in $(seq 40); do pgrep -f "$out" >/dev/null || break; sleep 0.1; done
  rm -rf "$out"
done
echo "lost at most: $worst s"
awk -v w="$worst" 'BEGIN { exit w > 1.2 }'
