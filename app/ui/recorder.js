// Records what arrives anyway: nothing more is asked of the device than one key frame to begin with.

import { mp4 } from './mp4.js';
import { Ring } from './ring.js';

const LAST_SECONDS = 60;
const RING_BYTES = 64 << 20;
const TAKE_BYTES = 512 << 20;

export class Recorder {
  #on;
  #ring = new Ring(LAST_SECONDS, RING_BYTES);
  #take = null; // the units since the start; empty until the first key frame
  #bytes = 0;

  /** `on.ask()` wants a key frame; `on.state(recording)`; `on.file(blob)`; `on.fault(words)`. */
  constructor(on) {
    this.#on = on;
  }

  push(unit) {
    this.#ring.push(unit);
    if (!this.#take) return;
    const first = this.#take[0];
    if (!first && !unit.key) return;
    if (first && (first.width !== unit.width || first.height !== unit.height || unit.captured <= this.#take.at(-1).captured)) {
      this.stop('The picture changed its size: the recording ends here.');
      return;
    }
    this.#take.push(unit);
    this.#bytes += unit.data.length;
    if (this.#bytes > TAKE_BYTES) this.stop('The recording is as long as this page can hold, and was saved.');
  }

  start() {
    this.#take = [];
    this.#bytes = 0;
    this.#on.ask();
    this.#on.state(true);
  }

  /** Save what was recorded. */
  stop(words = '') {
    const units = this.#take;
    this.#take = null;
    this.#on.state(false);
    if (words) this.#on.fault(words);
    if (units) this.#save(units);
  }

  /** Save the last 60 seconds, or as much as there is, from a key frame on. */
  saveLast() {
    this.#save(this.#ring.units());
  }

  async #save(units) {
    if (!units.length) {
      this.#on.fault('There is nothing to save yet.');
      return;
    }
    try {
      this.#on.file(await mp4(units));
    } catch (error) {
      this.#on.fault(`The recording could not be made: ${error.message}`);
    }
  }
}
