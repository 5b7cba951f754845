// Makes elements: `element('p', { className: 'soft' }, 'words', other)`. Words are text, never markup.

const FAILED = 'This page failed, and does not know whether the device has done it. Reload the page.';

export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** A labelled input. */
export function field(label, properties) {
  const input = element('input', { autocomplete: 'off', spellcheck: false, ...properties });
  return element('label', {}, element('span', {}, label), input);
}

/** A form: `submit(values, form)` resolves to an empty string or to words, which are shown in it. */
export function form(label, fields, submit, properties = {}) {
  const error = element('p', { className: 'error', hidden: true });
  error.setAttribute('role', 'alert');
  const button = element('button', { type: 'submit' }, label);
  const made = element('form', properties, ...fields, error, button);
  made.addEventListener('submit', async (event) => {
    event.preventDefault();
    button.disabled = true;
    let words = FAILED;
    try {
      words = await submit(Object.fromEntries(new FormData(made)), made);
    } finally {
      button.disabled = false;
      error.textContent = words;
      error.hidden = !words;
    }
    if (!words) made.reset();
  });
  return made;
}

/** A button that does something, and can be pressed again when that is done. */
export function button(label, act, properties = {}) {
  const made = element('button', { type: 'button', ...properties }, label);
  made.addEventListener('click', async () => {
    made.disabled = true;
    try {
      await act();
    } finally {
      made.disabled = false;
    }
  });
  return made;
}

/** A table; cells are words or elements. */
export function table(heads, rows, none) {
  if (!rows.length) return element('p', { className: 'soft' }, none);
  const row = (kind) => (cells) => element('tr', {}, ...cells.map((cell) => element(kind, {}, cell)));
  return element('div', { className: 'scroll' },
    element('table', {}, element('thead', {}, row('th')(heads)), element('tbody', {}, ...rows.map(row('td')))));
}

/** A secret that is shown this once, with a way to copy it. */
export function once(words, secret) {
  const shown = element('code', {}, secret);
  const copy = button('Copy', async () => {
    try {
      await navigator.clipboard.writeText(secret);
    } catch {
      getSelection().selectAllChildren(shown); // for the browser's own way to copy
    }
  });
  return element('div', { className: 'once' }, element('p', {}, words), shown, copy);
}
