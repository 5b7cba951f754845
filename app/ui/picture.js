// What the page knows of the picture on its canvas: when it came, how old it was, and what stands in its way.

import { Stream } from './stream.js';

const SILENT_MS = 5000;

export class Picture {
  #on;
  #stream;
  #painted = null;
  #latency = null;
  #uncertainty = null;
  #dropped = 0;
  #told = false;
  /** What the decoder complains of, until the next picture. */
  fault = '';
  /** The viewer's last figures, or null. See viewer.js. */
  figures = null;
  recording = false;

  /** `on.size(width, height)`, `on.notice(words)`, `on.file(blob)`, `on.ended()`. */
  constructor(canvas, on) {
    this.#on = on;
    this.#stream = new Stream(canvas, (message) => this.#hear(message));
    if (document.hidden) this.command('pause');
  }

  /** See viewer.js. */
  command(name) {
    this.#stream.command(name);
  }

  /** Milliseconds since a picture was painted, null before the first. */
  age(now) {
    return this.#painted === null ? null : now - this.#painted;
  }

  /** How old that picture was then, in milliseconds at least; null while that is not known. */
  get late() {
    return this.#latency === null ? null : Math.max(0, this.#latency - this.#uncertainty);
  }

  /** The device says there is a picture and none comes: the stream's connection is dead without knowing. */
  revive(now, state) {
    if (document.hidden || state?.signal.state !== 'locked' || state.encoder.state !== 'running') {
      this.#dropped = now;
      return;
    }
    if (now - Math.max(this.#painted ?? 0, this.#dropped) < SILENT_MS) return;
    this.#dropped = now;
    this.command('drop');
  }

  #hear(message) {
    const act = {
      painted: () => this.#paint(message),
      figures: () => this.#count(message),
      fault: () => (this.fault = message.words),
      notice: () => this.#on.notice(message.words),
      recording: () => (this.recording = message.on),
      file: () => this.#on.file(message.blob),
      ended: () => this.#on.ended(),
    };
    act[message.type]?.();
  }

  #paint({ width, height, latency }) {
    this.#painted = performance.now();
    this.#latency = latency;
    this.fault = '';
    this.#on.size(width, height);
  }

  #count(figures) {
    this.figures = figures;
    this.#uncertainty = figures.uncertainty;
    if (!figures.why || this.#told) return;
    this.#told = true;
    this.#on.notice(`Up to five pictures a second instead of video: ${figures.why}.`);
  }
}
