// The small panel of keys: shortcuts, a field for phones, and the mouse that moves by itself.

import { button, element } from './element.js';
import { hostSystem, place, pressIsUnseen } from './keyboard.js';
import { fresh, typed } from './softkeys.js';
import { call, say } from './rest.js';

const BUILT_IN = {
  'Ctrl+Alt+Del': ['ControlLeft', 'AltLeft', 'Delete'],
  'Alt+Tab': ['AltLeft', 'Tab'],
  'Alt+F4': ['AltLeft', 'F4'],
  'Ctrl+Shift+Esc': ['ControlLeft', 'ShiftLeft', 'Escape'],
  Win: ['MetaLeft'],
  'Win+L': ['MetaLeft', 'KeyL'],
  'Ctrl+Alt+F1': ['ControlLeft', 'AltLeft', 'F1'],
  'Ctrl+Alt+F2': ['ControlLeft', 'AltLeft', 'F2'],
  Print: ['PrintScreen'],
  Esc: ['Escape'],
  Tab: ['Tab'],
};
const KEYMAP = 'keymap'; // where paste.js remembers the target's layout

export class Keys {
  #on;
  #own = element('p', { className: 'shortcuts' });
  #words = element('p', { className: 'error', hidden: true });
  #awake = element('input', { type: 'checkbox' });
  #active = false; // what the device said last of the mouse
  #recorded = [];
  #sending = Promise.resolve(); // one after the other, or words come out mixed

  /** `on.chord(codes)` presses keys together and lets go of them. */
  constructor(view, on) {
    this.#on = on;
    this.#words.setAttribute('role', 'alert');
    const built = Object.entries(BUILT_IN).map(([name, codes]) => button(name, () => on.chord(codes)));
    this.#awake.addEventListener('change', () => this.#jiggle());
    view.append(
      element('p', { className: 'shortcuts' }, ...built), this.#own, this.#recorder(),
      element('label', {}, element('span', {}, 'Type here'), this.#field()),
      element('label', { className: 'box' }, this.#awake, element('span', {}, 'Keep the target awake: move the mouse while nobody does')),
      this.#words,
    );
  }

  /** Show the moment; `state` is the device's, or null. */
  render(state) {
    this.#awake.disabled = !state;
    const active = state?.jiggling.active ?? false;
    if (active === this.#active) return; // the box may be ahead of the device for a moment
    this.#active = this.#awake.checked = active;
  }

  /** Ask for the shortcuts that were kept. */
  async load() {
    const { ok, result, words } = await call('GET', '/api/hid/shortcuts');
    this.#say(ok ? '' : words);
    if (!ok) return;
    this.#own.replaceChildren(...result.map(({ name, keys }) => element('span', {},
      button(name, () => this.#on.chord(keys), { title: keys.join(' + ') }),
      button('×', () => this.#forget(name), { ariaLabel: `Forget ${name}` }))));
  }

  async #forget(name) {
    const { ok, words } = await call('DELETE', `/api/hid/shortcuts/${encodeURIComponent(name)}`);
    if (ok) await this.load();
    else this.#say(words);
  }

  /** A new shortcut is pressed, not spelled. */
  #recorder() {
    const name = element('input', { placeholder: 'Name', ariaLabel: 'Name of a new shortcut', maxLength: 40, required: true });
    const keys = element('input', { placeholder: 'press its keys', ariaLabel: 'Keys of a new shortcut', readOnly: true });
    this.#record(keys);
    const form = element('form', { className: 'record' }, name, keys, element('button', { type: 'submit' }, 'Keep'));
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      const { ok, words } = await call('POST', '/api/hid/shortcuts', { name: name.value, keys: this.#recorded });
      if (!ok) return this.#say(words);
      form.reset();
      this.#recorded = [];
      await this.load();
    });
    return form;
  }

  /** What is pressed in this field is recorded, and shown there. */
  #record(field) {
    const system = hostSystem(navigator);
    const down = new Set();
    let before = []; // what a Shift that only leaves the field has replaced
    const keep = (codes) => {
      this.#recorded = codes;
      field.value = codes.join(' + ');
    };
    const press = (code) => {
      if (down.size === 0) [before, this.#recorded] = [this.#recorded, []];
      down.add(code);
      keep([...this.#recorded, code]);
    };
    field.addEventListener('keydown', (event) => {
      const code = place(event);
      if (leaves(code, down)) {
        if (down.size > 0) keep(before);
        return;
      }
      event.preventDefault();
      event.stopPropagation();
      if (code && !event.repeat) press(code);
    });
    field.addEventListener('keyup', (event) => {
      const code = place(event);
      if (pressIsUnseen(code, system) && !down.has(code)) press(code);
      if (system.mac && code.startsWith('Meta')) down.clear(); // macOS swallows the release of what was pressed together with Command
      down.delete(code);
    });
    field.addEventListener('blur', () => down.clear());
  }

  /** Phones name no keys: what their keyboards write is typed as a text is. */
  #field() {
    const field = element('input', { autocomplete: 'off', autocapitalize: 'none', spellcheck: false, value: fresh() });
    const send = () => {
      const { text, erased } = typed(field.value);
      field.value = fresh();
      if (erased) this.#inTurn(() => call('POST', '/api/hid/events/send_key?key=Backspace'));
      if (text) this.#type(text);
    };
    field.addEventListener('input', ({ isComposing }) => isComposing || send());
    field.addEventListener('compositionend', send);
    field.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && !event.isComposing) this.#type('\n');
    });
    return field;
  }

  #type(text) {
    const keymap = localStorage.getItem(KEYMAP);
    const query = keymap ? `?${new URLSearchParams({ keymap })}` : '';
    this.#inTurn(() => say(`/api/hid/print${query}`, text));
  }

  /** Send it after all that was written before, by requests alone: the control socket would be faster. */
  #inTurn(send) {
    this.#sending = this.#sending.then(async () => {
      const { ok, words } = await send();
      this.#say(ok ? '' : words);
    });
  }

  async #jiggle() {
    const { ok, words } = await call('POST', `/api/hid/set_params?jiggler=${Number(this.#awake.checked)}`);
    if (!ok) this.#awake.checked = this.#active;
    this.#say(ok ? '' : words);
  }

  #say(words) {
    this.#words.textContent = words;
    this.#words.hidden = !words;
  }
}

/** Whether the key is Tab or Shift+Tab, by which one goes from field to field. */
function leaves(code, down) {
  return code === 'Tab' && [...down].every((held) => held.startsWith('Shift'));
}
