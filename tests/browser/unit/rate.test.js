import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Rate } from '../../../app/ui/rate.js';

test('frames and bits are counted over the last two seconds', () => {
  const rate = new Rate();
  for (let at = 0; at <= 5000; at += 40) rate.add(at, 500);
  assert.deepEqual(rate.read(5010), { fps: 25, bits: 100_000 });
});

test('what is over is nothing', () => {
  const rate = new Rate();
  assert.deepEqual(rate.read(0), { fps: 0, bits: 0 });
  rate.add(0, 500);
  rate.add(40, 500);
  assert.deepEqual(rate.read(5000), { fps: 0, bits: 0 });
});

test('a slide show has a rate', () => {
  const rate = new Rate();
  for (let at = 0; at <= 20500; at += 2050) {
    rate.add(at, 1000);
    if (at) assert.ok(Math.abs(rate.read(at + 2000).fps - 0.488) < 0.01, `${rate.read(at + 2000).fps}`);
  }
});

test('a stream that stops is slower with every moment, and then nothing', () => {
  const rate = new Rate();
  for (let at = 0; at <= 3000; at += 33) rate.add(at, 500);
  const read = [3000, 3500, 4000, 4900, 8000].map((now) => rate.read(now).fps);
  assert.ok(read[0] > 30 && read[1] < 24 && read[2] < 16 && read[3] < 2, `${read}`);
  assert.equal(read[4], 0);
});
