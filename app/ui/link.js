// A WebSocket that comes back: it reconnects with a growing, jittered delay until it is stopped or the session ends.

export const SESSION_ENDED = 4401;
const OPEN_TIMEOUT_MS = 5000;
const FIRST_MS = 250;
const LAST_MS = 5000;

/** Milliseconds to wait before attempt number `attempt` (from 0): 250 to 5000, spread by `random` (0 to 1). */
export function delay(attempt, random) {
  const top = Math.min(LAST_MS, 2 * FIRST_MS * 2 ** attempt);
  return FIRST_MS + random * (top - FIRST_MS);
}

/** The socket's address for a path on this host, whatever port the page came from. */
export function address(path, base) {
  const url = new URL(path, base);
  url.protocol = url.protocol === 'http:' ? 'ws:' : 'wss:';
  return url.href;
}

export class Link {
  #url;
  #on;
  #socket = null;
  #timer = null;
  #attempt = 0;
  #stopped = false;
  #paused = false;
  state = 'connecting';

  /**
   * `on.open()`, `on.message(data)`, `on.state(state)` with `connecting`, `live`, `reconnecting`, `paused` or `closed`,
   * and `on.ended()` when the session is over. Binary messages are ArrayBuffers. A `paused` one is not wanted yet.
   */
  constructor(path, on, paused = false) {
    this.#url = address(path, location.href);
    this.#on = on;
    this.#paused = paused;
    if (paused) this.#become('paused');
    else this.#open();
  }

  /** Bytes the browser has not put on the wire yet. */
  get backlog() {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /** Send now or not at all: nothing is kept for a later connection. Returns whether it was sent. */
  send(data) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(data);
    return true;
  }

  /** Give the connection up for dead and make another. */
  drop() {
    if (this.#socket) this.#lost();
  }

  /** Do not wait for the rest of the delay. */
  retry() {
    if (!this.#socket && !this.#stopped && !this.#paused) this.#open();
  }

  /** Close until it is wanted again. */
  pause() {
    if (this.#stopped || this.#paused) return;
    this.#paused = true;
    this.#forget();
    this.#become('paused');
  }

  /** It is wanted again. */
  resume() {
    this.#paused = false;
    this.retry();
  }

  /** Close for good. */
  stop() {
    this.#stopped = true;
    this.#forget();
    this.#become('closed');
  }

  #open() {
    clearTimeout(this.#timer);
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    this.#timer = setTimeout(() => this.#lost(), OPEN_TIMEOUT_MS);
    socket.onopen = () => {
      clearTimeout(this.#timer);
      this.#become('live');
      this.#on.open?.();
    };
    socket.onmessage = (event) => {
      this.#attempt = 0; // only a peer that talks is one to hurry back to
      this.#on.message(event.data);
    };
    socket.onclose = (event) => {
      if (event.code === SESSION_ENDED) {
        this.stop();
        this.#on.ended?.();
      } else {
        this.#lost();
      }
    };
  }

  #lost() {
    this.#forget();
    this.#timer = setTimeout(() => this.#open(), delay(this.#attempt, Math.random()));
    this.#attempt += 1;
    this.#become('reconnecting');
  }

  #forget() {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #become(state) {
    const changed = state !== this.state;
    this.state = state;
    // Each failed attempt is news too: the session may be why.
    if (changed || state === 'reconnecting') this.#on.state?.(state);
  }
}
