// Physical keys, by position. The browser repeats nothing here: the target's own system does.

const ALTGR_MS = 30;
const MODIFIER = /^(Control|Shift|Alt|Meta)(Left|Right)$/;
const JAPANESE = new Set(['Zenkaku', 'Hankaku', 'ZenkakuHankaku', 'Alphanumeric', 'Eisu', 'Katakana', 'Hiragana', 'HiraganaKatakana', 'Romaji', 'KanaMode']);
const LEAVE = ['Control', 'Alt', 'Shift'];
// Firefox's names for them, before version 118 for the first two.
const STANDARD = {
  OSLeft: 'MetaLeft', OSRight: 'MetaRight',
  VolumeMute: 'AudioVolumeMute', VolumeDown: 'AudioVolumeDown', VolumeUp: 'AudioVolumeUp',
};

/** An event's key by the standard's name for its place; empty where the browser knows none. */
export function place({ code }) {
  return code === 'Unidentified' ? '' : STANDARD[code] ?? code;
}

/** What differs between the systems a browser runs on. */
export function hostSystem(navigator) {
  const name = navigator.userAgentData?.platform || navigator.platform;
  return { windows: /^win/i.test(name), mac: /^mac/i.test(name) };
}

/** Whether a key's release is all that the system tells of a press: Windows keeps the other half of PrintScreen for itself. */
export function pressIsUnseen(code, system) {
  return system.windows && code === 'PrintScreen';
}

/**
 * Whether nobody will tell when a key that has just gone down goes up: macOS keeps that of a key beside Command for itself, Windows that
 * of a Japanese keyboard's modes. Source: noVNC, core/input/keyboard.js.
 */
function releaseIsUnseen({ key, metaKey }, code, system) {
  return (system.mac && metaKey && !MODIFIER.test(code)) || (system.windows && JAPANESE.has(key));
}

export class Keyboard {
  #on;
  #system;
  #held = new Set();
  #control = null; // Windows: a ControlLeft that may turn out to be the first half of AltGr
  #leaving = false;

  /**
   * `on.key(code, pressed, stamp)` sends one edge, with its event's `timeStamp`; `on.leave()` takes the focus away from the target.
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
    const code = place(event);
    const tapped = releaseIsUnseen(event, code, this.#system);
    if (!code || (event.repeat && !tapped)) return;
    if (this.#control && code === 'AltRight' && event.timeStamp - this.#control.at < ALTGR_MS) this.#dropControl();
    this.#flushControl();
    if (this.#system.windows && code === 'ControlLeft') {
      // Windows reports AltGr as ControlLeft and AltRight at the same moment. The target has an AltGr of its own.
      this.#control = { at: event.timeStamp, timer: setTimeout(() => this.#flushControl(), ALTGR_MS) };
      return;
    }
    this.#press(code, event.timeStamp);
    if (tapped || (this.#system.mac && code === 'CapsLock')) this.#lift(code, event.timeStamp); // macOS: down is "on", up is "off", each a tap
  }

  #up(event) {
    event.preventDefault();
    event.stopPropagation();
    const code = place(event);
    this.#flushControl();
    if (this.#system.mac && code === 'CapsLock') this.#press(code, event.timeStamp);
    if (pressIsUnseen(code, this.#system) && !this.#held.has(code)) this.#press(code, event.timeStamp);
    // macOS swallows the release of what was pressed together with Command.
    if (this.#system.mac && code.startsWith('Meta')) this.#liftAll((held) => !MODIFIER.test(held), event.timeStamp);
    this.#lift(code, event.timeStamp);
    // Windows tells of the first Shift's release nothing while the other one is down, and of the last one's all there is. Source: noVNC, as above.
    if (this.#system.windows && code.startsWith('Shift')) this.#liftAll((held) => held.startsWith('Shift'), event.timeStamp);
    if (this.#leaving && this.#held.size === 0) {
      this.#leaving = false;
      this.#on.leave();
    }
  }

  #press(code, stamp) {
    if (this.#held.has(code)) this.#lift(code, stamp); // its release went unseen
    this.#held.add(code);
    this.#on.key(code, true, stamp);
    this.#leaving = this.#held.size === LEAVE.length && LEAVE.every((name) => this.#holds(name));
  }

  #holds(name) {
    return this.#held.has(`${name}Left`) || this.#held.has(`${name}Right`);
  }

  #lift(code, stamp) {
    if (this.#held.delete(code)) this.#on.key(code, false, stamp);
  }

  #liftAll(which, stamp) {
    for (const code of [...this.#held].filter(which)) this.#lift(code, stamp);
  }

  #flushControl() {
    const pressed = this.#dropControl();
    if (pressed) this.#press('ControlLeft', pressed.at);
  }

  #dropControl() {
    const control = this.#control;
    clearTimeout(control?.timer);
    this.#control = null;
    return control;
  }
}
