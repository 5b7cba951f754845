// The panels at the side of the picture: each has a button, and one at most is open.

export class Drawers {
  #open = null;

  /** `opened` is called whenever the view is. */
  add(view, opener, opened = () => {}) {
    opener.addEventListener('click', () => {
      const before = this.#open;
      if (before) show(before, false);
      this.#open = before?.view === view ? null : { view, opener };
      if (!this.#open) return;
      show(this.#open, true);
      opened();
    });
  }
}

function show({ view, opener }, open) {
  view.hidden = !open;
  opener.setAttribute('aria-expanded', String(open));
}
