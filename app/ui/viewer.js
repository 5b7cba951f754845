// The video path of the page: socket, decoder, painter. It runs in a worker, or on the page where a canvas cannot move.

import { Clock } from './clock.js';
import { Decoder } from './decoder.js';
import { Latency } from './latency.js';
import { Link } from './link.js';
import { Painter } from './painter.js';
import { Rate } from './rate.js';
import { Recorder } from './recorder.js';
import { Stills } from './stills.js';
import * as wire from './wire.js';

const PATHS = { h264: '/api/stream', jpeg: '/api/stream?format=jpeg' };
const FIGURES_MS = 250;
const REPORT_MS = 1000;
/** The first comparisons of the clocks come quickly, so that the first numbers are soon good. */
const FIRST_PINGS_MS = [0, 50, 150, 400];

export class Viewer {
  #report;
  #painter;
  #decoder = null;
  #stills;
  #recorder;
  #link = null;
  #format;
  #size = null; // of the pictures in place of video
  #why = '';
  #number = null;
  #clock = new Clock();
  #latency = new Latency();
  #rate = new Rate();
  #bytes = 0;
  #openedAt = null;
  #first = null;
  #timers;

  /**
   * `decodes`: the browser has a video decoder. `report(message)` tells the page: `{type: 'painted', width, height, latency}` for each frame on the canvas,
   * `{type: 'figures', ...}` about what is shown, `{type: 'link', state}`, `{type: 'fault', words}`, `{type: 'ended'}`,
   * `{type: 'recording', on}`, `{type: 'file', blob}`, `{type: 'notice', words}`, and `{type: 'stopped'}` at last.
   */
  constructor(canvas, decodes, report) {
    this.#report = report;
    this.#painter = new Painter(canvas);
    const fault = (words) => report({ type: 'fault', words });
    this.#stills = new Stills({ picture: (bitmap, unit) => this.#picture(bitmap, unit), fault });
    this.#recorder = new Recorder({
      ask: () => this.#link.send(wire.wish()),
      state: (on) => report({ type: 'recording', on }),
      file: (blob) => report({ type: 'file', blob }),
      fault: (words) => report({ type: 'notice', words }),
    });
    if (decodes) {
      this.#decoder = new Decoder(
        {
          picture: (frame, unit) => this.#picture(frame, unit),
          ask: () => this.#link.send(wire.key()),
          fault,
          unable: () => this.#fallBack(),
        },
        { VideoDecoder, EncodedVideoChunk },
        (act, ms) => setTimeout(act, ms),
      );
      this.#connect('h264', '');
    } else {
      this.#connect('jpeg', 'this browser has no WebCodecs video decoder');
    }
    this.#timers = [
      setInterval(() => this.#tell(), FIGURES_MS),
      setInterval(() => this.#measure(), REPORT_MS),
    ];
  }

  /**
   * What the page wants: `retry` now, `drop` a connection that went silent, `pause` while nobody looks, `resume`, `record`, `keep`
   * what was recorded, `last` to save the last minute, or `stop`.
   */
  command(name) {
    const act = {
      retry: () => this.#link.retry(),
      drop: () => this.#link.drop(),
      pause: () => this.#link.pause(),
      resume: () => this.#link.resume(),
      record: () => this.#recorder.start(),
      keep: () => this.#recorder.stop(),
      last: () => this.#recorder.saveLast(),
      stop: () => this.#stop(),
    };
    act[name]();
  }

  #connect(format, why) {
    const paused = this.#link?.state === 'paused';
    this.#link?.stop();
    this.#format = format;
    this.#size = null;
    this.#why = why;
    this.#link = new Link(PATHS[format], {
      open: () => this.#opened(),
      message: (data) => this.#message(data),
      state: (state) => this.#report({ type: 'link', state }),
      ended: () => this.#report({ type: 'ended' }),
    }, paused);
  }

  #fallBack() {
    this.#recorder.stop('From now on there are pictures instead of video: the recording ends here.');
    this.#connect('jpeg', 'this browser does not decode H.264');
  }

  #opened() {
    this.#openedAt = performance.now();
    this.#first = null;
    this.#decoder?.reset();
    this.#stills.reset();
    this.#clock.reset();
    for (const ms of FIRST_PINGS_MS) setTimeout(() => this.#ping(), ms);
  }

  #message(data) {
    if (!(data instanceof ArrayBuffer)) return;
    this.#bytes += data.byteLength;
    const message = wire.parse(data);
    if (!message) return;
    if (message.kind === 'hello') this.#number = message.sequence;
    if (message.kind === 'pong' && this.#clock.pong(message.sequence, message.captured, performance.now())) this.#latency.clear();
    if (message.kind === 'jpeg') this.#still(message);
    if (message.kind === 'h264' && this.#decoder) {
      this.#recorder.push(message);
      this.#decoder.push(message);
    }
  }

  /** A picture of another size may be one that can be decoded. */
  #still(message) {
    const { width, height } = message;
    this.#size ??= { width, height };
    const changed = width !== this.#size.width || height !== this.#size.height;
    if (changed && this.#decoder) this.#connect('h264', '');
    else this.#stills.push(message);
  }

  #picture(frame, unit) {
    this.#painter.paint(frame);
    this.#link.send(wire.shown(unit.sequence));
    const now = performance.now();
    this.#first ??= now - this.#openedAt;
    const latency = this.#clock.age(unit.captured, now);
    if (latency !== null) this.#latency.add(now, latency);
    this.#rate.add(now, this.#bytes);
    this.#bytes = 0;
    this.#report({ type: 'painted', width: unit.width, height: unit.height, latency });
  }

  #ping() {
    this.#link.send(wire.ping(this.#clock.ping(performance.now())));
  }

  #measure() {
    this.#decoder?.tick();
    this.#ping();
    const { fps } = this.#rate.read(performance.now());
    const numbers = this.#numbers();
    this.#link.send(wire.report(numbers, fps, this.#dropped()));
    this.#link.send(wire.histogram(numbers.histogram));
  }

  #tell() {
    const { fps, bits } = this.#rate.read(performance.now());
    this.#report({
      type: 'figures', format: this.#format, why: this.#why, number: this.#number, fps, bits,
      roundTrip: this.#clock.roundTrip, first: this.#first, ...this.#numbers(),
    });
  }

  #numbers() {
    return { ...this.#latency.read(performance.now()), uncertainty: this.#clock.uncertainty };
  }

  /** Frames that arrived and were not painted since the last call. */
  #dropped() {
    const dropped = (this.#decoder?.dropped ?? 0) + this.#stills.dropped;
    if (this.#decoder) this.#decoder.dropped = 0;
    this.#stills.dropped = 0;
    return dropped;
  }

  /** What is being recorded is kept: the session ends when the device loses its power, too. */
  async #stop() {
    this.#timers.forEach(clearInterval);
    this.#link.stop();
    this.#decoder?.reset();
    await this.#recorder.stop();
    this.#report({ type: 'stopped' });
  }
}
