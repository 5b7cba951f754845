// What the page knows of the picture on its canvas: when it came, how old it was, and what stands in its way.

import { Patience } from './patience.js';
import { Stream } from './stream.js';

export class Picture {
  #on;
  #stream;
  #painted = null;
  #latency = null;
  #uncertainty = null;
  #patience = new Patience();
  #told = false;
  /** The stream's own connection, see link.js. */
  link = 'connecting';
  /** What the decoder complains of, until the next picture. */
  fault = '';
  /** The viewer's last figures, or null. See viewer.js. */
  figures = null;
  recording = false;

  /** `on.size(width, height)`, `on.notice(words)`, `on.file(blob)`, `on.ended()`. */
  constructor(canvas, on) {
    this.#on = on;
    this.#stream = new Stream(canvas, (message) => this.#hear(message));
    this.attend();
  }

  /** See viewer.js. */
  command(name) {
    this.#stream.command(name);
  }

  /** What nobody sees is not sent, unless it is being recorded. To be called when the page is hidden or shown. */
  attend() {
    this.command(this.#unseen ? 'pause' : 'resume');
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
    const due = !this.#unseen && this.link === 'live' && state?.signal.state === 'locked' && state.encoder.state === 'running';
    if (!due) this.#patience.excuse(now);
    else if (this.#patience.over(now)) this.command('drop');
  }

  #hear(message) {
    const act = {
      painted: () => this.#paint(message),
      figures: () => this.#count(message),
      link: () => (this.link = message.state),
      fault: () => (this.fault = message.words),
      notice: () => this.#on.notice(message.words),
      recording: () => this.#record(message.on),
      file: () => this.#on.file(message.blob),
      ended: () => this.#on.ended(),
    };
    act[message.type]?.();
  }

  get #unseen() {
    return document.hidden && !this.recording;
  }

  #record(on) {
    this.recording = on;
    this.attend();
  }

  #paint({ width, height, latency }) {
    this.#painted = performance.now();
    this.#patience.painted(this.#painted);
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
