#!/usr/bin/env bash
# benchmarks/live.sh [SECONDS]: latency from arrival to publish at 720p30 with synchrony, over SECONDS (300) of each of three live inputs:
#   paced   a file at its own pace (--realtime)
#   rtsp    an RTSP camera with sound, published to a real MQTT broker
#   mjpeg   a camera that sends MJPEG over HTTP, beside a microphone of PulseAudio (another device, another clock)
# Each minute's p50 and p99 are shown, so that growth would be seen; drops are shown by cause. Everything runs on loopback and ends with the script.
set -euo pipefail
root=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.." && pwd)
seconds=${1:-300}
only=${2:-paced rtsp mjpeg}
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT

free_port() { /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# report NAME: per-minute latency from detections.jsonl, and the rest from summary.json.
report() {
  printf '\n== %s\n' "$1"
  grep -o '"publish":[0-9.]*,"total":[0-9.]*' "$work/$1/detections.jsonl" | sed 's/.*"total"://' | awk '{ print int((NR - 1) / 1800) + 1, $1 }' \
    | sort -k1,1n -k2,2n | awk '
      function show() { if (n) printf "minute %d: %5d frames, total ms p50 %6.1f  p99 %6.1f  max %6.1f\n", m, n, v[int((n + 1) / 2)], v[int(n * 0.99 + 0.5)], v[n] }
      $1 != m { show(); m = $1; n = 0 }
      { v[++n] = $2 }
      END { show() }'
  sed -n '1,2p' "$work/$1.out"
  grep -E '^(Speed|Dropped|Counted)' "$work/$1.out" || true
}

run() {
  local name=$1
  shift
  "$root/realtimessl" run "$@" --no-web --seconds "$seconds" --out "$work/$name" >"$work/$name.out" 2>"$work/$name.err" || { cat "$work/$name.err"; exit 1; }
  report "$name"
}

"$root/realtimessl" --version >/dev/null

if [[ $only == *paced* ]]; then
  ffmpeg -v error -f lavfi -i "testsrc2=s=1280x720:r=30" -f lavfi -i "aevalsrc='0.4*sin(2*PI*330*t)*lt(mod(t,0.7),0.2)':s=48000" -t $((seconds + 2)) \
    -c:v libx264 -preset ultrafast -c:a aac "$work/clip.mp4"
  run paced --source "$work/clip.mp4" --realtime
fi

if [[ $only == *rtsp* ]]; then
  port=$(free_port)
  printf 'listener %s 127.0.0.1\nallow_anonymous true\n' "$port" >"$work/mosquitto.conf"
  /usr/sbin/mosquitto -c "$work/mosquitto.conf" >/dev/null 2>&1 &
  /usr/bin/python3 "$root/benchmarks/rtsp_camera.py" >"$work/rtsp.port" &
  for _ in $(seq 50); do [ -s "$work/rtsp.port" ] && break; sleep 0.1; done
  mosquitto_sub -p "$port" -t 'realtimessl/cam0/frame' >"$work/messages" &
  run rtsp --source "rtsp://127.0.0.1:$(cat "$work/rtsp.port")/camera" --mqtt "mqtt://127.0.0.1:$port"
  echo "MQTT: $(wc -l <"$work/messages") frame messages reached a subscriber"
fi

if [[ $only == *mjpeg* ]]; then
  /usr/bin/python3 "$root/benchmarks/mjpeg_camera.py" >"$work/mjpeg.port" &
  for _ in $(seq 50); do [ -s "$work/mjpeg.port" ] && break; sleep 0.1; done
  HOME=$work XDG_RUNTIME_DIR=$work pulseaudio -n --exit-idle-time=-1 --use-pid-file=no --realtime=no --high-priority=no --daemonize=no \
    -L "module-native-protocol-unix socket=$work/native auth-anonymous=1" \
    -L "module-pipe-source source_name=mic file=$work/mic format=s16le rate=48000 channels=1" >/dev/null 2>&1 &
  for _ in $(seq 50); do [ -S "$work/native" ] && [ -p "$work/mic" ] && break; sleep 0.1; done
  export PULSE_SERVER=unix:$work/native
  ffmpeg -v error -re -f lavfi -i "aevalsrc='0.4*sin(2*PI*330*t)*lt(mod(t,0.7),0.2)':s=48000" -flush_packets 1 -f s16le - >"$work/mic" &
  sleep 1
  run mjpeg --source "http://127.0.0.1:$(cat "$work/mjpeg.port")/camera.mjpg" --microphone pulse:mic
fi
