// What time it is on the device, by round trips over the stream's own socket. Source: docs/stream-protocol.md, "The clocks".

const KEPT = 30;
const PENDING = 8;
/** Milliseconds by which two clocks may drift apart while a comparison is kept. */
const DRIFT_MS = 5;

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

  /** Its pong came, with the device's clock in microseconds. Returns whether one of the clocks was found to have jumped. */
  pong(token, device, now) {
    const sent = this.#sent.get(token);
    if (sent === undefined) return false;
    this.#sent.delete(token);
    const trip = now - sent;
    const offset = device / 1000 - (sent + now) / 2;
    const best = this.#best();
    // Each is wrong by half its round trip at most. A laptop that slept has a clock that stood still.
    const jumped = best !== null && Math.abs(offset - best.offset) > (trip + best.trip) / 2 + DRIFT_MS;
    if (jumped) this.#measured = [];
    this.#measured.push({ trip, offset });
    if (this.#measured.length > KEPT) this.#measured.shift();
    return jumped;
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

  /** Milliseconds since the device's clock showed these microseconds; null while the clocks are not compared, or cannot be right. */
  age(device, now) {
    const best = this.#best();
    const age = best ? now + best.offset - device / 1000 : null;
    return age !== null && age < -best.trip / 2 - DRIFT_MS ? null : age;
  }

  #best() {
    return this.#measured.reduce((best, each) => (best && best.trip <= each.trip ? best : each), null);
  }
}
