// Which model runs: a list to choose from, where there is a choice. The engine changes it between two frames; the picture goes on.
const by = id => document.getElementById(id);
const select = by('models');
let running = '';

/** Asks for the list and shows it. */
export async function offerModels() {
  const answer = await fetch('api/models').catch(() => null);
  if (answer?.status === 200) show(await answer.json());
  else by('choice').hidden = true;
}

/** Somebody else may have changed it: another viewer, the broker, the configuration. */
export function followModel(model) {
  const now = model.name + model.sha256;
  if (running && now !== running && !select.disabled) offerModels();
  running = now;
}

function show(state) {
  const names = state.available.includes(state.selected) ? state.available : [...state.available, state.selected];
  // An open list that is rebuilt would close under the hand.
  if (names.join('\n') !== [...select.options].map(option => option.value).join('\n')) {
    select.replaceChildren(...names.map(name => new Option(name, name)));
  }
  select.value = state.selected;
  by('choice').hidden = select.options.length < 2;
}

function refuse(reason) {
  by('refused').textContent = reason ?? '';
  by('refused').hidden = !reason;
}

select.addEventListener('focus', () => offerModels());
select.addEventListener('change', async () => {
  const wanted = select.value;
  select.disabled = true;
  refuse(null);
  try {
    const answer = await fetch(`api/model?name=${encodeURIComponent(wanted)}`, { method: 'POST' });
    const state = await answer.json();
    if (!answer.ok) refuse(state.error);
  } catch {
    refuse('The engine did not answer.');
  } finally {
    select.disabled = false;
    await offerModels();
  }
});
