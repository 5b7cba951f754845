// Encoded frames into an MP4 file, as they are. The library is loaded when it is first needed: it is larger than the page.

import { codecString } from './h264.js';

const USUAL_SECONDS = 1 / 30;

const library = () => import('./vendor/mediabunny.js');

/** Have the library before the device may be gone. */
export function prepare() {
  library().catch(() => {}); // it is asked for again when it is needed, and said then
}

/** A Blob; the first unit is a key frame, and all are of one size. */
export async function mp4(units) {
  const { BufferTarget, EncodedPacket, EncodedVideoPacketSource, Mp4OutputFormat, Output } = await library();
  const output = new Output({ format: new Mp4OutputFormat({ fastStart: 'in-memory' }), target: new BufferTarget() });
  const source = new EncodedVideoPacketSource('avc');
  output.addVideoTrack(source);
  await output.start();
  const { data, width: codedWidth, height: codedHeight, captured: began } = units[0];
  const meta = { decoderConfig: { codec: codecString(data), codedWidth, codedHeight } };
  let seconds = USUAL_SECONDS; // how long the last one is shown, nobody knows
  for (const [index, unit] of units.entries()) {
    if (index + 1 < units.length) seconds = (units[index + 1].captured - unit.captured) / 1e6;
    await source.add(new EncodedPacket(unit.data, unit.key ? 'key' : 'delta', (unit.captured - began) / 1e6, seconds), index ? undefined : meta);
  }
  await output.finalize();
  return new Blob([output.target.buffer], { type: 'video/mp4' });
}
