import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BARS, Latency } from '../../../app/ui/latency.js';

test('median, slowest twentieth and bars of the last ten seconds', () => {
  const latency = new Latency();
  latency.add(0, 9999);
  for (let ms = 1; ms <= 100; ms += 1) latency.add(5000, ms);
  const { median, p95, histogram } = latency.read(11000);
  assert.deepEqual([median, p95], [50, 95]);
  assert.equal(histogram.reduce((sum, count) => sum + count), 100);
  assert.equal(histogram[0], 9);
  assert.equal(histogram[BARS.indexOf(100)], 25);
  assert.equal(histogram[BARS.indexOf(150)], 1);
});

test('nothing has no median', () => {
  const { median, p95 } = new Latency().read(0);
  assert.deepEqual([median, p95], [null, null]);
});

test('the worst is counted too', () => {
  const latency = new Latency();
  latency.add(0, 5000);
  assert.equal(latency.read(0).histogram.at(-1), 1);
});
