import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { Decoder } from '../../../app/ui/decoder.js';

const SPS = [0, 0, 0, 1, 0x67, 0x42, 0xc0, 0x1f, 0, 0, 1, 0x65];
const OTHER_SPS = [0, 0, 0, 1, 0x67, 0x42, 0xc0, 0x28, 0, 0, 1, 0x65];

/** Keeps what it was given and delivers only when told to. */
class FakeVideoDecoder {
  static made = [];
  static supported = true;
  static isConfigSupported({ codec }) {
    FakeVideoDecoder.asked.push(codec);
    return Promise.resolve({ supported: FakeVideoDecoder.supported });
  }
  state = 'unconfigured';
  chunks = [];
  decodeQueueSize = 0;

  constructor({ output, error }) {
    Object.assign(this, { output, error });
    FakeVideoDecoder.made.push(this);
  }

  configure(config) {
    this.config = config;
    this.state = 'configured';
  }

  decode(chunk) {
    this.chunks.push(chunk);
  }

  close() {
    this.state = 'closed';
  }

  deliver(timestamp) {
    const frame = { timestamp, closed: false, close: () => (frame.closed = true) };
    this.output(frame);
    return frame;
  }
}

let heard;
let later;
let decoder;

function unit(captured, key = false, sps = SPS, size = [1280, 720]) {
  return { captured, key, sequence: captured, width: size[0], height: size[1], data: Uint8Array.from(key ? sps : [0, 0, 1, 0x41]) };
}

function anew() {
  Object.assign(FakeVideoDecoder, { made: [], asked: [], supported: true });
  later = [];
  heard = { shown: [], asked: 0, faults: [], unable: 0 };
  decoder = new Decoder(
    {
      picture: (frame, { sequence }) => heard.shown.push(sequence),
      ask: () => (heard.asked += 1),
      fault: (words) => heard.faults.push(words),
      unable: () => (heard.unable += 1),
    },
    { VideoDecoder: FakeVideoDecoder, EncodedVideoChunk: Object },
    (act, ms) => later.push({ act, ms }),
  );
}

beforeEach(anew);

const last = () => FakeVideoDecoder.made.at(-1);
const types = () => last().chunks.map((chunk) => chunk.type);

test('it starts at a key frame, with the codec of its SPS and no wait', () => {
  decoder.push(unit(1));
  decoder.push(unit(2, true));
  decoder.push(unit(3));
  assert.deepEqual(types(), ['key', 'delta']);
  assert.equal(last().config.codec, 'avc1.42c01f');
  assert.equal(last().config.optimizeForLatency, true);
});

test('each picture comes out with its own unit, at once', () => {
  decoder.push(unit(1, true));
  decoder.push(unit(2));
  last().deliver(1);
  last().deliver(2);
  assert.deepEqual(heard.shown, [1, 2]);
});

test('a decoder that fails is made again at the next key frame, which is asked for', () => {
  decoder.push(unit(1, true));
  last().error(new Error('broken'));
  later[0].act();
  assert.equal(heard.asked, 1);
  assert.match(heard.faults[0], /broken/);
  decoder.push(unit(2));
  decoder.push(unit(3, true));
  assert.equal(FakeVideoDecoder.made.length, 2);
  assert.deepEqual(types(), ['key']);
});

test('a decoder that keeps failing is tried in software', () => {
  for (const at of [1, 2, 3]) {
    decoder.push(unit(at, true));
    last().error(new Error('broken'));
  }
  assert.deepEqual(FakeVideoDecoder.made.map(({ config }) => config.hardwareAcceleration), ['no-preference', 'no-preference', 'prefer-software']);
});

test('another size or another SPS makes another decoder, the same ones do not', () => {
  decoder.push(unit(1, true));
  decoder.push(unit(2, true));
  assert.equal(FakeVideoDecoder.made.length, 1);
  decoder.push(unit(3, true, SPS, [1920, 1080]));
  decoder.push(unit(4, true, OTHER_SPS, [1920, 1080]));
  assert.equal(FakeVideoDecoder.made.length, 3);
  assert.equal(FakeVideoDecoder.made[0].state, 'closed');
  assert.equal(FakeVideoDecoder.made[0].deliver(2).closed, true);
  assert.deepEqual(heard.shown, []);
});

test('a decoder that falls behind gets nothing more until a key frame, which is asked for', () => {
  decoder.push(unit(1, true));
  last().decodeQueueSize = 9;
  decoder.push(unit(2));
  last().decodeQueueSize = 0;
  decoder.push(unit(3));
  assert.equal(heard.asked, 1);
  assert.deepEqual(types(), ['key']);
  decoder.push(unit(4, true));
  decoder.push(unit(5));
  assert.deepEqual(types(), ['key', 'key', 'delta']);
});

test('a browser that never gave a picture is unable to', () => {
  for (const at of [1, 2, 3, 4]) {
    decoder.push(unit(at, true));
    last().error(new Error('broken'));
  }
  assert.equal(heard.unable, 1);
  assert.equal(later.length, 3);
});

test('one that gave pictures of another mode is unable to in this one', () => {
  decoder.push(unit(1, true));
  last().deliver(1);
  for (const at of [2, 3, 4, 5]) {
    decoder.push(unit(at, true, OTHER_SPS, [1920, 1080]));
    last().error(new Error('broken'));
  }
  assert.equal(heard.unable, 1);
});

test('a browser that says that it is unable to need not fail first, and is asked once', async () => {
  FakeVideoDecoder.supported = false;
  decoder.push(unit(1, true));
  decoder.push(unit(2, true));
  last().error(new Error('broken'));
  decoder.push(unit(3, true));
  await Promise.resolve();
  assert.deepEqual([heard.unable, FakeVideoDecoder.asked], [1, ['avc1.42c01f']]);
  later.forEach(({ act }) => act());
  assert.equal(heard.asked, 0);
});

test('what arrived and gave no picture is counted', () => {
  decoder.push(unit(1));
  decoder.push(unit(2, true));
  decoder.push(unit(3));
  decoder.push(unit(4));
  last().deliver(4);
  assert.equal(decoder.dropped, 3);
  decoder.push(unit(5));
  last().error(new Error('broken'));
  assert.equal(decoder.dropped, 4);
});

test('a browser that decodes no more asks more and more rarely', () => {
  decoder.push(unit(0, true));
  last().deliver(0);
  for (const at of [1, 2, 3, 4, 5, 6, 7, 8, 9]) {
    decoder.push(unit(at, true));
    last().error(new Error('broken'));
  }
  assert.deepEqual(later.map(({ ms }) => ms), [0, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
});

test('a decoder that delivers nothing is made again', () => {
  decoder.push(unit(1, true));
  for (let at = 2; at <= 61; at += 1) decoder.push(unit(at));
  assert.equal(FakeVideoDecoder.made[0].state, 'closed');
  assert.match(heard.faults[0], /no pictures/);
});

test('one that never gave a picture has seconds for it, also where the device sends no more', () => {
  decoder.push(unit(1, true));
  for (let second = 1; second <= 3; second += 1) decoder.tick();
  assert.equal(heard.faults.length, 0);
  decoder.tick();
  assert.match(heard.faults[0], /no pictures/);
  decoder.push(unit(2, true));
  last().deliver(2);
  decoder.push(unit(3));
  for (let second = 1; second <= 9; second += 1) decoder.tick(); // it may hold one back until the next
  assert.equal(heard.faults.length, 1);
});

test('failures count on over connections, until there is a picture', () => {
  for (const at of [1, 2, 3, 4]) {
    decoder.reset();
    decoder.push(unit(at, true));
    last().error(new Error('broken'));
  }
  assert.equal(heard.unable, 1);
});

test('a key frame that came by itself is not asked for again', () => {
  decoder.push(unit(1, true));
  last().error(new Error('broken'));
  decoder.push(unit(2, true));
  later[0].act();
  assert.equal(heard.asked, 0);
});

test('many pictures make good for the failures before them, and a few do not', () => {
  for (const [many, pause] of [[299, 2000], [300, 0]]) {
    anew();
    for (const at of [1, 2]) {
      decoder.push(unit(at, true));
      last().error(new Error('broken'));
    }
    for (let at = 3; at < 3 + many; at += 1) {
      decoder.push(unit(at, at === 3));
      last().deliver(at);
    }
    last().error(new Error('broken'));
    assert.equal(later.at(-1).ms, pause);
  }
});

test('one that falls silent after a few pictures is made again, and the third in software', () => {
  for (let connection = 0; connection < 3; connection += 1) {
    decoder.reset();
    const begin = 100 * (connection + 1);
    decoder.push(unit(begin, true));
    for (let at = begin + 1; at < begin + 13; at += 1) decoder.push(unit(at)); // the device sends no more before it hears of one
    for (let at = begin; at < begin + 5; at += 1) last().deliver(at);
    if (connection < 2) for (let second = 1; second <= 4; second += 1) decoder.tick();
  }
  assert.equal(heard.faults.length, 2);
  assert.deepEqual(
    FakeVideoDecoder.made.map(({ config }) => config.hardwareAcceleration),
    ['no-preference', 'no-preference', 'prefer-software'],
  );
});

test('a new connection begins with its own key frame', () => {
  decoder.push(unit(1, true));
  decoder.reset();
  decoder.push(unit(2));
  assert.equal(heard.asked, 0);
  assert.equal(FakeVideoDecoder.made[0].state, 'closed');
});
