// The small panel over the picture: its latency, its losses, its quality, and recording.

import * as delivery from './delivery.js';
import { element } from './element.js';
import { write } from './panel.js';
import * as status from './status.js';

export class Figures {
  #view;
  #opener;

  /** `act.record(on)`, `act.last()`, `act.quality(kbits)`. */
  constructor(view, opener, act) {
    this.#view = view;
    this.#opener = opener;
    this.#part('record').addEventListener('click', ({ currentTarget }) => act.record(currentTarget.getAttribute('aria-pressed') !== 'true'));
    this.#part('last').addEventListener('click', () => act.last());
    this.#part('quality').addEventListener('change', ({ target }) => act.quality(Number(target.value)));
  }

  /**
   * Show `{figures, state, stream, recording, watching}`: the viewer's report and the device's state, null while not known; `stream` as in link.js,
   * `watching` as in control.js.
   */
  render({ figures, state, stream, recording, watching }) {
    const record = this.#part('record');
    record.setAttribute('aria-pressed', String(recording));
    write(record, recording ? 'Stop and save' : 'Record');
    this.#opener.dataset.recording = String(recording);
    if (this.#view.hidden) return;
    const mine = status.delivery(state, figures?.number);
    this.#figure('latency', figures ? delivery.latency(figures) : 'not known');
    this.#figure('painted', figures ? delivery.painted(figures) : 'nothing yet');
    this.#figure('encoder', delivery.encoder(state?.viewers));
    this.#figure('maker', delivery.maker(state?.encoder));
    this.#figure('losses', delivery.losses(state?.encoder));
    this.#figure('drops', delivery.drops(mine));
    this.#figure('link', delivery.link(mine, figures, stream));
    this.#figure('quality', delivery.quality(state?.viewers));
    this.#bars(figures?.histogram ?? []);
    this.#allow(watching === false);
    for (const name of ['record', 'last']) this.#part(name).disabled = figures?.format === 'jpeg';
    if (document.activeElement !== this.#part('quality')) this.#quality(state?.viewers.fixed ?? 0);
  }

  /** What would be refused is not offered; the quality is told instead. */
  #allow(allowed) {
    this.#part('quality').parentElement.hidden = !allowed;
    this.#part('replug').parentElement.hidden = !allowed;
    this.#view.querySelector('[data-figure=quality]').hidden = allowed;
  }

  /** Show what is in force, also if it was chosen elsewhere and is none of the list. */
  #quality(fixed) {
    const quality = this.#part('quality');
    const value = String(fixed / 1000);
    if (quality.value === value) return;
    quality.querySelector('[data-other]')?.remove();
    if (![...quality.options].some((option) => option.value === value)) {
      const option = element('option', { value }, status.rate(fixed));
      option.dataset.other = '';
      quality.append(option);
    }
    quality.value = value;
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
