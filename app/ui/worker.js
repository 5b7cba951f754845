// The thread the video is decoded and painted on, so that a busy page never delays a frame.

import { Viewer } from './viewer.js';

let viewer = null;

self.onmessage = ({ data }) => {
  if (data.canvas) viewer = new Viewer(data.canvas, data.decodes, (message) => self.postMessage(message));
  else viewer.command(data.command);
};
