// The video path of the page: socket, decoder, painter. It runs in a worker, or on the page where a canvas cannot move.

import { Decoder } from './decoder.js';
import { Link } from './link.js';
import { Painter } from './painter.js';
import * as wire from './wire.js';

export class Viewer {
  #report;
  #painter;
  #decoder;
  #link;
  #bytes = 0;

  /**
   * `report(message)` tells the page: `{type: 'painted', width, height, bytes}` for each frame on the canvas,
   * `{type: 'link', state}`, `{type: 'fault', words}`, `{type: 'ended'}`.
   */
  constructor(canvas, report) {
    this.#report = report;
    this.#painter = new Painter(canvas);
    this.#decoder = new Decoder(
      {
        picture: (frame, unit) => this.#picture(frame, unit),
        ask: () => this.#link.send(wire.key()),
        fault: (words) => report({ type: 'fault', words }),
      },
      { VideoDecoder, EncodedVideoChunk },
      (act, ms) => setTimeout(act, ms),
    );
    this.#link = new Link('/api/stream', {
      open: () => this.#decoder.reset(),
      message: (data) => this.#message(data),
      state: (state) => report({ type: 'link', state }),
      ended: () => report({ type: 'ended' }),
    });
  }

  /** What the page wants: `retry` now, `drop` a connection that went silent, or `stop`. */
  command(name) {
    if (name === 'retry') this.#link.retry();
    if (name === 'drop') this.#link.drop();
    if (name === 'stop') {
      this.#link.stop();
      this.#decoder.reset();
    }
  }

  #message(data) {
    if (!(data instanceof ArrayBuffer)) return;
    this.#bytes += data.byteLength;
    const unit = wire.parse(data);
    if (unit) this.#decoder.push(unit);
  }

  #picture(frame, unit) {
    this.#painter.paint(frame);
    this.#link.send(wire.shown(unit.sequence));
    this.#report({ type: 'painted', width: unit.width, height: unit.height, bytes: this.#bytes });
    this.#bytes = 0;
  }
}
