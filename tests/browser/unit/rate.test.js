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
