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
      control: part('[data-field=control]'), action: part('[data-do=control]'), ask: part('[data-do=ask]'),
      stage: part('.stage'), veil: part('.veil'), title: part('.veil .title'), detail: part('.veil .detail'),
    };
  }

  /**
   * Show a moment: `{state, client, watching, link, stream, roundTrip, lapses, age, late, slides, fault, figures, focused}`;
   * see `status.veil` for the shared ones. `figures` is the viewer's report or null, `focused` whether keys go to the target,
   * `watching` as in control.js.
   */
  render(moment) {
    const { state, client, watching, link } = moment;
    attribute(this.#view, 'watching', String(Boolean(watching)));
    const veil = status.veil(moment);
    this.#connection(status.connection(link, !veil), state);
    this.#control(status.control(state, client, watching));
    this.#veil(veil, moment.age !== null);
    this.#fact('signal', status.signal(state));
    this.#fact('video', status.video(state, moment.figures, !veil));
    this.#fact('usb', status.usb(state));
    this.#leds(status.leds(state));
    this.#fact('keys', status.keys(state, client, moment.focused, watching));
    this.#fact('lapses', status.lapses(moment.lapses));
    this.#fact('viewers', status.viewers(state));
    this.#fact('link', status.roundTrip(moment.roundTrip));
    this.#fact('clock', status.clock(state));
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
    this.#parts.ask.hidden = action !== 'over';
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

  /** What has no words is not shown. */
  #fact(name, { words, level }) {
    const fact = this.#view.querySelector(`[data-fact=${name}]`);
    fact.hidden = !words;
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
    this.#fact('faults', { words: faults.join('; '), level: 'bad' });
  }
}

export function write(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

function attribute(element, name, value) {
  if (element.dataset[name] !== value) element.dataset[name] = value;
}
