// The thread of the control socket: what a busy page must not hold up.

import { Link } from './link.js';
import { Operator } from './operator.js';

const TURN_MS = 50; // how often to see whether it is time for a sign of life
const PING_MS = 1000;
const SILENT_MS = 3000;

// Shared with the page: both threads count from an origin on the same clock.
const now = () => performance.timeOrigin + performance.now();

let pinged = null;

const link = new Link('/api/ws', {
  message: (data) => receive(data),
  state: (state) => changed(state),
  ended: () => self.postMessage({ type: 'ended' }),
});
const operator = new Operator(link, now);

function changed(state) {
  pinged = null;
  operator.forget(); // the device let go of everything when the connection went
  self.postMessage({ type: 'link', state });
  if (state === 'live') ping();
}

function receive(data) {
  const { event_type: type, event } = JSON.parse(data);
  if (type === 'pong') {
    self.postMessage({ type: 'round_trip', ms: now() - pinged });
    pinged = null;
  } else {
    self.postMessage({ type, event });
  }
}

function ping() {
  if (link.state !== 'live') return;
  if (pinged === null) {
    pinged = now();
    link.send(JSON.stringify({ event_type: 'ping', event: { at: Math.round(pinged) } }));
  } else if (now() - pinged > SILENT_MS) {
    link.drop();
  }
}

const act = {
  say: ({ how, keys, buttons, at }) => operator.say(how, keys, buttons, at),
  release: () => operator.release(),
  forget: () => operator.forget(),
  move: ({ to }) => operator.move(to),
  relative: ({ delta }) => operator.relative(delta),
  wheel: ({ delta, at }) => operator.wheel(delta, at),
  control: ({ event }) => link.send(JSON.stringify({ event_type: 'control', event })),
  tick: () => {},
  retry: () => link.retry(),
  stop: () => {
    link.stop();
    self.close();
  },
};

self.onmessage = ({ data }) => {
  act[data.command](data);
  operator.tick(); // whatever the page says, it is alive
};
setInterval(() => operator.beat(), TURN_MS);
setInterval(ping, PING_MS);
