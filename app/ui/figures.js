// The small panel over the picture: its latency, its losses, its quality, and recording.

import * as delivery from './delivery.js';
import { write } from './panel.js';
import * as status from './status.js';

export class Figures {
  #view;
  #opener;

  /** `act.record(on)`, `act.last()`, `act.quality(kbits)`. */
  constructor(view, opener, act) {
    this.#view = view;
    this.#opener = opener;
    opener.addEventListener('click', () => this.#toggle());
    this.#part('record').addEventListener('click', ({ currentTarget }) => act.record(currentTarget.getAttribute('aria-pressed') !== 'true'));
    this.#part('last').addEventListener('click', () => act.last());
    this.#part('quality').addEventListener('change', ({ target }) => act.quality(Number(target.value)));
  }

  /** Show `{figures, state, recording}`: the viewer's report and the device's state, null while not known. */
  render({ figures, state, recording }) {
    const record = this.#part('record');
    record.setAttribute('aria-pressed', String(recording));
    write(record, recording ? 'Stop and save' : 'Record');
    this.#opener.dataset.recording = String(recording);
    if (this.#view.hidden) return;
    const mine = status.delivery(state, figures?.number);
    this.#figure('latency', figures ? delivery.latency(figures) : 'not known');
    this.#figure('painted', figures ? delivery.painted(figures) : 'nothing yet');
    this.#figure('encoder', delivery.encoder(state?.viewers));
    this.#figure('drops', delivery.drops(mine));
    this.#figure('link', delivery.link(mine, figures));
    this.#bars(figures?.histogram ?? []);
    for (const name of ['record', 'last']) this.#part(name).disabled = figures?.format === 'jpeg';
    const quality = this.#part('quality');
    if (document.activeElement !== quality) quality.value = String((state?.viewers.fixed ?? 0) / 1000);
  }

  #toggle() {
    this.#view.hidden = !this.#view.hidden;
    this.#opener.setAttribute('aria-expanded', String(!this.#view.hidden));
  }

  #bars(histogram) {
    const svg = this.#view.querySelector('svg');
    const { path, words } = delivery.bars(histogram, 130, 32);
    svg.querySelector('path').setAttribute('d', path);
    svg.setAttribute('aria-label', `Latency of the last ten seconds: ${words}`);
  }

  #figure(name, words) {
    write(this.#view.querySelector(`[data-figure=${name}] dd`), words);
  }

  #part(name) {
    return this.#view.querySelector(`[data-do=${name}]`);
  }
}

/** Give the user a file. */
export function save(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the browser reads it after the click
}
