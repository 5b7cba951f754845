// The page's side of /api/ws: input goes out, the device's state comes in. The socket is on a thread of its own, see hands.js.

import { Moment } from './moment.js';

const TICK_MS = 100;

export class Control {
  #on;
  #worker;
  #timer;
  #keys = new Set();
  #buttons = new Set();
  #moment = new Moment(performance);
  connection = 'connecting';
  /** What the device said last; null while it is not connected, because old words are no longer known to be true. */
  state = null;
  client = null;
  /** Whether the account may only watch, null before the device has said so: then nothing is sent, nor offered, that would be refused. */
  watching = null;
  /** Milliseconds to the device and back, null when not measured. */
  roundTrip = null;
  /** How often the device let go of something because this page's signs of life did not reach it in time. */
  lapses = 0;

  /**
   * `on.change()`, `on.refused(event)`, `on.lost(event)`, `on.asked(event)`, `on.error(event)`, `on.ended()`, `on.failed()` for
   * each lost attempt, and `on.stuck()` when the socket's thread could not start.
   */
  constructor(on) {
    this.#on = on;
    this.#worker = new Worker('/ui/hands.js', { type: 'module' });
    this.#worker.onmessage = ({ data }) => this.#message(data);
    this.#worker.onerror = () => on.stuck();
    this.#timer = setInterval(() => this.#post({ command: 'tick' }), TICK_MS);
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

  /** `stamp` is the event's `timeStamp`; without one it happens now. */
  key(code, pressed, stamp) {
    this.#edge(this.#keys, code, pressed, stamp);
  }

  button(name, pressed, stamp) {
    this.#edge(this.#buttons, name, pressed, stamp);
  }

  move(to) {
    this.#input({ command: 'move', to });
  }

  relative(delta) {
    this.#input({ command: 'relative', delta });
  }

  wheel(delta, stamp) {
    this.#input({ command: 'wheel', delta, at: this.#moment.of(stamp) });
  }

  /** Let go of everything. */
  release() {
    this.#forget();
    this.#post({ command: 'release' });
  }

  /** Forget what is held: the device has let go of it. */
  clear() {
    this.#forget();
    this.#post({ command: 'forget' });
  }

  take() {
    this.#control({ action: 'take' });
  }

  give() {
    this.#control({ action: 'give' });
  }

  ask() {
    this.#control({ action: 'ask' });
  }

  grant(client) {
    this.#control({ action: 'grant', client });
  }

  /** Reconnect now instead of after the delay. */
  retry() {
    this.#post({ command: 'retry' });
  }

  stop() {
    clearInterval(this.#timer);
    this.#post({ command: 'stop' });
  }

  #edge(held, name, pressed, stamp) {
    if (pressed) held.add(name);
    else held.delete(name);
    this.#input({
      command: 'say', how: pressed ? 'hold' : 'keep', keys: [...this.#keys], buttons: [...this.#buttons], at: this.#moment.of(stamp),
    });
  }

  #control(event) {
    this.#post({ command: 'control', event });
  }

  #input(message) {
    if (!this.watching) this.#post(message);
  }

  #post(message) {
    this.#worker.postMessage(message);
  }

  #forget() {
    this.#keys.clear();
    this.#buttons.clear();
  }

  #message({ type, event, state, ms }) {
    if (type === 'link') this.#linkState(state);
    else if (type === 'round_trip') this.roundTrip = ms;
    else if (type === 'hello') [this.client, this.watching] = [event.client, event.watching];
    else if (type === 'state') this.state = event;
    else if (type === 'lapsed') this.lapses += this.#keys.size + this.#buttons.size > 0 ? 1 : 0;
    else this.#on[type]?.(event);
    this.#on.change();
  }

  #linkState(state) {
    this.connection = state;
    this.state = null;
    this.client = null;
    this.roundTrip = null;
    this.#forget();
    if (state === 'reconnecting') this.#on.failed();
  }
}
