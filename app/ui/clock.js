// What time it is on the device, by round trips over the stream's own socket. Source: docs/stream-protocol.md, "The clocks".

const KEPT = 30;
const PENDING = 8;

export class Clock {
  #sent = new Map();
  #token = 0;
  #measured = [];

  /** A ping leaves now, in milliseconds: its token. */
  ping(now) {
    this.#token = (this.#token + 1) >>> 0;
    this.#sent.set(this.#token, now);
    if (this.#sent.size > PENDING) this.#sent.delete(this.#sent.keys().next().value);
    return this.#token;
  }

  /** Its pong came, with the device's clock in microseconds. */
  pong(token, device, now) {
    const sent = this.#sent.get(token);
    if (sent === undefined) return;
    this.#sent.delete(token);
    this.#measured.push({ trip: now - sent, offset: device / 1000 - (sent + now) / 2 });
    if (this.#measured.length > KEPT) this.#measured.shift();
  }

  /** Another connection may lead to another clock. */
  reset() {
    this.#sent.clear();
    this.#measured = [];
  }

  /** Milliseconds of the shortest round trip lately, or null. */
  get roundTrip() {
    return this.#best()?.trip ?? null;
  }

  /** How far off `age` may be, in milliseconds, or null. */
  get uncertainty() {
    const trip = this.roundTrip;
    return trip === null ? null : trip / 2;
  }

  /** Milliseconds since the device's clock showed these microseconds; null while the clocks are not compared. */
  age(device, now) {
    const best = this.#best();
    return best ? now + best.offset - device / 1000 : null;
  }

  #best() {
    return this.#measured.reduce((best, each) => (best && best.trip <= each.trip ? best : each), null);
  }
}
