// The console: the target's screen, its keyboard and mouse, and the truth about all of it.

import { Control } from './control.js';
import { Fullscreen } from './fullscreen.js';
import { hostSystem, Keyboard } from './keyboard.js';
import { Notice } from './notice.js';
import { Panel } from './panel.js';
import { Pointer } from './pointer.js';
import { Rate } from './rate.js';
import * as status from './status.js';
import { Stream, supported } from './stream.js';

const RENDER_MS = 100;
const SILENT_STREAM_MS = 5000;

export class Console {
  #canvas;
  #session;
  #control;
  #stream = null;
  #keyboard;
  #pointer;
  #fullscreen;
  #notice;
  #panel;
  #rate = new Rate();
  #painted = null;
  #dropped = 0;
  #fault = '';
  #connection = 'connecting';
  #typing = null; // the control last known: whose loss to tell
  #timer;
  #away = new AbortController();

  /** `session` has `check()` and `logout()` of api.js, and `ended(words)` to call when the session is over. */
  constructor(view, session) {
    this.#session = session;
    this.#canvas = view.querySelector('canvas');
    this.#notice = new Notice(view.querySelector('.notice'));
    this.#panel = new Panel(view);
    this.#control = this.#connect();
    if (supported()) this.#stream = new Stream(this.#canvas, (message) => this.#watch(message));
    this.#keyboard = new Keyboard(
      this.#canvas,
      { key: (code, pressed) => this.#control.key(code, pressed), leave: () => view.querySelector('.tools button').focus() },
      hostSystem(navigator),
    );
    // Passing over the picture must not take control from nobody: only a picture that has the focus moves the pointer.
    this.#pointer = new Pointer(this.#canvas, {
      move: (to) => this.#control.move(to),
      relative: (delta) => this.#control.relative(delta),
      button: (name, pressed) => this.#control.button(name, pressed),
      wheel: (delta) => this.#control.wheel(delta),
      wanted: () => document.activeElement === this.#canvas && !this.#control.theirs,
      flowing: () => this.#control.flowing,
    });
    this.#fullscreen = new Fullscreen(view.querySelector('.stage'), view.querySelector('[data-do=fullscreen]'));
    this.#tools(view);
    this.#releaseWhenLeft();
    this.#timer = setInterval(() => this.#render(), RENDER_MS);
    this.#render();
    this.#canvas.focus();
  }

  #connect() {
    return new Control({
      change: () => this.#changed(),
      refused: ({ reason }) => this.#offerControl(`Not sent: ${reason}`),
      lost: ({ reports, reason }) =>
        this.#notice.show(`${reports} key ${reports === 1 ? 'report' : 'reports'} did not reach the target: ${reason}`),
      error: ({ error_msg: words }) => this.#notice.show(`The device did not understand that: ${words}`),
      ended: () => this.#end('The session ended. Log in again.'),
      failed: () => this.#checkSession(),
    });
  }

  #tools(view) {
    const act = {
      cad: () => this.#keyboard.chord(['ControlLeft', 'AltLeft', 'Delete']),
      release: () => this.#release(),
      lock: () => this.#lock(),
      fullscreen: () => this.#goFullscreen(),
      logout: () => this.#logout(),
      control: () => (this.#control.mine ? this.#control.give() : this.#control.take()),
    };
    for (const [name, action] of Object.entries(act)) {
      view.querySelector(`[data-do=${name}]`).addEventListener('click', action);
    }
    const lock = view.querySelector('[data-do=lock]');
    lock.hidden = typeof this.#canvas.requestPointerLock !== 'function';
    this.#listen(document, 'pointerlockchange', () => lock.setAttribute('aria-pressed', String(this.#pointer.locked)));
  }

  /** Whatever is held is let go of when nobody can see or feel that it is. */
  #releaseWhenLeft() {
    const left = () => {
      if (this.#keyboard.holding || this.#pointer.holding || this.#control.mine) this.#release();
    };
    this.#listen(this.#canvas, 'blur', left);
    this.#listen(window, 'blur', left);
    this.#listen(window, 'pagehide', left);
    this.#listen(document, 'visibilitychange', () => {
      if (document.hidden) left();
      else this.#retry();
    });
    this.#listen(window, 'online', () => this.#retry());
  }

  #listen(target, type, listener) {
    target.addEventListener(type, listener, { signal: this.#away.signal });
  }

  #retry() {
    this.#control.retry();
    this.#stream?.retry();
  }

  #release() {
    this.#keyboard.clear();
    this.#pointer.clear();
    this.#control.release();
  }

  async #lock() {
    this.#canvas.focus();
    try {
      await this.#canvas.requestPointerLock();
    } catch {
      this.#notice.show('The browser did not give the mouse to this page. Try again in a second.');
    }
  }

  async #goFullscreen() {
    try {
      await this.#fullscreen.toggle();
    } catch {
      this.#notice.show('The browser did not allow full screen.');
    }
  }

  async #logout() {
    if (await this.#session.logout()) this.#end('');
    else this.#notice.show('Not logged out: the device does not answer.');
  }

  #watch(message) {
    if (message.type === 'painted') {
      this.#painted = performance.now();
      this.#fault = '';
      this.#rate.add(this.#painted, message.bytes);
      this.#pointer.resize(message.width, message.height);
    } else if (message.type === 'fault') {
      this.#fault = message.words;
    } else if (message.type === 'ended') {
      this.#end('The session ended. Log in again.');
    }
  }

  #changed() {
    if (this.#control.connection !== 'live') {
      // The device let go of everything when the connection went.
      this.#keyboard.clear();
      this.#pointer.clear();
    }
    if (this.#control.connection !== this.#connection) {
      this.#connection = this.#control.connection;
      if (this.#connection === 'live') this.#stream?.retry(); // the device is back for both
    }
    this.#tellLoss();
    this.#render();
  }

  #tellLoss() {
    const { state, client } = this.#control;
    if (!state || state.control.client === this.#typing) return;
    this.#notice.withdraw(); // what it says of who has control is not so any more
    if (this.#typing !== null && this.#typing === client && this.#control.theirs) {
      this.#offerControl(`${status.name(state.control.holder, state.control.client)} took control`);
      this.#keyboard.clear();
      this.#pointer.clear();
    }
    this.#typing = state.control.client;
  }

  #offerControl(words) {
    this.#notice.show(words, { label: 'Take control', act: () => this.#take() });
  }

  #take() {
    this.#control.take();
    this.#canvas.focus();
  }

  /** A refused handshake has no close code: ask whether it was the session. */
  async #checkSession() {
    if ((await this.#session.check()) === 'out') this.#end('The session ended. Log in again.');
  }

  #render() {
    const now = performance.now();
    const age = this.#painted === null ? null : now - this.#painted;
    const { state, client, connection: link, roundTrip } = this.#control;
    this.#panel.render({
      state, client, link, roundTrip, age,
      fault: this.#fault,
      supported: this.#stream !== null,
      rate: this.#rate.read(now),
      focused: document.activeElement === this.#canvas && document.hasFocus(),
    });
    this.#reviveStream(now, state);
  }

  /** The device says there is a picture and none comes: the stream's connection is dead without knowing. */
  #reviveStream(now, state) {
    if (!this.#stream || state?.signal.state !== 'locked' || state.encoder.state !== 'running') {
      this.#dropped = now;
      return;
    }
    if (now - Math.max(this.#painted ?? 0, this.#dropped) < SILENT_STREAM_MS) return;
    this.#dropped = now;
    this.#stream.drop();
  }

  #end(words) {
    if (this.#away.signal.aborted) return;
    this.#away.abort();
    clearInterval(this.#timer);
    this.#control.stop();
    this.#stream?.stop();
    this.#fullscreen.stop();
    this.#session.ended(words);
  }
}
