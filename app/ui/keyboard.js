// Physical keys, by position. The browser repeats nothing here: the target's own system does.

const ALTGR_MS = 30;
const MODIFIER = /^(Control|Shift|Alt|Meta)(Left|Right)$/;
const LEAVE = ['Control', 'Alt', 'Shift'];

/** What differs between the systems a browser runs on. */
export function hostSystem(navigator) {
  const name = navigator.userAgentData?.platform || navigator.platform;
  return { windows: /^win/i.test(name), mac: /^mac/i.test(name) };
}

export class Keyboard {
  #on;
  #system;
  #held = new Set();
  #control = null; // Windows: a ControlLeft that may turn out to be the first half of AltGr
  #leaving = false;

  /**
   * `on.key(code, pressed)` sends one edge; `on.leave()` takes the focus away from the target.
   * `system` is what `hostSystem` says.
   */
  constructor(target, on, system) {
    this.#on = on;
    this.#system = system;
    target.addEventListener('keydown', (event) => this.#down(event));
    target.addEventListener('keyup', (event) => this.#up(event));
  }

  /** Whether any key is down on the target because of this page. */
  get holding() {
    return this.#held.size > 0;
  }

  /** Forget what is held: the target is told by other means. */
  clear() {
    this.#held.clear();
    this.#dropControl();
    this.#leaving = false;
  }

  /** Press the keys in this order and let go of them in the other. */
  chord(codes) {
    for (const code of codes) this.#on.key(code, true);
    for (const code of [...codes].reverse()) this.#on.key(code, false);
  }

  #down(event) {
    event.preventDefault();
    event.stopPropagation();
    const { code } = event;
    if (!code || code === 'Unidentified' || event.repeat) return;
    if (this.#control && code === 'AltRight' && event.timeStamp - this.#control.at < ALTGR_MS) this.#dropControl();
    this.#flushControl();
    if (this.#system.windows && code === 'ControlLeft') {
      // Windows reports AltGr as ControlLeft and AltRight at the same moment. The target has an AltGr of its own.
      this.#control = { at: event.timeStamp, timer: setTimeout(() => this.#flushControl(), ALTGR_MS) };
      return;
    }
    this.#press(code);
    if (this.#system.mac && code === 'CapsLock') this.#lift(code); // macOS: down is "on", up is "off", each a tap
  }

  #up(event) {
    event.preventDefault();
    event.stopPropagation();
    const { code } = event;
    this.#flushControl();
    if (this.#system.mac && code === 'CapsLock') this.#press(code);
    // macOS swallows the release of what was pressed together with Command.
    if (this.#system.mac && code.startsWith('Meta')) this.#liftAll((held) => !MODIFIER.test(held));
    this.#lift(code);
    if (this.#leaving && this.#held.size === 0) {
      this.#leaving = false;
      this.#on.leave();
    }
  }

  #press(code) {
    if (this.#held.has(code)) this.#lift(code); // its release went unseen
    this.#held.add(code);
    this.#on.key(code, true);
    this.#leaving = this.#held.size === LEAVE.length && LEAVE.every((name) => this.#holds(name));
  }

  #holds(name) {
    return this.#held.has(`${name}Left`) || this.#held.has(`${name}Right`);
  }

  #lift(code) {
    if (this.#held.delete(code)) this.#on.key(code, false);
  }

  #liftAll(which) {
    for (const code of [...this.#held].filter(which)) this.#lift(code);
  }

  #flushControl() {
    if (this.#dropControl()) this.#press('ControlLeft');
  }

  #dropControl() {
    if (!this.#control) return false;
    clearTimeout(this.#control.timer);
    this.#control = null;
    return true;
  }
}
