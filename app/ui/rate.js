// Frames and bits per second over the last moments.

const WINDOW_MS = 2000;

export class Rate {
  #samples = [];

  add(now, bytes) {
    this.#samples.push({ now, bytes });
    this.#trim(now);
  }

  /** `{fps, bits}` per second at this moment; zeros when nothing came lately. */
  read(now) {
    this.#trim(now);
    if (this.#samples.length < 2) return { fps: 0, bits: 0 };
    const seconds = (this.#samples.at(-1).now - this.#samples[0].now) / 1000;
    // The first sample opens the window: its frame and bytes were before it.
    const later = this.#samples.slice(1);
    const bytes = later.reduce((sum, sample) => sum + sample.bytes, 0);
    return { fps: later.length / seconds, bits: (8 * bytes) / seconds };
  }

  #trim(now) {
    while (this.#samples.length && now - this.#samples[0].now > WINDOW_MS) this.#samples.shift();
  }
}
