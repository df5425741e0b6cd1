// What the hand can do: sliders, buttons, keys. Views are this browser's own and remembered; the detector's threshold is everybody's.
import { setView, snapshot } from './picture.js';
import { setLeast } from './panels.js';
import { toggleRecording } from './record.js';

const by = id => document.getElementById(id);
const DETECT = 250;

// Sliders of the view: what is shown, not what is found.
for (const [id, apply] of [['opacity', v => setView({ opacity: v / 100 })], ['least', v => { setView({ least: v / 100 }); setLeast(v / 100); }]]) {
  const slider = by(id);
  slider.value = localStorage.getItem(id) ?? slider.value;
  const show = () => {
    by(`${id}-value`).textContent = `${slider.value} %`;
    apply(slider.value);
  };
  slider.addEventListener('input', () => {
    localStorage.setItem(id, slider.value);
    show();
  });
  show();
}

// The detector's threshold: sent while the slider moves, a few times a second.
const threshold = by('threshold');
let sending = 0, touched = -Infinity;
const tellThreshold = () => { by('threshold-value').textContent = threshold.value === '0' ? "model's own" : (threshold.value / 100).toFixed(2); };
threshold.addEventListener('input', () => {
  touched = performance.now();
  tellThreshold();
  clearTimeout(sending);
  sending = setTimeout(() => fetch(`api/detector?threshold=${threshold.value / 100}`, { method: 'POST' }).catch(() => null), DETECT);
});

/** Shows the threshold that is in effect: somebody else may have changed it. */
export function followDetector(value) {
  by('detector').hidden = value === null || value === undefined;
  if (value === null || value === undefined || performance.now() - touched < 2000) return;
  threshold.value = Math.round(value * 100);
  tellThreshold();
}

async function saveSnapshot() {
  const shot = await snapshot();
  if (!shot) return;
  const link = Object.assign(document.createElement('a'), { href: URL.createObjectURL(shot.blob), download: shot.name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

const fullScreen = () => document.fullscreenElement ? document.exitFullscreen() : by('frame').requestFullscreen();
const step = (id, by_) => {
  const slider = by(id);
  slider.value = Number(slider.value) + by_;
  slider.dispatchEvent(new Event('input'));
};

by('snapshot').addEventListener('click', saveSnapshot);
by('full').addEventListener('click', fullScreen);
by('help').addEventListener('click', () => by('keys').showModal());

// Single keys can be in the way of speech input: they can be switched off.
const single = by('single');
single.checked = localStorage.getItem('keys') !== 'off';
single.addEventListener('change', () => localStorage.setItem('keys', single.checked ? 'on' : 'off'));

const KEYS = {
  '[': () => step('opacity', -10),
  ']': () => step('opacity', 10),
  '-': () => step('least', -5),
  '=': () => step('least', 5),
  '+': () => step('least', 5),
  r: toggleRecording,
  s: saveSnapshot,
  f: fullScreen,
  m: () => by('models').focus(),
  '?': () => by('keys').showModal(),
};

document.addEventListener('keydown', event => {
  const typing = event.target.closest('select, dialog, input:not([type="range"])');
  if (!single.checked || typing || event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(KEYS, event.key)) return;
  event.preventDefault();
  KEYS[event.key]();
});
