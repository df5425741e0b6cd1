#!/usr/bin/env bash
# benchmarks/switch.sh [OPTIONS OF run]: what a change of the model costs a live run. Two networks of real size (weights by formula) are imported; a clip of
# 720p30 with sound is played at its own pace; every 5 s another model is asked for through the page's server. Shown per switch: how long it took from
# the request to the answer, the largest gap between published frames in that time, and the gap at the very frame that changed. A switch must not
# cost more than 200 ms. Everything runs on loopback and ends with the script. With --no-video the encoder's share of the cores is left out.
set -euo pipefail
root=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.." && pwd)
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT

for pair in sslalign:SSLalign ez-vsl:EZVSL; do
  /usr/bin/python3 "$root/benchmarks/formula_checkpoint.py" "${pair#*:}" "$work/checkpoint.safetensors"
  "$root/realtimessl" import "$work/checkpoint.safetensors" --method "${pair%:*}" --out "$work/models/${pair%:*}" >/dev/null 2>&1
  rm "$work/checkpoint.safetensors"
done

ffmpeg -v error -f lavfi -i "testsrc2=s=1280x720:r=30" -f lavfi -i "aevalsrc='0.4*sin(2*PI*330*t)':s=48000" -t 120 -c:v libx264 -preset ultrafast -c:a aac "$work/clip.mp4"
"$root/realtimessl" run --source "$work/clip.mp4" --realtime --model sslalign inference.models="$work/models" --web-port 0 --out "$work/run" "$@" \
  >"$work/out" 2>"$work/err" &
engine=$!
for _ in $(seq 200); do grep -qs 'live page' "$work/err" && break; sleep 0.1; done
page=$(sed -n 's/.*live page: \(http[^ ]*\).*/\1/p' "$work/err")
sleep 10
for name in ez-vsl sslalign synchrony ez-vsl synchrony sslalign; do
  asked=$(date -u +%s.%N)
  curl -sS --max-time 30 -X POST -o "$work/answer" "${page}api/model?name=$name"
  printf '%s %s %s\n' "$name" "$asked" "$(date -u +%s.%N)" >>"$work/switches"
  sleep 5
done
kill "$engine"
wait "$engine" || { cat "$work/err"; exit 1; }

/usr/bin/python3 - "$work" <<'PYTHON'
import datetime, json, pathlib, sys
work = pathlib.Path(sys.argv[1])
frames = [json.loads(line) for line in (work / "run/detections.jsonl").read_text().splitlines()]
at = [datetime.datetime.fromisoformat(f["published_at"].replace("Z", "+00:00")).timestamp() for f in frames]
gaps = [0] + [1000 * (b - a) for a, b in zip(at, at[1:])]
switches = [(name, float(a), float(b)) for name, a, b in (line.split() for line in (work / "switches").read_text().splitlines())]
calm = sorted(g for g, t in zip(gaps[30:], at[30:]) if not any(a < t < b + 0.5 for _, a, b in switches))
print(f"between switches: gap p50 {calm[len(calm) // 2]:.0f}, p99 {calm[int(len(calm) * 0.99)]:.0f}, largest {calm[-1]:.0f} ms over {len(calm)} frames")
for name, a, b in switches:
    during = [g for g, t in zip(gaps, at) if a < t < b + 0.5]
    change = next(i for i in range(1, len(frames)) if at[i] > a and frames[i]["model"] != frames[i - 1]["model"])
    listening = sum(f["why"] in ("listening", "no audio") for f, t in zip(frames, at) if at[change] <= t < at[change] + 3)
    print(f"to {name:9}: {1000 * (b - a):5.0f} ms from request to answer; largest gap {max(during):4.0f} ms, at the change {gaps[change]:4.0f} ms; "
          f"frames without sound in the 3 s after: {listening}")
PYTHON
grep -E '^(Speed|Dropped|Counted)' "$work/out"
