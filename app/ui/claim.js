// The first minute: the code on the panel makes the first administrator.

import { call } from './rest.js';

export class Claim {
  #done;

  /** `code` is the panel's, when a QR code brought it; `done()` follows the claim. */
  constructor(view, { code, done }) {
    this.#done = done;
    document.title = 'Claim · inkvm';
    const form = view.querySelector('form');
    form.code.value = code;
    form.addEventListener('submit', (event) => this.#submit(event, view.querySelector('.error')));
    (code ? form.passwd : form.code).focus();
    this.#explain(view.querySelector('[data-text=why]'));
  }

  /** Why the device has no owner is the device's to say: it may have had one that a broken card forgot. */
  async #explain(paragraph) {
    const answer = await call('GET', '/api/auth/check');
    if (answer.error === 'Unclaimed') paragraph.textContent = answer.words;
  }

  async #submit(event, error) {
    event.preventDefault();
    const form = event.target;
    const button = form.querySelector('button');
    button.disabled = true;
    error.hidden = true;
    const { code, user, passwd } = form;
    const answer = await call('POST', '/api/auth/claim', { code: code.value, user: user.value, passwd: passwd.value });
    button.disabled = false;
    if (answer.ok) {
      this.#done();
      return;
    }
    error.textContent = answer.words;
    error.hidden = false;
  }
}
