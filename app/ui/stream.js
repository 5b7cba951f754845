// The page's end of the video path.

/** Whether this browser has what the picture needs. */
export function supported() {
  return 'VideoDecoder' in self;
}

export class Stream {
  #command;

  /** `on(message)` gets the viewer's reports, see viewer.js. */
  constructor(canvas, on) {
    if (typeof canvas.transferControlToOffscreen === 'function') this.#inWorker(canvas, on);
    else this.#onPage(canvas, on);
  }

  /** Reconnect now instead of after the delay. */
  retry() {
    this.#command('retry');
  }

  /** Make another connection in place of one that went silent. */
  drop() {
    this.#command('drop');
  }

  stop() {
    this.#command('stop');
  }

  #inWorker(canvas, on) {
    const worker = new Worker('/ui/worker.js', { type: 'module' });
    worker.onmessage = ({ data }) => on(data);
    worker.onerror = () => on({ type: 'fault', words: 'The video part of this page could not start. Reload the page.' });
    const offscreen = canvas.transferControlToOffscreen();
    worker.postMessage({ canvas: offscreen }, [offscreen]);
    this.#command = (command) => worker.postMessage({ command });
  }

  #onPage(canvas, on) {
    let viewer = null;
    let wanted = true;
    import('./viewer.js').then(({ Viewer }) => {
      if (wanted) viewer = new Viewer(canvas, on);
    });
    this.#command = (command) => {
      if (command === 'stop') wanted = false;
      viewer?.command(command);
    };
  }
}
