// The browser's wheel in HID's terms: whole notches, positive y scrolls up, positive x to the right.

const PIXELS_PER_NOTCH = 100;
const LINES_PER_NOTCH = 3;
const HID_LIMIT = 127;
const ROUNDING = 1e-6; // five times 1.2 is a little less than 6
const UNITS = [PIXELS_PER_NOTCH, LINES_PER_NOTCH, 1]; // by deltaMode: pixels, lines, pages

export class Wheel {
  #rest = { x: 0, y: 0 };

  /** What to send for a wheel event, or null while it does not add up to a notch. The rest is kept. */
  turn({ deltaX, deltaY, deltaMode }) {
    const unit = UNITS[deltaMode];
    const x = this.#take('x', deltaX / unit);
    const y = this.#take('y', -deltaY / unit);
    return x || y ? { x, y } : null;
  }

  #take(axis, notches) {
    // What is left of the other direction must not eat the first notch of this one.
    if (this.#rest[axis] * notches < 0) this.#rest[axis] = 0;
    this.#rest[axis] += notches;
    const whole = Math.trunc(this.#rest[axis] + Math.sign(notches) * ROUNDING);
    const sent = Math.max(-HID_LIMIT, Math.min(HID_LIMIT, whole));
    this.#rest[axis] -= sent;
    return sent + 0; // never -0
  }
}
