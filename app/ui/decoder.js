// Access units in, pictures out. The decoder is made again whenever it fails or the stream changes its shape.

import { codecString } from './h264.js';

// A decoder this many units behind will not catch up by itself: 8 are 130 ms at 60 fps.
const BACKLOG = 8;
// One that swallowed this many without a picture will not give one.
const STUCK = 60;
// The device sends only a few before it hears of a picture: then it is the seconds that tell.
const SILENT = 3;
// So many pictures in a row make up for what failed before: one that gives a few each time is no good.
const SOUND = 300;
const FAILURES_BEFORE_SOFTWARE = 2;
const FAILURES_BEFORE_UNABLE = 4;
const FIRST_PAUSE_MS = 500;
const LAST_PAUSE_MS = 30000;

export class Decoder {
  #on;
  #codecs;
  #later;
  #decoder = null;
  #shape = '';
  #pending = new Map();
  #waiting = true;
  #failures = 0;
  #failed = ''; // the shape of the stream in those
  #painted = false;
  #silence = 0;
  #streak = 0; // pictures of this decoder
  /** Frames that arrived and gave no picture. */
  dropped = 0;

  /**
   * `on.picture(frame, unit)` owns the frame; `on.ask()` wants a key frame from the device; `on.fault(words)`; `on.unable()` when
   * this browser never gave a picture of what is sent now, and will not.
   * `codecs` holds the browser's VideoDecoder and EncodedVideoChunk; `later` is its setTimeout.
   */
  constructor(on, codecs, later) {
    this.#on = on;
    this.#codecs = codecs;
    this.#later = later;
  }

  push(unit) {
    if (unit.key) {
      this.#prepare(unit);
    } else if (!this.#waiting && this.#decoder.decodeQueueSize > BACKLOG) {
      this.#waiting = true;
      this.#on.ask();
    }
    if (!this.#waiting && this.#pending.size >= STUCK) this.#fail(this.#decoder, new Error('it delivers no pictures'));
    if (this.#waiting) {
      this.dropped += 1;
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

  /** A second has gone by. */
  tick() {
    // Some give a picture only when the next unit comes: the last one of a stream that rests is no sign.
    this.#silence = this.#pending.size > Number(this.#painted) ? this.#silence + 1 : 0;
    if (this.#silence > SILENT) this.#fail(this.#decoder, new Error('it delivers no pictures'));
  }

  /** Forget the stream. The next one begins with a key frame unasked. */
  reset() {
    this.#discard();
    this.#waiting = true;
    this.#shape = '';
  }

  /** Have a decoder that fits this key frame. */
  #prepare(unit) {
    const codec = codecString(unit.data);
    if (codec === null) return; // not a key frame by the protocol
    const shape = `${codec} ${unit.width}x${unit.height}`;
    if (shape !== this.#shape) {
      this.#discard();
      this.#shape = shape;
      this.#painted = false;
      if (shape !== this.#failed) this.#failures = 0;
      this.#check(codec, shape);
    }
    this.#decoder ??= this.#make(codec);
    this.#waiting = this.#decoder === null;
  }

  /** A browser that knows that it cannot need not fail first. */
  async #check(codec, shape) {
    const { supported } = await this.#codecs.VideoDecoder.isConfigSupported({ codec, optimizeForLatency: true });
    if (!supported && shape === this.#shape && !this.#painted) this.#giveUp();
  }

  #giveUp() {
    this.reset();
    this.#on.unable();
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
      this.dropped += 1;
    }
    this.#streak += 1;
    if (this.#streak >= SOUND) this.#failures = 0;
    this.#silence = 0;
    this.#painted = true;
    this.#on.picture(frame, unit);
  }

  #fail(decoder, error) {
    if (decoder !== this.#decoder) return;
    const shape = this.#shape;
    this.#discard();
    this.#failed = shape;
    this.#waiting = true;
    this.#on.fault(`The browser's video decoder failed: ${error.message}`);
    // A browser that cannot decode this at all must not have key frames made for everybody without end.
    const pause = this.#failures === 0 ? 0 : Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#failures);
    this.#failures += 1;
    if (!this.#painted && this.#failures >= FAILURES_BEFORE_UNABLE) this.#giveUp();
    else this.#later(() => this.#waiting && shape === this.#shape && this.#on.ask(), pause);
  }

  #discard() {
    const decoder = this.#decoder;
    this.#decoder = null;
    this.#silence = 0;
    this.#streak = 0;
    this.dropped += this.#pending.size;
    this.#pending.clear();
    if (decoder && decoder.state !== 'closed') decoder.close();
  }
}
