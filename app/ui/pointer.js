// Mouse, pen and finger on the picture: absolute by default, relative while the browser has given the mouse to the page.

import { absolute, fit } from './geometry.js';
import { Wheel } from './wheel.js';

// The bits of `PointerEvent.buttons` and the protocol's names.
const BUTTONS = [[1, 'left'], [2, 'right'], [4, 'middle'], [8, 'down'], [16, 'up']];
const HID_LIMIT = 127;

export class Pointer {
  #canvas;
  #on;
  #size;
  #held = 0;
  #pressing = false; // a press began on the picture and is not over
  #wheel = new Wheel();
  #place = null; // where to move to at the next animation frame
  #delta = { x: 0, y: 0 };
  #frame = null;

  /**
   * `on.move({x, y})`, `on.relative({x, y})`, `on.button(name, pressed)` and `on.wheel({x, y})` send;
   * `on.wanted()` says whether movement and wheel alone, without a press, are for the target; `on.flowing()` whether they
   * would be on their way at once: while not, the newest place is kept.
   */
  constructor(canvas, on) {
    this.#canvas = canvas;
    this.#on = on;
    this.#size = { width: canvas.width, height: canvas.height };
    for (const type of ['pointermove', 'pointerdown', 'pointerup', 'pointercancel']) {
      canvas.addEventListener(type, (event) => this.#point(event));
    }
    // The browser's own answers to a click: a menu, a selection, "back" on the fourth button.
    for (const type of ['contextmenu', 'mousedown', 'mouseup', 'auxclick', 'dragstart']) {
      canvas.addEventListener(type, (event) => event.preventDefault());
    }
    canvas.addEventListener('wheel', (event) => this.#turn(event), { passive: false });
  }

  /** Whether any button is down on the target because of this page. */
  get holding() {
    return this.#held !== 0;
  }

  /** Whether the browser has given the mouse to the picture. */
  get locked() {
    return document.pointerLockElement === this.#canvas;
  }

  /** The picture's size in pixels. */
  resize(width, height) {
    this.#size = { width, height };
  }

  /** Forget what is held, the target is told by other means; a button still down counts again when it is next pressed. */
  clear() {
    this.#held = 0;
    this.#pressing = false;
    this.#forget();
  }

  #forget() {
    this.#place = null;
    this.#delta = { x: 0, y: 0 };
  }

  #point(event) {
    event.preventDefault();
    const place = absolute({ x: event.clientX, y: event.clientY }, this.#picture());
    if (event.type === 'pointerdown') {
      this.#canvas.focus({ preventScroll: true });
      if (!place.inside && !this.locked) return; // the bars beside the picture are not the target's
      if (!this.locked) this.#canvas.setPointerCapture(event.pointerId);
      this.#pressing = true;
    }
    if (this.locked) {
      this.#delta.x += event.movementX;
      this.#delta.y += event.movementY;
    } else {
      this.#place = { x: place.x, y: place.y };
    }
    if (this.#pressing && event.buttons !== this.#held) this.#press(event.buttons);
    else this.#soon();
  }

  #soon() {
    this.#frame ??= requestAnimationFrame(() => this.#animate());
  }

  #picture() {
    return fit(this.#canvas.getBoundingClientRect(), this.#size);
  }

  /** Make the target's buttons those of `buttons`, at the place where it happened. */
  #press(buttons) {
    this.#move();
    for (const [bit, name] of BUTTONS) {
      if ((buttons ^ this.#held) & bit) this.#on.button(name, (buttons & bit) !== 0);
    }
    this.#held = buttons;
    this.#pressing = buttons !== 0;
  }

  #animate() {
    this.#frame = null;
    if (!this.#on.wanted()) this.#forget();
    else if (this.#on.flowing()) this.#move();
    else this.#soon();
  }

  #move() {
    if (this.#place) this.#on.move(this.#place);
    const { x, y } = this.#delta;
    this.#forget();
    const steps = Math.ceil(Math.max(Math.abs(x), Math.abs(y)) / HID_LIMIT);
    for (let step = 0; step < steps; step += 1) {
      this.#on.relative({ x: part(x, step, steps), y: part(y, step, steps) });
    }
  }

  #turn(event) {
    event.preventDefault();
    const delta = this.#wheel.turn(event);
    if (!delta || !this.#on.wanted()) return;
    this.#move();
    this.#on.wheel(delta);
  }
}

/** Step number `step` of `steps` whole steps that add up to `total`. */
function part(total, step, steps) {
  return Math.round((total * (step + 1)) / steps) - Math.round((total * step) / steps);
}
