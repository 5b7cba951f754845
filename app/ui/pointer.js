// Mouse, pen and finger on the picture: absolute by default, relative while the browser has given the mouse to the page.

import { absolute, fit } from './geometry.js';
import { Touch } from './touch.js';
import { Wheel } from './wheel.js';

// The bits of `PointerEvent.buttons` and the protocol's names.
const BUTTONS = [[1, 'left'], [2, 'right'], [4, 'middle'], [8, 'down'], [16, 'up']];

export class Pointer {
  #canvas;
  #on;
  #size;
  #held = 0;
  #pressing = false; // a press began on the picture and is not over
  #wheel = new Wheel();
  #touch = new Touch({
    click: (name, point) => this.#click(name, point),
    press: (point) => this.#press(1, point),
    move: (point) => this.#go(point),
    lift: () => this.#press(0),
    scroll: ({ x, y }) => this.#turn({ deltaX: x, deltaY: y, deltaMode: 0 }),
  });
  #place = null; // where to move to at the next animation frame
  #delta = { x: 0, y: 0 };
  #frame = null;
  #stamp; // of the event that is being handled

  /**
   * `on.move({x, y})`, `on.relative({x, y})`, `on.button(name, pressed, stamp)` and `on.wheel({x, y}, stamp)` send;
   * `on.wanted()` says whether movement and wheel alone, without a press, are for the target.
   */
  constructor(canvas, on) {
    this.#canvas = canvas;
    this.#on = on;
    this.#size = { width: canvas.width, height: canvas.height };
    for (const type of ['pointermove', 'pointerdown', 'pointerup', 'pointercancel']) {
      canvas.addEventListener(type, (event) => this.#stamped(event, () => this.#point(event)));
    }
    // The browser's own answers to a click: a menu, a selection, "back" on the fourth button.
    for (const type of ['contextmenu', 'mousedown', 'mouseup', 'auxclick', 'dragstart']) {
      canvas.addEventListener(type, (event) => event.preventDefault());
    }
    canvas.addEventListener('wheel', (event) => {
      event.preventDefault();
      this.#stamped(event, () => this.#turn(event));
    }, { passive: false });
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
    this.#touch.clear();
    this.#forget();
  }

  #forget() {
    this.#place = null;
    this.#delta = { x: 0, y: 0 };
  }

  /** Do it as of the event's own time. */
  #stamped({ timeStamp }, act) {
    this.#stamp = timeStamp;
    act();
    this.#stamp = undefined;
  }

  #point(event) {
    event.preventDefault();
    const point = { x: event.clientX, y: event.clientY };
    const place = this.#placed(point);
    if (event.type === 'pointerdown') {
      this.#canvas.focus({ preventScroll: true });
      if (!place.inside && !this.locked) return; // the bars beside the picture are not the target's
      if (!this.locked) this.#canvas.setPointerCapture(event.pointerId);
    }
    if (event.pointerType === 'touch') this.#finger(event, point);
    else this.#mouse(event, place);
  }

  #mouse(event, place) {
    if (event.type === 'pointerdown') this.#pressing = true;
    if (this.locked) {
      this.#delta.x += event.movementX;
      this.#delta.y += event.movementY;
    } else {
      this.#place = { x: place.x, y: place.y };
    }
    if (this.#pressing && event.buttons !== this.#held) this.#press(event.buttons);
    else this.#soon();
  }

  #finger({ type, pointerId }, point) {
    if (type === 'pointerdown') this.#touch.down(pointerId, point);
    else if (type === 'pointermove') this.#touch.move(pointerId, point);
    else if (type === 'pointerup') this.#touch.up(pointerId);
    else {
      this.#press(0);
      this.#touch.clear();
    }
  }

  #click(name, point) {
    const [bit] = BUTTONS.find((button) => button[1] === name);
    this.#press(bit, point);
    this.#press(0);
  }

  /** Where on the picture a point of the page is. */
  #placed(point) {
    return absolute(point, fit(this.#canvas.getBoundingClientRect(), this.#size));
  }

  #go(point) {
    const { x, y } = this.#placed(point);
    this.#place = { x, y };
    this.#soon();
  }

  #soon() {
    this.#frame ??= requestAnimationFrame(() => this.#animate());
  }

  /** Make the target's buttons those of `buttons`, at the place where it happened. */
  #press(buttons, point = null) {
    if (point) this.#go(point);
    this.#move();
    for (const [bit, name] of BUTTONS) {
      if ((buttons ^ this.#held) & bit) this.#on.button(name, (buttons & bit) !== 0, this.#stamp);
    }
    this.#held = buttons;
    this.#pressing = buttons !== 0;
  }

  #animate() {
    this.#frame = null;
    if (this.#on.wanted()) this.#move();
    else this.#forget();
  }

  #move() {
    if (this.#place) this.#on.move(this.#place);
    if (this.#delta.x || this.#delta.y) this.#on.relative(this.#delta);
    this.#forget();
  }

  #turn(event) {
    const delta = this.#wheel.turn(event);
    if (!delta || !this.#on.wanted()) return;
    this.#move();
    this.#on.wheel(delta, this.#stamp);
  }
}
