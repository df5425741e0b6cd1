// Which model runs, and where it computes: lists to choose from, where there is a choice. The engine changes it between two frames; the picture goes on.
const by = id => document.getElementById(id);
let running = '';

/** A list of what there is (`selected`, `available`), kept as the engine has it. */
function choice({ select, label, list, change, read }) {
  async function offer() {
    const answer = await fetch(list).catch(() => null);
    if (answer?.status === 200) show(read(await answer.json()));
    else label.hidden = true;
  }

  function show({ selected, available }) {
    const names = available.includes(selected) ? available : [...available, selected];
    // An open list that is rebuilt would close under the hand.
    if (names.join('\n') !== [...select.options].map(option => option.value).join('\n')) {
      select.replaceChildren(...names.map(name => new Option(name, name)));
    }
    select.value = selected;
    label.hidden = select.options.length < 2;
  }

  select.addEventListener('focus', offer);
  select.addEventListener('change', async () => {
    const wanted = select.value;
    select.disabled = true;
    refuse(null);
    try {
      const answer = await fetch(`${change}?name=${encodeURIComponent(wanted)}`, { method: 'POST' });
      const state = await answer.json();
      if (!answer.ok) refuse(state.error);
    } catch {
      refuse('The engine did not answer.');
    } finally {
      select.disabled = false;
      await offer();
    }
  });
  return { offer, busy: () => select.disabled };
}

function refuse(reason) {
  by('refused').textContent = reason ?? '';
  by('refused').hidden = !reason;
}

const lists = [
  choice({ select: by('models'), label: by('choice'), list: 'api/models', change: 'api/model', read: state => state }),
  choice({ select: by('devices'), label: by('where'), list: 'api/device', change: 'api/device', read: ({ requested, available }) => ({ selected: requested, available }) }),
];

/** Asks for the lists and shows them. */
export function offerModels() {
  for (const list of lists) list.offer();
}

/** Somebody else may have changed it: another viewer, the broker, the configuration. */
export function followModel(model) {
  const now = JSON.stringify([model.name, model.sha256, model.device]);
  if (running && now !== running && !lists.some(list => list.busy())) offerModels();
  running = now;
}
