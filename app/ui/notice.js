// One line that tells the user what just went wrong, with what to do about it, and goes away again.

const SHOWN_MS = 8000;

export class Notice {
  #view;
  #timer = null;
  #act = null;

  constructor(view) {
    this.#view = view;
    view.querySelector('[data-do=dismiss]').addEventListener('click', () => this.hide());
    view.querySelector('[data-do=act]').addEventListener('click', () => {
      this.#act();
      this.hide();
    });
  }

  /** Show the words; `action` is `{label, act}`. The same words again only stay longer. */
  show(words, action = null) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.hide(), SHOWN_MS);
    const text = this.#view.querySelector('p');
    if (text.textContent !== words) text.textContent = words;
    const button = this.#view.querySelector('[data-do=act]');
    button.hidden = !action;
    button.textContent = action?.label ?? '';
    this.#act = action?.act;
    this.#view.hidden = false;
  }

  /** Take back an offer that no longer holds. */
  withdraw() {
    if (this.#act) this.hide();
  }

  hide() {
    clearTimeout(this.#timer);
    this.#view.hidden = true;
    this.#view.querySelector('p').textContent = '';
  }
}
