// Decoded pictures onto a canvas, as they are: no scaling, no filter.

export class Painter {
  #canvas;
  #context;

  constructor(canvas) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d', { alpha: false });
  }

  /** Paint the frame, or the bitmap, and close it. */
  paint(frame) {
    const { displayWidth: width = frame.width, displayHeight: height = frame.height } = frame;
    // Setting a canvas's size clears and reallocates it, so only when it is another one.
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
    this.#context.drawImage(frame, 0, 0);
    frame.close();
  }
}
