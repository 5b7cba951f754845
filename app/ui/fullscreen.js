// The stage alone on the screen, with the keys the system usually keeps for itself.

export class Fullscreen {
  #stage;
  #button;
  #changed = () => this.#change();

  /** `button` is hidden where the browser cannot do it. */
  constructor(stage, button) {
    this.#stage = stage;
    this.#button = button;
    button.hidden = !document.fullscreenEnabled;
    document.addEventListener('fullscreenchange', this.#changed);
  }

  get active() {
    return document.fullscreenElement === this.#stage;
  }

  /** Enter or leave. Rejects when the browser does not allow it. */
  async toggle() {
    if (this.active) {
      await document.exitFullscreen();
      return;
    }
    await this.#stage.requestFullscreen({ navigationUI: 'hide' });
    // Without this API Escape, Alt+Tab and the like stay with the browser and the system.
    await navigator.keyboard?.lock?.();
  }

  stop() {
    document.removeEventListener('fullscreenchange', this.#changed);
    if (this.active) document.exitFullscreen();
  }

  #change() {
    this.#button.setAttribute('aria-pressed', String(this.active));
    if (this.active) this.#stage.querySelector('canvas').focus();
    else navigator.keyboard?.unlock?.();
  }
}
