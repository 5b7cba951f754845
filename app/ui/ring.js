// The encoded frames of the last while, beginning with a key frame: what can still be saved after it happened.

export class Ring {
  #microseconds;
  #most;
  #groups = [];
  #bytes = 0;

  /** Keeps at least the last `seconds`, as far back as the key frame before them, in at most `bytes`. */
  constructor(seconds, bytes) {
    this.#microseconds = seconds * 1e6;
    this.#most = bytes;
  }

  push(unit) {
    if (unit.key && !this.#fits(unit)) this.clear();
    if (unit.key) this.#groups.push({ units: [], bytes: 0 });
    const group = this.#groups.at(-1);
    if (!group) return;
    group.units.push(unit);
    group.bytes += unit.data.length;
    this.#bytes += unit.data.length;
    while (this.#groups.length > 1 && this.#spare(unit)) this.#bytes -= this.#groups.shift().bytes;
    // One group alone that is too much cannot be shortened: its end needs its beginning.
    if (this.#bytes > this.#most) this.clear();
  }

  /** All that is kept, oldest first. */
  units() {
    return this.#groups.flatMap(({ units }) => units);
  }

  /** What came since the last key frame, if that is not more than `seconds` ago. */
  fresh(seconds) {
    const { units } = this.#groups.at(-1) ?? { units: [] };
    return units.length && units.at(-1).captured - units[0].captured <= seconds * 1e6 ? [...units] : [];
  }

  clear() {
    this.#groups = [];
    this.#bytes = 0;
  }

  /** Whether the first group is not needed any more. */
  #spare(newest) {
    return this.#bytes > this.#most || newest.captured - this.#groups[1].units[0].captured >= this.#microseconds;
  }

  /** A file has one size of picture, and its time only goes forward. */
  #fits({ width, height, captured }) {
    const last = this.#groups.at(-1)?.units.at(-1);
    return !last || (last.width === width && last.height === height && last.captured < captured);
  }
}
