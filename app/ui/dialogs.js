// The dialogs that not everybody opens. Each is fetched when it is wanted.

export class Dialogs {
  #view;
  #on;
  #paste = null; // made when it is first wanted
  #opening = null;

  /** `on.notice(words)` tells the user; the others are for paste.js. What is opened is part of `view`, and goes with it. */
  constructor(view, on) {
    this.#view = view;
    this.#on = on;
  }

  /** Show the moment; `state` is the device's, or null. */
  render(state) {
    this.#paste?.render(state);
  }

  async openPaste() {
    const part = await this.#fetched(import('./paste.js'));
    if (!part) return;
    this.#paste ??= new part.Paste(this.#on);
    this.#view.querySelector('canvas').focus(); // where the browser puts the focus back the moment that the dialog closes
    this.#paste.open();
  }

  /** Nothing happens while they are being opened. */
  openSettings() {
    this.#opening ??= this.#askSettings().finally(() => (this.#opening = null));
  }

  async #askSettings() {
    const part = await this.#fetched(import('./settings.js'));
    await part?.Settings.open(this.#view);
  }

  /** What was asked for; null when it did not come, which the user is told, or when the view has gone meanwhile. */
  async #fetched(asked) {
    try {
      const part = await asked;
      return this.#view.isConnected ? part : null;
    } catch {
      this.#on.notice('This part of the page did not come. Check the device’s power and the network, then try again.');
      return null;
    }
  }
}
