// The console: the target's screen, its keyboard and mouse, and the truth about all of it.

import { setBitrate } from './api.js';
import { Control } from './control.js';
import { Dialogs } from './dialogs.js';
import { Drawers } from './drawers.js';
import { Figures, save } from './figures.js';
import { Fullscreen } from './fullscreen.js';
import { Glass } from './glass.js';
import { hostSystem, Keyboard } from './keyboard.js';
import { Keys } from './keys.js';
import { Notice } from './notice.js';
import { Panel } from './panel.js';
import { Picture } from './picture.js';
import { Pointer } from './pointer.js';
import { call } from './rest.js';
import * as status from './status.js';

const RENDER_MS = 100;

export class Console {
  #canvas;
  #session;
  #control;
  #picture;
  #figures;
  #keyboard;
  #keys;
  #pointer;
  #fullscreen;
  #notice;
  #glass;
  #dialogs;
  #panel;
  #connection = 'connecting';
  #typing = null; // the control last known: whose loss to tell
  #timer;
  #away = new AbortController();

  /**
   * `session` has `check()` and `logout()` of api.js, `ended(words)` to call when the session is over, and `unclaimed()` for when
   * the device has lost its owner.
   */
  constructor(view, session) {
    this.#session = session;
    this.#canvas = view.querySelector('canvas');
    this.#notice = new Notice(view.querySelector('.notice'));
    this.#panel = new Panel(view);
    this.#control = this.#connect();
    this.#picture = new Picture(this.#canvas, {
      size: (width, height) => this.#pointer.resize(width, height),
      notice: (words) => this.#notice.show(words),
      file: (blob) => save(blob, fileName(this.#control.state)),
      ended: () => this.#end('The session ended. Log in again.'),
    });
    this.#keyboard = new Keyboard(
      this.#canvas,
      { key: (code, pressed, at) => this.#control.key(code, pressed, at), leave: () => firstShown(view.querySelectorAll('.tools button')).focus() },
      hostSystem(navigator),
    );
    // Passing over the picture must not take control: a click or a key does, and then a picture that has the focus moves the pointer.
    this.#pointer = new Pointer(this.#canvas, {
      move: (to) => this.#control.move(to),
      relative: (delta) => this.#control.relative(delta),
      button: (name, pressed, at) => this.#control.button(name, pressed, at),
      wheel: (delta, at) => this.#control.wheel(delta, at),
      wanted: () => document.activeElement === this.#canvas && this.#control.mine === true,
    });
    this.#fullscreen = new Fullscreen(view.querySelector('.stage'), view.querySelector('[data-do=fullscreen]'));
    this.#figures = new Figures(view.querySelector('.figures'), view.querySelector('[data-do=figures]'), {
      record: (on) => this.#picture.command(on ? 'record' : 'keep'),
      last: () => this.#picture.command('last'),
      quality: (kbits) => this.#setQuality(kbits),
    });
    this.#keys = new Keys(view.querySelector('.keys'), { chord: (codes) => this.#keyboard.chord(codes) });
    const drawers = new Drawers();
    drawers.add(view.querySelector('.figures'), view.querySelector('[data-do=figures]'));
    drawers.add(view.querySelector('.keys'), view.querySelector('[data-do=keys]'), () => this.#keys.load());
    this.#dialogs = new Dialogs(view, {
      notice: (words) => this.#notice.show(words),
      mine: () => this.#control.mine,
      theirs: () => this.#control.theirs,
      take: () => this.#control.take(),
    });
    this.#tools(view);
    this.#glass = new Glass(view);
    this.#releaseWhenLeft();
    this.#timer = setInterval(() => this.#render(), RENDER_MS);
    this.#render();
    this.#canvas.focus();
  }

  #connect() {
    return new Control({
      change: () => this.#changed(),
      refused: ({ reason }) => (this.#control.mine ? this.#notice.show(`Not sent: ${reason}`) : this.#offerControl(`Not sent: ${reason}`)),
      lost: ({ reports, reason }) =>
        this.#notice.show(`${reports} key ${reports === 1 ? 'report' : 'reports'} did not reach the target: ${reason}`),
      error: ({ error_msg: words }) => this.#notice.show(`The device did not understand that: ${words}`),
      asked: ({ client, user }) =>
        this.#notice.show(`${status.name(user, client)} asks for control`, { label: 'Give control', act: () => this.#control.grant(client) }),
      stuck: () => this.#notice.show('The control part of this page could not start. Reload the page.'),
      ended: () => this.#end('The session ended. Log in again.'),
      failed: () => this.#checkSession(),
    });
  }

  #tools(view) {
    const act = {
      cad: () => this.#keyboard.chord(['ControlLeft', 'AltLeft', 'Delete']),
      paste: () => this.#dialogs.openPaste(),
      release: () => this.#release(),
      lock: () => this.#lock(),
      fullscreen: () => this.#goFullscreen(),
      replug: () => this.#replug(),
      settings: () => this.#dialogs.openSettings(),
      logout: () => this.#logout(),
      control: () => (this.#control.mine ? this.#control.give() : this.#control.take()),
      ask: () => this.#control.ask(),
    };
    for (const [name, action] of Object.entries(act)) {
      view.querySelector(`[data-do=${name}]`).addEventListener('click', action);
    }
    const lock = view.querySelector('[data-do=lock]');
    lock.hidden = typeof this.#canvas.requestPointerLock !== 'function';
    this.#listen(document, 'pointerlockchange', () => {
      lock.setAttribute('aria-pressed', String(this.#pointer.locked));
      // The cursor is wherever it was before, and what is let go of there nobody hears here.
      if (!this.#pointer.locked && this.#pointer.holding) this.#release();
    });
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
      this.#picture.attend();
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
    this.#picture.command('retry');
  }

  #release() {
    this.#keyboard.clear();
    this.#pointer.clear();
    this.#control.release();
  }

  /** The device has let go of everything. */
  #clear() {
    this.#keyboard.clear();
    this.#pointer.clear();
    this.#control.clear();
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

  async #setQuality(kbits) {
    const words = await setBitrate(kbits);
    if (words) this.#notice.show(`The quality is as it was: ${words}`);
  }

  async #replug() {
    const { ok, words } = await call('POST', '/api/streamer/replug');
    if (!ok) this.#notice.show(`The display was not replugged. ${words}`);
  }

  #changed() {
    if (this.#control.connection !== 'live') {
      // The device let go of everything when the connection went.
      this.#clear();
    }
    if (this.#control.connection !== this.#connection) {
      this.#connection = this.#control.connection;
      if (this.#connection === 'live') this.#picture.command('retry'); // the device is back for both
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
      this.#clear();
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
    const state = await this.#session.check();
    if (state === 'out') this.#end('The session ended. Log in again.');
    else if (state === 'unclaimed') this.#end('', this.#session.unclaimed);
  }

  #render() {
    const now = performance.now();
    const { state, client, watching, connection: link, roundTrip, lapses } = this.#control;
    const { figures, fault, late, link: stream, recording } = this.#picture;
    this.#panel.render({
      state, client, watching, link, stream, roundTrip, lapses, fault, late, figures,
      age: this.#picture.age(now),
      slides: status.delivery(state, figures?.number)?.slide_show ?? false,
      focused: document.activeElement === this.#canvas && document.hasFocus(),
    });
    this.#keys.render(state);
    this.#figures.render({ figures, state, stream, recording, watching });
    this.#dialogs.render(state);
    this.#picture.revive(now, state);
  }

  #end(words, next = this.#session.ended) {
    if (this.#away.signal.aborted) return;
    this.stop();
    next(words);
  }

  /** Let go of the device: the page is about to show something else. */
  stop() {
    if (this.#away.signal.aborted) return;
    this.#away.abort();
    clearInterval(this.#timer);
    this.#control.stop();
    this.#picture.command('stop');
    this.#fullscreen.stop();
    this.#glass.stop();
  }
}

/** Who may only watch has not all of the tools, and what is not shown takes no focus. */
function firstShown(tools) {
  return [...tools].find((tool) => tool.getClientRects().length > 0);
}

/** What a recording is called: the device, and the time by the browser's clock. */
function fileName(state) {
  const time = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
  return `${state?.network.hostname || 'inkvm'}-${time}.mp4`;
}
