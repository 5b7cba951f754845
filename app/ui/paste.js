// The dialog that types a text on the target. The device does it: closing the dialog, or looking elsewhere, does not end it.

import { element } from './element.js';
import { guess, missingWords, untypable } from './layouts.js';
import { write } from './panel.js';
import { call, say } from './rest.js';
import { pasted } from './status.js';

const REMEMBERED = 'keymap';

export class Paste {
  #on;
  #dialog;
  #parts = {};
  #characters = null; // what the layout can type; null while not known
  #waiting = false; // for control, to begin
  #busy = false; // this page's own text is being typed

  /** `on.mine()` and `on.theirs()` say who has control and `on.take()` takes it. */
  constructor(on) {
    this.#on = on;
    this.#dialog = this.#make();
    document.querySelector('main').append(this.#dialog);
  }

  open() {
    this.#dialog.showModal();
    this.#parts.text.focus();
    if (this.#parts.layout.value) this.#loadCharacters(); // Caps Lock may be another by now
    else this.#loadLayouts();
  }

  /** Show the moment; `state` is the device's, or null. */
  render(state) {
    if (this.#waiting && this.#on.mine()) this.#begin();
    if (!this.#dialog.open) return;
    const paste = state?.paste;
    const running = paste?.client != null;
    const { bar, typed, stop, send, caps } = this.#parts;
    caps.hidden = !state || state.usb.leds !== null;
    bar.hidden = typed.hidden = stop.hidden = !running;
    send.hidden = running;
    if (running) {
      [bar.max, bar.value] = [paste.total, paste.typed];
      write(typed, pasted(paste));
    }
    write(send, this.#on.theirs() ? 'Take control and paste' : 'Paste');
    send.disabled = this.#busy || this.#waiting || !state || !this.#ready;
  }

  get #ready() {
    const { text, rest } = this.#parts;
    return text.value !== '' && this.#characters !== null && (rest.checked || this.#missing().size === 0);
  }

  #make() {
    const parts = this.#parts;
    const box = (input, words) => element('label', { className: 'box' }, input, element('span', {}, words));
    parts.text = element('textarea', { rows: 8, spellcheck: false, autocomplete: 'off', autocapitalize: 'none', ariaLabel: 'Text' });
    parts.hide = element('input', { type: 'checkbox' });
    parts.layout = element('select', { ariaLabel: "Layout of the target's keyboard" });
    parts.slow = element('input', { type: 'checkbox' });
    parts.rest = element('input', { type: 'checkbox' });
    parts.missing = element('p', { className: 'missing', hidden: true }, element('span', { role: 'status' }), box(parts.rest, 'Leave them out'));
    parts.caps = element('p', { className: 'soft', hidden: true },
      'The target has not said whether Caps Lock is on, so it is taken for off. Tap Caps Lock twice on the picture, and it will say.');
    parts.bar = element('progress', { hidden: true, ariaLabel: 'Typed so far' });
    parts.typed = element('p', { hidden: true });
    parts.words = element('p', { className: 'words', role: 'status' });
    const button = (label, act, className = '') => {
      const made = element('button', { type: 'button', className }, label);
      made.addEventListener('click', act);
      return made;
    };
    parts.send = button('Paste', () => this.#want(), 'primary');
    parts.stop = button('Stop', () => call('DELETE', '/api/hid/print'));
    parts.text.addEventListener('input', () => this.#check());
    parts.hide.addEventListener('change', () => parts.text.classList.toggle('masked', parts.hide.checked));
    parts.layout.addEventListener('change', () => this.#choose());
    const dialog = element('dialog', { className: 'paste', ariaLabel: 'Paste as keys' },
      element('h2', {}, 'Paste as keys'),
      element('p', { className: 'soft' }, 'The device types this text on its keyboard. Nothing else has to run on the target.'),
      parts.text,
      element('div', { className: 'line' }, button('From clipboard', () => this.#clipboard()), box(parts.hide, 'Hide the text')),
      element('label', {}, element('span', {}, 'Keyboard layout that the target is set to'), parts.layout),
      box(parts.slow, 'Slowly, for firmware that loses keys'),
      parts.caps, parts.missing, parts.bar, parts.typed, parts.words,
      element('div', { className: 'line end' }, parts.stop, parts.send, button('Close', () => dialog.close())));
    dialog.addEventListener('close', () => (this.#waiting = false));
    return dialog;
  }

  async #loadLayouts() {
    const { ok, result, words } = await call('GET', '/api/hid/keymaps');
    if (!ok) return this.#say(words);
    const { default: otherwise, titles } = result.keymaps;
    const wanted = localStorage.getItem(REMEMBERED);
    const chosen = wanted in titles ? wanted : guess(navigator.language, Object.keys(titles), otherwise);
    this.#parts.layout.replaceChildren(...Object.entries(titles).map(([value, title]) => element('option', { value }, title)));
    this.#parts.layout.value = chosen;
    this.#loadCharacters();
  }

  #choose() {
    localStorage.setItem(REMEMBERED, this.#parts.layout.value);
    this.#loadCharacters();
  }

  async #loadCharacters() {
    const name = this.#parts.layout.value;
    if (!name) return;
    this.#characters = null;
    const { ok, result, words } = await call('GET', `/api/hid/keymaps/${encodeURIComponent(name)}`);
    if (name !== this.#parts.layout.value) return;
    if (ok) this.#characters = new Set(result.characters);
    this.#say(ok ? '' : words);
    this.#check();
  }

  #missing() {
    return untypable(this.#parts.text.value, this.#characters);
  }

  /** Say before anything is typed what cannot be. */
  #check() {
    const { missing } = this.#parts;
    const found = this.#characters ? this.#missing() : new Map();
    missing.hidden = found.size === 0;
    write(missing.querySelector('span'), `This layout has no keys for ${missingWords(found)}`);
  }

  async #clipboard() {
    try {
      this.#parts.text.value = await navigator.clipboard.readText();
      this.#check();
    } catch {
      this.#say('The browser did not hand out its clipboard. Paste into the field instead.');
    }
  }

  #want() {
    this.#say('');
    if (this.#on.mine()) return this.#begin();
    this.#waiting = true;
    this.#on.take();
  }

  async #begin() {
    this.#waiting = false;
    const { text, layout, slow, rest } = this.#parts;
    const query = new URLSearchParams({ keymap: layout.value, slow: Number(slow.checked), skip: Number(rest.checked) });
    const sent = text.value;
    this.#busy = true;
    const { ok, words } = await say(`/api/hid/print?${query}`, sent);
    this.#busy = false;
    this.#say(ok ? '' : words);
    if (!ok || text.value !== sent) return; // the next one is being written
    text.value = '';
    this.#check();
    this.#dialog.close();
  }

  #say(words) {
    write(this.#parts.words, words);
  }
}
