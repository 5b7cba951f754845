// The bytes of /api/stream. Source: docs/stream-protocol.md.

const VERSION = 1;
const HEADER_BYTES = 24;
const KINDS = { 1: 'h264', 2: 'jpeg', 3: 'pong', 4: 'hello' };
const FLAG_KEY = 1;
const SHOWN = 1;
const KEY = 2;
const PING = 3;
const REPORT = 4;
const WISH = 5;
const HISTOGRAM = 6;
const UNKNOWN = 0xffffffff;

/**
 * One message, or null when it is of a kind this page does not know: `kind` is `h264`, `jpeg`, `pong` or `hello`; times are in
 * microseconds of the device's clock.
 */
export function parse(buffer) {
  if (buffer.byteLength < HEADER_BYTES) return null;
  const view = new DataView(buffer);
  const kind = KINDS[view.getUint8(1)];
  if (view.getUint8(0) !== VERSION || !kind) return null;
  const picture = kind === 'h264' || kind === 'jpeg';
  if (picture && buffer.byteLength === HEADER_BYTES) return null;
  return {
    kind,
    key: (view.getUint16(2) & FLAG_KEY) !== 0,
    sequence: view.getUint32(4),
    captured: Number(view.getBigUint64(8)),
    encode: view.getUint32(16),
    width: view.getUint16(20),
    height: view.getUint16(22),
    data: new Uint8Array(buffer, HEADER_BYTES),
  };
}

/** Says that the frame is on the screen. */
export function shown(sequence) {
  return message(SHOWN, sequence).buffer;
}

/** Asks for a key frame: without one there is no picture. */
export function key() {
  return message(KEY, 0).buffer;
}

/** Asks for a key frame soon; the picture goes on. */
export function wish() {
  return message(WISH, 0).buffer;
}

/** Asks for a pong with this token. */
export function ping(token) {
  return message(PING, token).buffer;
}

/** What was measured: `{median, p95, uncertainty}` in milliseconds or null, pictures per second, and frames not painted. */
export function report({ median, p95, uncertainty }, fps, dropped) {
  const view = message(REPORT, 0, 24);
  view.setUint32(8, microseconds(median));
  view.setUint32(12, microseconds(p95));
  view.setUint32(16, microseconds(uncertainty));
  view.setUint16(20, Math.min(0xffff, Math.round(fps * 10)));
  view.setUint16(22, Math.min(0xffff, dropped));
  return view.buffer;
}

/** How many pictures there were lately below each of the ends in latency.js. */
export function histogram(counts) {
  const view = message(HISTOGRAM, 0, 8 + 2 * counts.length);
  counts.forEach((count, index) => view.setUint16(8 + 2 * index, Math.min(0xffff, count)));
  return view.buffer;
}

function microseconds(ms) {
  return ms === null ? UNKNOWN : Math.min(UNKNOWN - 1, Math.max(0, Math.round(ms * 1000)));
}

function message(kind, sequence, bytes = 8) {
  const view = new DataView(new ArrayBuffer(bytes));
  view.setUint8(0, VERSION);
  view.setUint8(1, kind);
  view.setUint32(4, sequence);
  return view;
}
