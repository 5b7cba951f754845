// Records what arrives anyway: nothing more is asked of the device than one key frame to begin with, if there was none just now.

import { mp4, prepare } from './mp4.js';
import { Ring } from './ring.js';

const LAST_SECONDS = 60;
/** So much before its button was pressed a recording may begin: another key frame would cost everybody. */
const FRESH_SECONDS = 2;
const RING_BYTES = 200 << 20; // a minute and the key frame before it, at the best quality that can be chosen
const TAKE_BYTES = 512 << 20;

export class Recorder {
  #on;
  #ring = new Ring(LAST_SECONDS, RING_BYTES);
  #take = null; // the units since the start; empty until the first key frame
  #bytes = 0;

  /** `on.ask()` would like a key frame; `on.state(recording)`; `on.file(blob)`; `on.fault(words)`. */
  constructor(on) {
    this.#on = on;
  }

  push(unit) {
    this.#ring.push(unit);
    if (!this.#take) return;
    if (!this.#take.length && !unit.key) return;
    const end = this.#ending(unit);
    if (end) {
      this.stop(`${end}: the recording ends here.`);
      return;
    }
    this.#take.push(unit);
    this.#bytes += unit.data.length;
  }

  start() {
    prepare();
    this.#take = this.#ring.fresh(FRESH_SECONDS);
    this.#bytes = this.#take.reduce((sum, { data }) => sum + data.length, 0);
    if (!this.#take.length) this.#on.ask();
    this.#on.state(true);
  }

  /** Save what is being recorded, if anything is; `words` say why it ends by itself. Resolves when the file is handed over. */
  async stop(words = '') {
    const units = this.#take;
    if (!units) return;
    this.#take = null;
    this.#on.state(false);
    if (words) this.#on.fault(words);
    await this.#save(units);
  }

  /** Save the last 60 seconds, or as much as there is, from a key frame on. */
  saveLast() {
    this.#save(this.#ring.units());
  }

  /** Why this unit cannot follow the others in one file, or nothing. */
  #ending({ width, height, captured }) {
    const last = this.#take.at(-1);
    if (!last) return '';
    if (captured <= last.captured) return 'The device has started again';
    if (width !== last.width || height !== last.height) return 'The picture changed its size';
    return this.#bytes > TAKE_BYTES ? 'This page can hold no more' : '';
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
