// What the e-paper panel shows, for those who are not standing before it. Asked for only while it is looked at.

import { panel, showOnPanel } from './api.js';

const AGAIN_MS = 10_000;

export class Glass {
  #dialog;
  #picture;
  #words;
  #timer = 0;

  /** `view` has the dialog; it opens itself on the click of the button that says so. */
  constructor(view) {
    this.#dialog = view.querySelector('dialog.glass');
    this.#picture = this.#dialog.querySelector('img');
    this.#words = this.#dialog.querySelector('.age');
    view.querySelector('[data-do=glass]').addEventListener('click', () => this.#open());
    this.#dialog.querySelector('[data-do=certificate]').addEventListener('click', () => this.#certificate());
    this.#dialog.addEventListener('close', () => this.stop());
  }

  /** Stop asking. */
  stop() {
    clearInterval(this.#timer);
    URL.revokeObjectURL(this.#picture.src);
    this.#picture.hidden = true;
    this.#picture.removeAttribute('src');
  }

  #open() {
    this.#dialog.showModal();
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#look(), AGAIN_MS);
    this.#look();
  }

  async #look() {
    const { picture, drawn, words } = await panel();
    if (!this.#dialog.open) return;
    URL.revokeObjectURL(this.#picture.src);
    this.#picture.hidden = !picture;
    if (picture) this.#picture.src = URL.createObjectURL(picture);
    this.#words.textContent = picture ? age(drawn) : words;
  }

  async #certificate() {
    const words = await showOnPanel('fingerprint');
    this.#words.textContent = words || 'The panel shows the certificate within seconds, for five minutes. Compare it there, not here.';
  }
}

/** When the picture was drawn, in words. */
function age(drawn) {
  return drawn ? `Drawn ${drawn.toLocaleString()}, by the device's clock.` : 'The date is not known; the picture says how old it is.';
}
