// Who may see the page: everybody on the engine's own machine, elsewhere who has the token. It comes behind the # of the address (which is never sent)
// or is typed in, is sent once, and stays behind as a cookie that no script can read.
const by = id => document.getElementById(id);
let asking = null;

const login = token => fetch('api/login', { method: 'POST', headers: { authorization: `Bearer ${token}` } }).then(answer => answer.ok, () => false);

/** Resolves when the engine lets us in; asks for the token if it has to. */
export async function enter() {
  const given = new URLSearchParams(location.hash.slice(1)).get('token');
  if (given) {
    history.replaceState(null, '', location.pathname);
    await login(given);
  }
  const answer = await fetch('api/status').catch(() => null);
  if (answer?.status === 401) await (asking ??= ask().finally(() => { asking = null; }));
}

function ask() {
  const dialog = by('token');
  dialog.showModal();
  return new Promise(resolve => {
    dialog.oncancel = event => event.preventDefault();
    dialog.querySelector('form').onsubmit = async event => {
      event.preventDefault();
      const field = dialog.querySelector('input');
      const right = await login(field.value.trim());
      by('wrong').hidden = right;
      field.value = '';
      if (!right) return field.focus();
      dialog.close();
      resolve();
    };
  });
}
