// The bytes of /api/stream. Source: docs/stream-protocol.md.

const VERSION = 1;
const HEADER_BYTES = 24;
const ACCESS_UNIT = 1;
const FLAG_KEY = 1;
const SHOWN = 1;
const KEY = 2;

/** One message as an access unit, or null when it is of a kind this page does not know. */
export function parse(buffer) {
  if (buffer.byteLength <= HEADER_BYTES) return null;
  const view = new DataView(buffer);
  if (view.getUint8(0) !== VERSION || view.getUint8(1) !== ACCESS_UNIT) return null;
  return {
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
  return message(SHOWN, sequence);
}

/** Asks for a key frame. */
export function key() {
  return message(KEY, 0);
}

function message(kind, sequence) {
  const view = new DataView(new ArrayBuffer(8));
  view.setUint8(0, VERSION);
  view.setUint8(1, kind);
  view.setUint32(4, sequence);
  return view.buffer;
}
