// Everything beside the picture. Panels for people are renewed a few times a second, so that figures can be read; the meter follows each message.
import { hueOf } from './color.js';

const LOWEST = -60, WINDOW = 10_000, HOLD = 1500, SAID = 300;
const STAGES = ['capture', 'align', 'infer', 'publish', 'total'];
const MEANING = {
  capture: 'from the moment the picture shows to its arrival in the engine',
  align: 'until the frame and its sound were both in hand',
  infer: 'the localizer',
  publish: 'detector, tracker, message',
  total: 'from arrival to result: align + infer + publish',
  screen: 'from the moment the picture shows until it is drawn here',
};
const by = id => document.getElementById(id);
const number = (value, decimals) => value === null || value === undefined ? '–' : value.toFixed(decimals).replace('-', '−');

const loudness = [];
let history = [];

/** The figures of one message that a window of time is kept of. */
export function remember(message, onScreen, now) {
  history.push({ now, latency: message.latency_ms, onScreen, seq: message.seq });
  while (history[0].now < now - WINDOW) history.shift();
}

export function forget() {
  history = [];
}

/** Sound level, bar and peak. Silence is a state of its own, not a number. */
export function showLevel(audio, now) {
  const dbfs = audio?.dbfs ?? null;
  loudness.push({ now, dbfs });
  while (loudness[0].now < now - HOLD) loudness.shift();
  const meter = by('meter');
  meter.style.setProperty('--share', shareOf(dbfs));
  meter.style.setProperty('--peak', shareOf(loudest(now - HOLD)));
  meter.classList.toggle('loud', dbfs !== null && dbfs > -6);
}

/** The level in words: the loudest moment since it was last said, so that it does not flicker between syllables. */
export function showLevelText(audio, now) {
  const dbfs = loudest(now - SAID) ?? audio?.dbfs ?? null;
  const text = audio === null ? 'no audio' : dbfs === null ? 'silent' : `${number(dbfs, 1)} dBFS`;
  by('dbfs').textContent = text;
  by('meter').setAttribute('aria-valuenow', Math.round(Math.max(LOWEST, dbfs ?? LOWEST)));
  by('meter').setAttribute('aria-valuetext', text);
}

const shareOf = dbfs => dbfs === null ? 0 : Math.max(0, Math.min(1, 1 - dbfs / LOWEST));
const loudest = since => loudness.reduce((max, { now, dbfs }) => now < since || dbfs === null ? max : Math.max(max ?? LOWEST, dbfs), null);

let least = 0;

/** The score from which sources are shown. */
export function setLeast(score) {
  least = score;
}

/** The sources that sound now; rows live as long as their ids, so that nothing flickers. */
export function showSources(message) {
  const list = by('sources');
  const rows = new Map([...list.children].map(row => [row.dataset.id, row]));
  message.sources.forEach((source, place) => {
    const id = String(source.id);
    const row = rows.get(id) ?? makeRow(source);
    rows.delete(id);
    row.querySelector('.label').textContent = source.label ?? 'source';
    row.querySelector('.score').textContent = number(source.score, 2);
    row.querySelector('.age').textContent = `${number(source.age, 1)} s`;
    row.style.setProperty('--share', source.score);
    row.classList.toggle('below', source.score < least);
    if (list.children[place] !== row) list.insertBefore(row, list.children[place] ?? null);
  });
  for (const row of rows.values()) row.remove();
  by('why').textContent = message.why ? `none · ${message.why}` : 'none';
  by('presence').textContent = `presence ${number(message.presence, 2)}`;
}

function makeRow(source) {
  const row = document.createElement('li');
  row.dataset.id = source.id;
  row.style.setProperty('--hue', hueOf(source.id).toFixed(1));
  row.append(...['id', 'label', 'age', 'bar', 'score'].map(name => Object.assign(document.createElement('span'), { className: name })));
  row.querySelector('.id').textContent = source.id;
  return row;
}

/** Latency per stage, now and over the window. */
export function showLatency(message, onScreen) {
  const rows = STAGES.map(stage => [stage, message.latency_ms[stage], history.map(h => h.latency[stage])]);
  if (onScreen !== null) rows.push(['screen', onScreen, history.map(h => h.onScreen).filter(ms => ms !== null)]);
  const figures = rows.map(([name, latest, all]) => ({ name, latest, ...percentiles(all) }));
  by('latency').tBodies[0].replaceChildren(...figures.map(figure => {
    const row = Object.assign(document.createElement('tr'), { className: figure.name, title: MEANING[figure.name] });
    const head = Object.assign(document.createElement('th'), { scope: 'row', textContent: figure.name });
    row.append(head, ...['latest', 'p50', 'p95'].map(key => Object.assign(document.createElement('td'), { textContent: number(figure[key], figure.name === 'screen' ? 0 : 1) })));
    return row;
  }));
  const shares = figures.slice(0, 4).map(figure => Math.max(0, figure.p50 ?? 0));
  const whole = shares.reduce((sum, ms) => sum + ms, 0);
  [...by('stages').children].forEach((part, i) => part.style.setProperty('--share', whole > 0 ? shares[i] / whole : 0));
}

function percentiles(all) {
  const sorted = all.filter(ms => ms !== null).sort((a, b) => a - b);
  const at = share => sorted.length ? sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] : null;
  return { p50: at(0.5), p95: at(0.95) };
}

/** Frames per second along the way, and what was lost where. */
export function showFrames(live, media) {
  const span = history.length > 1 ? (history.at(-1).now - history[0].now) / 1000 : 0;
  const shown = span > 0.5 ? (history.length - 1) / span : null;
  fill('rates', [
    [media ? 'read' : 'captured', `${number(live.fps_in, 1)} fps`],
    ['localized', `${number(live.fps, 1)} fps`],
    ['shown here', `${number(shown, 1)} fps`],
  ]);
  const all = Object.entries(live.counters);
  const told = all.filter(([name]) => TOLD.test(name)).map(([name, count]) => [NAMES[name] ?? readable(name), grouped(count), 'warn']);
  const away = Object.entries(live.health ?? {}).filter(([, part]) => !part.online).map(([name, part]) => [readable(name), part.why ?? 'offline', 'bad']);
  fill('losses', [...away, ...(told.length ? told : [['dropped', 'none']])]);
  fill('counters', all.map(([name, count]) => [name, grouped(count)]));
}

// What everybody should see, and what it is called for people; all counters, by their own names, are one click away.
const TOLD = /^video\.dropped\.|error|reconnect/;
const NAMES = {
  'video.dropped.newest_wins': 'dropped, newer came',
  'video.dropped.too_late': 'dropped, too late',
  'video.dropped.full': 'dropped, queue full',
  'video.dropped.closed': 'dropped, at the end',
};
const readable = name => name.replaceAll(/[._]/g, ' ');
const grouped = count => count.toLocaleString('en');

/** What runs, and where: requested, effective, why. */
export function showModel(model) {
  const { requested, effective, why } = model.device;
  fill('model', [
    ['name', model.name],
    ...(model.sha256 ? [['sha-256', model.sha256.slice(0, 12), '', model.sha256]] : []),
    ['device', effective],
    ...(requested !== effective ? [['requested', requested]] : []),
    ...(why ? [['why', why, 'warn']] : []),
  ]);
}

function fill(id, entries) {
  by(id).replaceChildren(...entries.map(([name, value, tone, title]) => {
    const pair = document.createElement('div');
    const text = Object.assign(document.createElement('dd'), { textContent: value });
    if (tone) text.dataset.tone = tone;
    if (title) text.title = title;
    pair.append(Object.assign(document.createElement('dt'), { textContent: name }), text);
    return pair;
  }));
}
