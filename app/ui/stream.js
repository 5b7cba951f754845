// The page's end of the video path.

const ABSENT = { type: 'fault', words: 'The video part of this page could not start. Reload the page.' };

/** Whether this browser has a video decoder to offer. */
function decodes() {
  return 'VideoDecoder' in self;
}

export class Stream {
  #command;

  /** `on(message)` gets the viewer's reports, see viewer.js. */
  constructor(canvas, on) {
    if (typeof canvas.transferControlToOffscreen === 'function') this.#inWorker(canvas, on);
    else this.#onPage(canvas, on);
  }

  /** One of the viewer's commands, see viewer.js. */
  command(name) {
    this.#command(name);
  }

  #inWorker(canvas, on) {
    const worker = new Worker('/ui/worker.js', { type: 'module' });
    worker.onmessage = ({ data }) => (data.type === 'stopped' ? worker.terminate() : on(data));
    worker.onerror = () => on(ABSENT);
    const offscreen = canvas.transferControlToOffscreen();
    worker.postMessage({ canvas: offscreen, decodes: decodes() }, [offscreen]);
    this.#command = (command) => worker.postMessage({ command });
  }

  #onPage(canvas, on) {
    let viewer = null;
    const early = [];
    const arrived = ({ Viewer }) => {
      if (early.includes('stop')) return;
      viewer = new Viewer(canvas, decodes(), on);
      early.forEach((command) => viewer.command(command));
    };
    import('./viewer.js').then(arrived, () => on(ABSENT));
    this.#command = (command) => (viewer ? viewer.command(command) : early.push(command));
  }
}
