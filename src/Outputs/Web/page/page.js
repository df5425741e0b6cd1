// The connection and its states. A message is [u32 little-endian length][JSON][JPEG]: a frame and what was found in it.
import { enter } from './access.js';
import { showPicture } from './picture.js';
import { addToTimeline } from './timeline.js';
import { addToSpectrum } from './spectrum.js';
import * as panels from './panels.js';
import { followDetector } from './controls.js';
import { followRecording } from './record.js';
import { offerModels, followModel } from './models.js';

const RETRY = [250, 500, 1000, 2000, 5000], STALE = 3000, CALM = 250, AWAY = 10_000;

const by = id => document.getElementById(id);
const utf8 = new TextDecoder();
let socket = null;
let attempts = 0;
let retry = 0;
let about = null;
let ended = null;
let lastAt = 0;
let calmAt = 0;
let later = 0;
let waiting = null;
let busy = false;
let connecting = false;

async function connect() {
  clearTimeout(retry);
  if (connecting) return;
  connecting = true;
  await enter();
  connecting = false;
  // The window: at most two pictures are under way, so that a slow machine sees fewer pictures, not older ones.
  const mine = socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws?window=2`);
  mine.binaryType = 'arraybuffer';
  mine.onmessage = event => {
    attempts = 0;
    if (typeof event.data === 'string') heard(JSON.parse(event.data));
    else if (busy) waiting = event.data;
    else show(event.data);
  };
  mine.onclose = () => {
    if (socket !== mine) return;
    socket = null;
    if (document.hidden) return;
    if (!ended) state('connecting', 'connecting…', about ? 'Connection lost. Trying again…' : null);
    retry = setTimeout(connect, RETRY[Math.min(attempts++, RETRY.length - 1)]);
  };
}

function heard(message) {
  if (message.hello) {
    about = message.hello;
    ended = null;
    lastAt = 0;
    panels.forget();
    panels.showModel(about.model);
    offerModels();
    followRecording(about.live.recording);
    by('camera').textContent = about.camera === about.video.name ? about.camera : `${about.camera} · ${about.video.name}`;
    document.title = `${about.camera} · Realtime SSL`;
    if (!about.last) state('waiting', 'waiting', 'Waiting for the first picture…');
  } else if (message.ended) {
    ended = message.ended;
    const lost = Object.values(ended.frames_dropped).reduce((sum, n) => sum + n, 0);
    state('ended', 'stream ended', 'Stream ended', [
      ended.ended,
      `${ended.frames_processed.toLocaleString('en')} frames in ${ended.wall_seconds.toFixed(1)} s, ${lost ? `${lost.toLocaleString('en')} dropped` : 'none dropped'}`,
      `${ended.tracks} ${ended.tracks === 1 ? 'source' : 'sources'} · latency p50 ${ended.latency_ms.total?.p50 ?? '–'} ms, p95 ${ended.latency_ms.total?.p95 ?? '–'} ms`,
    ]);
  }
}

async function show(data) {
  busy = true;
  const from = socket;
  try {
    const length = new DataView(data).getUint32(0, true);
    const message = JSON.parse(utf8.decode(new Uint8Array(data, 4, length)));
    const bitmap = await createImageBitmap(new Blob([new Uint8Array(data, 4 + length)], { type: 'image/jpeg' }));
    showPicture(bitmap, message);
    tell(message);
  } finally {
    if (from?.readyState === WebSocket.OPEN) from.send('');
    busy = false;
    const next = waiting;
    waiting = null;
    if (next) show(next);
  }
}

function tell(message) {
  const now = performance.now();
  // Both clocks are this machine's; through a tunnel they are not, and the figure would be nonsense.
  const age = Date.now() - Date.parse(message.captured_at);
  const onScreen = age >= 0 && age < 30_000 ? age : null;
  lastAt = now;
  panels.remember(message, onScreen, now);
  panels.showLevel(message.audio, now);
  addToTimeline(message);
  addToSpectrum(message);
  if (!ended) state('live', about?.video.live ? 'live' : 'playing');
  clearTimeout(later);
  later = setTimeout(() => read(message, onScreen), Math.max(0, calmAt - now));
}

// What is read rather than watched: a few times a second, and always the last of a burst.
function read(message, onScreen) {
  const now = performance.now();
  calmAt = now + CALM;
  panels.showLevelText(message.audio, now);
  panels.showSources(message);
  panels.showLatency(message, onScreen);
  panels.showFrames(message.live, message.media_time !== null);
  panels.showModel(message.model);
  followModel(message.model);
  followDetector(message.live.threshold);
  followRecording(message.live.recording);
  by('clock').textContent = clock(message);
}

function clock(message) {
  if (message.media_time === null) return new Date(message.captured_at).toLocaleTimeString();
  const t = message.media_time, s = (t % 60).toFixed(1).padStart(4, '0'), m = String(Math.floor(t / 60) % 60).padStart(2, '0');
  return t >= 3600 ? `${Math.floor(t / 3600)}:${m}:${s}` : `${m}:${s}`;
}

function state(kind, text, notice = null, lines = []) {
  const pill = by('state'), board = by('notice');
  document.body.dataset.state = kind;
  if (pill.textContent !== text) pill.textContent = text;
  board.hidden = !notice;
  if (notice) {
    board.replaceChildren(...[notice, ...lines].map((line, i) => Object.assign(document.createElement('p'), { textContent: line, className: i ? '' : 'title' })));
  }
}

// A stalled source is not a live picture.
setInterval(() => {
  const quiet = performance.now() - lastAt;
  if (socket && lastAt && !ended && quiet > STALE) state('stale', 'no picture', `No picture for ${Math.round(quiet / 1000)} s`);
}, 500);

// Nobody looks at a hidden tab: it leaves, and costs the engine nothing until it is looked at again.
let leaving = 0;
document.addEventListener('visibilitychange', () => {
  clearTimeout(leaving);
  if (document.hidden) leaving = setTimeout(() => socket?.close(), AWAY);
  else if (!socket) connect();
});

connect();
