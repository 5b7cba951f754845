import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as delivery from '../../../app/ui/delivery.js';
import { BARS } from '../../../app/ui/latency.js';

const NONE = { late: 0, full: 0, waiting: 0, skipped: 0, decoder: 0, queueing_ms: null, slide_show: false };

test('latency comes with how wrong it may be, or not at all', () => {
  assert.equal(delivery.latency({ median: 23.4, p95: 41, uncertainty: 1.26 }), '23 ms, p95 41 ms (± 1.3 ms)');
  assert.equal(delivery.latency({ median: 23.4, p95: 41, uncertainty: 150.2 }), '23 ms, p95 41 ms (± 150 ms)');
  assert.equal(delivery.latency({ median: null, p95: null, uncertainty: 1 }), 'not known');
});

test('pictures in place of video say why', () => {
  assert.equal(delivery.painted({ format: 'h264', why: '', fps: 29.97, bits: 2e6 }), '30.0 per second · 2.0 Mbit/s');
  assert.match(delivery.painted({ format: 'jpeg', why: 'because', fps: 5, bits: 2e6 }), /as JPEG: because/);
});

test('the encoder\'s steps are visible', () => {
  assert.equal(delivery.encoder(undefined), 'not known');
  assert.equal(delivery.encoder({ bitrate: 4e6, divisor: 1, fixed: null }), '4.0 Mbit/s · every frame · follows the slowest link');
  assert.equal(delivery.encoder({ bitrate: 3e5, divisor: 3, fixed: 3e5 }), '300 kbit/s · one frame of 3 · fixed');
});

test('the quality is told to who may not choose it', () => {
  assert.equal(delivery.quality(undefined), 'not known');
  assert.equal(delivery.quality({ fixed: null }), 'follows the link');
  assert.equal(delivery.quality({ fixed: 9e5 }), '900 kbit/s');
});

test('losses are named by cause', () => {
  assert.equal(delivery.drops(null), 'not known');
  assert.equal(delivery.drops(NONE), 'none');
  assert.equal(delivery.drops({ ...NONE, late: 3, waiting: 12, decoder: 1 }), '3 late · 12 before a key frame · 1 browser');
});

test('who encodes is said, and why it is not the hardware', () => {
  assert.equal(delivery.maker(undefined), 'nothing yet');
  assert.equal(delivery.maker({ name: '', reason: '' }), 'nothing yet');
  assert.equal(delivery.maker({ name: 'm2m', reason: '' }), 'hardware');
  assert.equal(delivery.maker({ name: 'software', reason: 'no H264 encoder' }), 'software: no H264 encoder');
});

test('frames that nobody got are named by cause', () => {
  assert.equal(delivery.losses(undefined), 'not known');
  assert.equal(delivery.losses({ missed: 0, starved: 0, overtaken: 0, spoiled: 0 }), 'none');
  assert.equal(
    delivery.losses({ missed: 1, starved: 2, overtaken: 3, spoiled: 4 }),
    '1 at the input · 2 no free buffer · 3 encoder busy · 4 in the encoder',
  );
});

test('the link says what both ends know', () => {
  assert.equal(delivery.link(null, null, 'live'), 'round trip not known');
  const figures = { roundTrip: 3.14, first: 120.4 };
  assert.equal(delivery.link({ ...NONE, queueing_ms: 41.2 }, figures, 'live'), 'video · round trip 3.1 ms · first picture after 120 ms · queue 41 ms');
  assert.match(delivery.link({ ...NONE, slide_show: true }, figures, 'live'), /^slide show/);
  assert.match(delivery.link({ ...NONE, slide_show: true, stalled: true }, figures, 'live'), /^stalled/);
  assert.equal(delivery.link(NONE, figures, 'reconnecting'), 'lost, reconnecting');
});

test('bars are as high as they are many', () => {
  const histogram = BARS.map((_end, index) => [4, 0, 2][index] ?? 0);
  histogram[BARS.length - 1] = 1;
  const { path, words } = delivery.bars(histogram, 130, 32);
  assert.deepEqual(path.match(/V[\d.]+h/g), ['V0.0h', 'V16.0h', 'V24.0h']);
  assert.equal(words, '4 below 10 ms, 2 below 30 ms, 1 above');
  assert.equal(delivery.bars([], 1, 1).words, 'nothing painted');
});
