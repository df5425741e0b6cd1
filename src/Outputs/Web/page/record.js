// The record button: whether it is recorded is the engine's state, the same for everybody who watches. What is pressed takes effect with the next frame.
const by = id => document.getElementById(id);
const button = by('record');
let now = null, asking = false;

/** Shows whether it is recorded, for how long, or why not. */
export function followRecording(state) {
  now = state ?? null;
  button.hidden = !now;
  if (!now || asking) return;
  button.setAttribute('aria-pressed', now.on);
  button.setAttribute('aria-disabled', !now.possible);
  by('recorded').textContent = now.seconds === null ? '' : elapsed(now.seconds);
  const why = now.why ?? '';
  if (by('record-why').textContent !== why) by('record-why').textContent = why;
}

function elapsed(seconds) {
  const s = Math.floor(seconds), pad = n => String(n).padStart(2, '0');
  return s < 3600 ? `${Math.floor(s / 60)}:${pad(s % 60)}` : `${Math.floor(s / 3600)}:${pad(Math.floor(s / 60) % 60)}:${pad(s % 60)}`;
}

/** Begins to record, or ends it. */
export async function toggleRecording() {
  if (!now?.possible || asking) return;
  asking = true;
  let state = null;
  try {
    const answer = await (await fetch(`api/recording?on=${!now.on}`, { method: 'POST' })).json();
    // Without the right to switch there is no state in it, only what is wrong.
    state = 'on' in answer ? answer : { ...now, why: answer.error };
  } catch {
    state = { ...now, why: 'The engine did not answer.' };
  }

  asking = false;
  followRecording(state);
}

button.addEventListener('click', toggleRecording);
