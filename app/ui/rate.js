// Frames and bits per second over the last moments.

const WINDOW_MS = 2000;
// Two samples are kept for longer: a slide show has one in two seconds.
const SPARSE_MS = 4500;

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
    // The first sample opens the window: its frame and bytes were before it.
    const [first, ...later] = this.#samples;
    const span = later.at(-1).now - first.now;
    // What is later than the next one was due is a gap, and counts.
    const seconds = Math.max(span, now - first.now - span / later.length) / 1000;
    const bytes = later.reduce((sum, sample) => sum + sample.bytes, 0);
    return { fps: later.length / seconds, bits: (8 * bytes) / seconds };
  }

  #trim(now) {
    while (this.#samples.length && now - this.#samples[0].now > (this.#samples.length > 2 ? WINDOW_MS : SPARSE_MS)) this.#samples.shift();
  }
}
