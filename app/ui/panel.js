// Puts the words on the page. Touches an element only when its words change, so that screen readers hear news alone.

import * as status from './status.js';

const ACTIONS = { take: 'Take control', over: 'Take control', give: 'Give control back' };

export class Panel {
  #view;
  #parts;

  constructor(view) {
    this.#view = view;
    const part = (selector) => view.querySelector(selector);
    this.#parts = {
      pill: part('.pill'), words: part('[data-field=connection]'), host: part('[data-field=host]'),
      control: part('[data-field=control]'), action: part('[data-do=control]'),
      stage: part('.stage'), veil: part('.veil'), title: part('.veil .title'), detail: part('.veil .detail'),
    };
  }

  /**
   * Show a moment: `{state, client, link, roundTrip, age, late, slides, fault, figures, focused}`;
   * see `status.veil` for the shared ones. `figures` is the viewer's report or null, `focused` whether keys go to the target.
   */
  render(moment) {
    const { state, client, link } = moment;
    const veil = status.veil(moment);
    this.#connection(status.connection(link, !veil), state);
    this.#control(status.control(state, client));
    this.#veil(veil, moment.age !== null);
    this.#fact('signal', status.signal(state));
    this.#fact('video', status.video(state, moment.figures, !veil));
    this.#fact('usb', status.usb(state));
    this.#leds(status.leds(state));
    this.#fact('keys', status.keys(state, client, moment.focused));
    this.#fact('viewers', status.viewers(state));
    this.#fact('link', status.roundTrip(moment.roundTrip));
    this.#faults(state?.health.faults ?? []);
  }

  #connection({ words, level }, state) {
    const { pill, words: text, host } = this.#parts;
    attribute(pill, 'level', level);
    write(text, words);
    const name = state?.network.hostname || 'inkvm';
    write(host, name);
    const title = `${name} · ${words}`;
    if (document.title !== title) document.title = title;
  }

  #control({ words, action }) {
    write(this.#parts.control, words);
    this.#parts.action.hidden = !action;
    if (action) write(this.#parts.action, ACTIONS[action]);
    attribute(this.#parts.action, 'action', action ?? '');
  }

  #veil(veil, painted) {
    const { stage, veil: card, title, detail } = this.#parts;
    attribute(stage, 'picture', veil ? (painted ? 'frozen' : 'none') : 'live');
    card.hidden = !veil;
    write(title, veil?.title ?? '');
    write(detail, veil?.detail ?? '');
  }

  #fact(name, { words, level }) {
    const fact = this.#view.querySelector(`[data-fact=${name}]`);
    attribute(fact, 'level', level);
    write(fact.querySelector('dd'), words);
  }

  #leds(leds) {
    const fact = this.#view.querySelector('[data-fact=leds]');
    fact.hidden = !leds;
    const key = JSON.stringify(leds);
    if (!leds || fact.dataset.leds === key) return;
    fact.dataset.leds = key;
    fact.querySelector('dd').replaceChildren(...leds.map(({ name, lit }) => {
      const tag = document.createElement('span');
      tag.textContent = name;
      tag.className = lit ? 'led lit' : 'led';
      tag.setAttribute('aria-label', `${name} lock ${lit ? 'on' : 'off'}`);
      return tag;
    }));
  }

  #faults(faults) {
    this.#view.querySelector('[data-fact=faults]').hidden = faults.length === 0;
    this.#fact('faults', { words: faults.join('; '), level: 'bad' });
  }
}

export function write(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

function attribute(element, name, value) {
  if (element.dataset[name] !== value) element.dataset[name] = value;
}
