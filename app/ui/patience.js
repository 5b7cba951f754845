// How long a picture that should come may stay away before its connection is given up for dead.

const FIRST_MS = 5000;
// On the slowest links a key frame is under way for that long.
const LAST_MS = 40000;

export class Patience {
  #since = 0;
  #ms = FIRST_MS;

  /** A picture came. One that took long says that the link is slow: the next one may take as long. */
  painted(now) {
    if (now - this.#since < FIRST_MS) this.#ms = FIRST_MS;
    this.#since = now;
  }

  /** No picture is due. */
  excuse(now) {
    this.#since = now;
  }

  /** Whether it is at an end, once; the next connection is given twice the time. */
  over(now) {
    if (now - this.#since < this.#ms) return false;
    this.#since = now;
    this.#ms = Math.min(LAST_MS, 2 * this.#ms);
    return true;
  }
}
