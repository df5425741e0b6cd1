# Sourced by ./realtimessl and ./test: installs what a fresh machine lacks, and builds what is out of date.
# Everything it does is announced with its reason, logged to artifacts/setup.log, and skipped when already done: set up once, then offline.
# shellcheck shell=bash

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
flavour=${BINDINGS:-system}
log=$root/artifacts/setup.log
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1

# package|why
run_packages=(
  'ffmpeg|decodes and encodes files and streams'
  'libasound2|microphones'
  'libasound2-plugins|microphones behind PulseAudio or PipeWire'
)
system_packages=(
  'g++|compiles the shim over OpenCV'
  'libopencv-videoio-dev|cameras'
  'libopencv-imgcodecs-dev|JPEG and PNG'
  'libopencv-imgproc-dev|resizing and drawing'
  'libopencv-video-dev|optical flow'
  'libopencv-highgui-dev|a window on the desktop'
  'libmosquitto1|MQTT'
)
# Only the verb train, and the tests, need these.
train_packages=(
  'libtorch-dev|networks that learn (500 MB)'
  'libopenblas0-openmp|matrix products for them: with the reference BLAS a convolution takes ten times as long'
)
# The real package brings its own.
[ "$flavour" = system ] || train_packages=()
test_packages=(
  'mosquitto|a real MQTT broker for the tests'
  'python3-paho-mqtt|the Python example of a listener'
  'pulseaudio|a microphone for the tests'
  'chromium|a browser for the live page'
  'xvfb|a screen for the window'
  'gstreamer1.0-plugins-base|an RTSP server for the tests'
  'gstreamer1.0-plugins-good|an RTSP server for the tests'
  'gstreamer1.0-plugins-bad|an RTSP server for the tests'
  'gstreamer1.0-plugins-ugly|an H.264 encoder for the RTSP server'
  'gir1.2-gst-rtsp-server-1.0|an RTSP server for the tests'
  'python3-gi|starts the RTSP server'
)

die() { printf 'realtimessl: %s\n' "$*" >&2; exit 1; }

# step MESSAGE COMMAND...: runs a command with a progress line; its output goes to the log, and to the terminal if it fails.
step() {
  local message=$1 began=$SECONDS pid status
  shift
  mkdir -p "$root/artifacts"
  printf '== %s\n' "$message" >>"$log"
  "$@" >>"$log" 2>&1 </dev/null &
  pid=$!
  if [ -t 2 ]; then
    while kill -0 "$pid" 2>/dev/null; do
      printf '\r\033[2K  %s ... %ds' "$message" $((SECONDS - began)) >&2
      sleep 0.5
    done
    printf '\r\033[2K' >&2
  else
    printf '  %s ...\n' "$message" >&2
  fi
  status=0
  wait "$pid" || status=$?
  if [ "$status" -ne 0 ]; then
    tail -n 25 "$log" >&2
    die "failed: $message (exit code $status; the whole output is in artifacts/setup.log)"
  fi
  printf '  %s: done in %ds\n' "$message" $((SECONDS - began)) >&2
}

installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

install_debian() {
  local entry missing=()
  command -v dpkg-query >/dev/null || return 0
  for entry in "$@"; do
    installed "${entry%%|*}" || missing+=("$entry")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  local names=() sudo=()
  printf 'Installing from Debian, once:\n' >&2
  for entry in "${missing[@]}"; do
    printf '  %-28s %s\n' "${entry%%|*}" "${entry#*|}" >&2
    names+=("${entry%%|*}")
  done
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || die "these packages are missing and this is not root: apt-get install ${names[*]}"
    sudo -v || die "without sudo: apt-get install ${names[*]}"
    sudo=(sudo)
  fi
  step 'reading the package lists' "${sudo[@]}" apt-get update -q
  step "installing ${#names[@]} packages" "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends "${names[@]}"
}

need_dotnet() {
  command -v dotnet >/dev/null || die 'the .NET 10 SDK is missing: install it (https://dot.net/download), then run this again'
}

# install_engines [more packages]: all at once, so that the package lists are read once.
install_engines() {
  need_dotnet
  local packages=("${run_packages[@]}" "$@")
  if [ "$flavour" = system ]; then
    packages+=("${system_packages[@]}")
    command -v npm >/dev/null || packages+=('npm|fetches ONNX Runtime')
  fi
  install_debian "${packages[@]}"
  if [ "$flavour" = system ] && ! "$root/bindings/npm/install.sh" --check; then
    step 'fetching ONNX Runtime from npm (150 MB, of which 30 MB stay)' "$root/bindings/npm/install.sh"
  fi
}

# need_training: after it, a build has the shim over libtorch, also where everything else was built before libtorch came.
need_training() {
  [ "$flavour" = system ] || return 0
  install_debian "${train_packages[@]}"
  [ -f "$root/artifacts/system/obj/TorchSharp/native/librealtimessl_torch.so" ] || rm -f "$root"/artifacts/system/built-*
}

# Anything under these that is newer than the stamp makes a build stale; folders count too, so a deleted file is noticed.
stale() {
  [ ! -f "$2" ] || [ -n "$(find "$root/src" "$root/bindings" "$root"/Directory.* "${@:3}" -newer "$2" -not -path '*/node_modules/*' -print -quit)" ]
}

# build PROJECT STAMP [more folders to watch]
build() {
  local project=$1 stamp=$root/artifacts/$flavour/$2 began
  shift 2
  stale "$project" "$stamp" "$@" || return 0
  install_engines
  began=$(mktemp "${TMPDIR:-/tmp}/realtimessl.XXXXXX")
  step "building $(basename "$project" .csproj) (Release, $flavour flavour)" \
    dotnet build "$project" -c Release -v minimal -p:Bindings="$flavour" ${PACKAGE_SOURCE:+-p:PACKAGE_SOURCE="$PACKAGE_SOURCE"}
  mkdir -p "$(dirname "$stamp")"
  # The stamp bears the time the build began: what was edited meanwhile is built again.
  mv "$began" "$stamp"
}
