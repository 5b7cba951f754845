// The client of /api/ws: input goes out, the device's state comes in. Source: docs/control-protocol.md.

import { Link } from './link.js';

const PING_MS = 1000;
const SILENT_MS = 3000;
// Movement is worth nothing when it is late: none is added while this much still waits to be sent.
const MOVE_BACKLOG_BYTES = 4096;
const INPUT = new Set(['key', 'mouse_move', 'mouse_button', 'mouse_relative', 'mouse_wheel']);

export class Control {
  #on;
  #link;
  #timer;
  #now;
  #pinged = null;
  /** What the device said last; null while it is not connected, because old words are no longer known to be true. */
  state = null;
  client = null;
  /** Whether the account may only watch: then nothing is sent that would be refused. */
  #watching = false;
  /** Milliseconds to the device and back, null when not measured. */
  roundTrip = null;

  /** `on.change()`, `on.refused(event)`, `on.lost(event)`, `on.error(event)`, `on.ended()`, `on.failed()` for each lost attempt. */
  constructor(on, now = () => performance.now()) {
    this.#on = on;
    this.#now = now;
    this.#link = new Link('/api/ws', {
      message: (data) => this.#message(data),
      state: (state) => this.#linkState(state),
      ended: on.ended,
    });
    this.#timer = setInterval(() => this.#beat(), PING_MS);
  }

  get connection() {
    return this.#link.state;
  }

  /** Whether this connection may type: true, false, or null when the device has not said who does. */
  get mine() {
    if (!this.state || this.client === null) return null;
    return this.state.control.client === this.client;
  }

  /** Whether somebody else has control. */
  get theirs() {
    return this.mine === false && this.state.control.client !== null;
  }

  key(code, state) {
    return this.#send('key', { key: code, state });
  }

  button(button, state) {
    return this.#send('mouse_button', { button, state });
  }

  move(to) {
    return this.#send('mouse_move', { to });
  }

  relative(delta) {
    return this.#send('mouse_relative', { delta });
  }

  wheel(delta) {
    return this.#send('mouse_wheel', { delta });
  }

  release() {
    return this.#send('release', {});
  }

  take() {
    return this.#send('control', { action: 'take' });
  }

  give() {
    return this.#send('control', { action: 'give' });
  }

  /** Whether movement sent now would be on its way at once. */
  get flowing() {
    return this.#link.backlog < MOVE_BACKLOG_BYTES;
  }

  /** Reconnect now instead of after the delay. */
  retry() {
    this.#link.retry();
  }

  stop() {
    clearInterval(this.#timer);
    this.#link.stop();
  }

  #send(type, event) {
    if (this.#watching && INPUT.has(type)) return false;
    return this.#link.send(JSON.stringify({ event_type: type, event }));
  }

  #beat() {
    if (this.connection !== 'live') return;
    if (this.#pinged === null) {
      this.#pinged = this.#now();
      this.#send('ping', {});
    } else if (this.#now() - this.#pinged > SILENT_MS) {
      this.#link.drop();
    }
  }

  #linkState(state) {
    this.#pinged = null;
    this.state = null;
    this.client = null;
    this.roundTrip = null;
    this.#on.change();
    if (state === 'live') this.#beat();
    if (state === 'reconnecting') this.#on.failed();
  }

  #message(data) {
    const { event_type: type, event } = JSON.parse(data);
    if (type === 'hello') [this.client, this.#watching] = [event.client, event.watching];
    else if (type === 'state') this.state = event;
    else if (type === 'pong') this.#pong();
    else if (type === 'refused') this.#on.refused(event);
    else if (type === 'lost') this.#on.lost(event);
    else if (type === 'error') this.#on.error(event);
    this.#on.change();
  }

  #pong() {
    if (this.#pinged !== null) this.roundTrip = this.#now() - this.#pinged;
    this.#pinged = null;
  }
}
