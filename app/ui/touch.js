// Fingers as a mouse: a tap clicks, a long press is the right button, a finger that moves drags, two fingers scroll.

const LONG_MS = 600;
const SLOP = 10; // pixels that a finger may move and still be tapping

export class Touch {
  #on;
  #fingers = new Map();
  #does = 'nothing'; // or 'waits', 'drags', 'scrolls', or 'is over' until the last finger is lifted
  #began = null;
  #timer = null;

  /** `on.click(name, point)`, `on.press(point)`, `on.move(point)`, `on.lift()` and `on.scroll({x, y})`, pixels as of a wheel. */
  constructor(on) {
    this.#on = on;
  }

  /** A finger came down. */
  down(id, point) {
    this.#fingers.set(id, point);
    const before = this.#does;
    this.#settle();
    if (this.#fingers.size === 1) {
      this.#does = 'waits';
      this.#began = point;
      this.#timer = setTimeout(() => this.#click('right', 'is over'), LONG_MS);
    } else if (this.#fingers.size === 2 && before !== 'is over') {
      this.#does = 'scrolls';
      this.#on.move(point);
    }
  }

  /** A finger moved. */
  move(id, point) {
    const last = this.#fingers.get(id);
    if (!last) return;
    this.#fingers.set(id, point);
    if (this.#does === 'waits' && Math.hypot(point.x - this.#began.x, point.y - this.#began.y) > SLOP) {
      clearTimeout(this.#timer);
      this.#does = 'drags';
      this.#on.press(this.#began);
    }
    if (this.#does === 'drags') this.#on.move(point);
    // What is under the fingers follows them; each of the two brings half of the way.
    if (this.#does === 'scrolls') this.#on.scroll({ x: (last.x - point.x) / 2, y: (last.y - point.y) / 2 });
  }

  /** A finger was lifted. */
  up(id) {
    if (!this.#fingers.delete(id)) return;
    if (this.#does === 'waits') this.#click('left', 'nothing');
    else this.#settle();
    if (this.#fingers.size === 0) this.#does = 'nothing';
  }

  /** The system took the fingers for itself, or what they held is let go of by other means. */
  clear() {
    clearTimeout(this.#timer);
    this.#fingers.clear();
    this.#does = 'nothing';
  }

  #click(name, next) {
    clearTimeout(this.#timer);
    this.#does = next;
    this.#on.click(name, this.#began);
  }

  /** End what was begun. */
  #settle() {
    clearTimeout(this.#timer);
    if (this.#does === 'drags') this.#on.lift();
    if (this.#does !== 'nothing') this.#does = 'is over';
  }
}
