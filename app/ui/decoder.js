// Access units in, pictures out. The decoder is made again whenever it fails or the stream changes its shape.

import { codecString } from './h264.js';

// A decoder this many units behind will not catch up by itself: 8 are 130 ms at 60 fps.
const BACKLOG = 8;
const ASK_AGAIN_MS = 500; // the device makes at most one key frame in this time
const FAILURES_BEFORE_SOFTWARE = 2;

export class Decoder {
  #on;
  #codecs;
  #now;
  #decoder = null;
  #shape = '';
  #pending = new Map();
  #waiting = true;
  #asked = -Infinity;
  #failures = 0;

  /**
   * `on.picture(frame, unit)` owns the frame; `on.ask()` wants a key frame from the device; `on.fault(words)`.
   * `codecs` holds the browser's VideoDecoder and EncodedVideoChunk; `now` is a clock in milliseconds.
   */
  constructor(on, codecs, now) {
    this.#on = on;
    this.#codecs = codecs;
    this.#now = now;
  }

  push(unit) {
    if (unit.key) {
      this.#prepare(unit);
    } else if (!this.#waiting && this.#decoder.decodeQueueSize > BACKLOG) {
      this.#waiting = true;
    }
    if (this.#waiting) {
      this.ask();
      return;
    }
    this.#pending.set(unit.captured, unit);
    try {
      const type = unit.key ? 'key' : 'delta';
      this.#decoder.decode(new this.#codecs.EncodedVideoChunk({ type, timestamp: unit.captured, data: unit.data }));
    } catch (error) {
      this.#fail(this.#decoder, error);
    }
  }

  /** Ask for a key frame if one is needed and was not just asked for. */
  ask() {
    if (!this.#waiting || this.#now() - this.#asked < ASK_AGAIN_MS) return;
    this.#asked = this.#now();
    this.#on.ask();
  }

  /** Forget the stream: the next unit comes from another connection. */
  reset() {
    this.#discard();
    this.#waiting = true;
    this.#asked = this.#now(); // a new connection begins with a key frame unasked
  }

  /** Have a decoder that fits this key frame. */
  #prepare(unit) {
    const codec = codecString(unit.data);
    if (codec === null) {
      this.#waiting = true;
      return;
    }
    const shape = `${codec} ${unit.width}x${unit.height}`;
    if (!this.#decoder || shape !== this.#shape) {
      this.#discard();
      this.#shape = shape;
      this.#decoder = this.#make(codec);
    }
    this.#waiting = this.#decoder === null;
  }

  #make(codec) {
    const decoder = new this.#codecs.VideoDecoder({
      output: (frame) => this.#output(decoder, frame),
      error: (error) => this.#fail(decoder, error),
    });
    const hardwareAcceleration = this.#failures >= FAILURES_BEFORE_SOFTWARE ? 'prefer-software' : 'no-preference';
    try {
      decoder.configure({ codec, optimizeForLatency: true, hardwareAcceleration });
    } catch (error) {
      this.#decoder = decoder;
      this.#fail(decoder, error);
      return null;
    }
    return decoder;
  }

  #output(decoder, frame) {
    const unit = this.#pending.get(frame.timestamp);
    if (decoder !== this.#decoder || !unit) {
      frame.close();
      return;
    }
    // What came before this picture will not come any more.
    for (const captured of this.#pending.keys()) {
      this.#pending.delete(captured);
      if (captured === frame.timestamp) break;
    }
    this.#failures = 0;
    this.#on.picture(frame, unit);
  }

  #fail(decoder, error) {
    if (decoder !== this.#decoder) return;
    this.#failures += 1;
    this.#discard();
    this.#waiting = true;
    this.#on.fault(`The browser's video decoder failed: ${error.message}`);
    this.ask();
  }

  #discard() {
    const decoder = this.#decoder;
    this.#decoder = null;
    this.#pending.clear();
    if (decoder && decoder.state !== 'closed') decoder.close();
  }
}
