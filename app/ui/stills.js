// JPEG pictures, for browsers that cannot decode the stream.

export class Stills {
  #on;
  #busy = false;
  #next = null;
  /** Pictures that a newer one overtook, or that were none. */
  dropped = 0;

  /** `on.picture(bitmap, unit)` owns the bitmap; `on.fault(words)`. */
  constructor(on) {
    this.#on = on;
  }

  /** Only the newest picture waits. */
  push(unit) {
    if (this.#next) this.dropped += 1;
    this.#next = unit;
    if (!this.#busy) this.#decode();
  }

  reset() {
    this.#next = null;
  }

  async #decode() {
    this.#busy = true;
    while (this.#next) {
      const unit = this.#next;
      this.#next = null;
      try {
        // On a slow link the picture is smaller than the screen that it shows.
        const size = { resizeWidth: unit.width, resizeHeight: unit.height };
        this.#on.picture(await createImageBitmap(new Blob([unit.data], { type: 'image/jpeg' }), size), unit);
      } catch (error) {
        this.dropped += 1;
        this.#on.fault(`The browser cannot read a picture: ${error.message}`);
      }
    }
    this.#busy = false;
  }
}
