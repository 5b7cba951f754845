// What the user holds, and the signs of life that keep it held. Source: docs/control-protocol.md, "Client to server".
//
// It lives on a thread of its own, so that a busy page cannot hold up a key that goes up. But a page that is stuck does not see its
// user let go either: while it gives no tick, no sign of life is sent, and the device lets go.

const BEAT_MS = 250;
const TICK_MS = 250;
const HID_LIMIT = 127;
// Movement is worth nothing when it is late: none is added while this much still waits to be sent.
const BACKLOG_BYTES = 4096;

export class Operator {
  #link;
  #now;
  #held = { keys: [], buttons: [] };
  #beaten = 0;
  #ticked = 0;
  #place = null; // where to move to as soon as that would be on its way at once
  #delta = { x: 0, y: 0 };

  /** `link` has `send(text)` and `backlog`; `now` is in milliseconds of a clock that the page shares. Call `beat` now and then. */
  constructor(link, now) {
    this.#link = link;
    this.#now = now;
  }

  get #holding() {
    return this.#held.keys.length + this.#held.buttons.length > 0;
  }

  /** The page is alive. */
  tick() {
    this.#ticked = this.#now();
    this.beat(); // the page may have been busy for longer than one of them
  }

  /** Repeat what is held if it is time, and move if there was no room before. */
  beat() {
    const now = this.#now();
    if (this.#holding && now - this.#beaten >= BEAT_MS && now - this.#ticked <= TICK_MS) this.#tell('keep', now);
    if (this.#link.backlog < BACKLOG_BYTES) this.#move();
  }

  /** The user pressed something (`hold`) or let go of something (`keep`) at `at`; this is what is held now. */
  say(how, keys, buttons, at) {
    this.#move();
    this.#held = { keys, buttons };
    this.#tell(how, at);
  }

  /** Let go of everything. */
  release() {
    this.forget();
    this.#send('release', {});
  }

  /** The device holds nothing any more, by other means. */
  forget() {
    this.#held = { keys: [], buttons: [] };
    this.#place = null;
    this.#delta = { x: 0, y: 0 };
  }

  /** Put the pointer at a place. */
  move(place) {
    this.#place = place;
    this.beat();
  }

  /** Move the relative mouse by any amount. */
  relative(delta) {
    this.#delta = { x: this.#delta.x + delta.x, y: this.#delta.y + delta.y };
    this.beat();
  }

  wheel(delta, at) {
    this.#move();
    this.#send('mouse_wheel', { delta, at: Math.round(at) });
  }

  #tell(how, at) {
    this.#beaten = this.#now();
    this.#send(how, { ...this.#held, at: Math.round(at) });
  }

  #move() {
    if (this.#place) this.#send('mouse_move', { to: this.#place });
    const delta = steps(this.#delta);
    if (delta.length) this.#send('mouse_relative', { delta, at: Math.round(this.#now()) });
    this.#place = null;
    this.#delta = { x: 0, y: 0 };
  }

  #send(type, event) {
    this.#link.send(JSON.stringify({ event_type: type, event }));
  }
}

/** A movement as whole steps that a report can carry. */
export function steps({ x, y }) {
  const count = Math.ceil(Math.max(Math.abs(x), Math.abs(y)) / HID_LIMIT);
  const part = (total, step) => Math.round((total * (step + 1)) / count) - Math.round((total * step) / count) + 0;
  return Array.from({ length: count }, (_, step) => ({ x: part(x, step), y: part(y, step) }));
}
