import assert from 'node:assert/strict';
import { test } from 'node:test';

import { absolute, fit } from '../../../app/ui/geometry.js';

const HD = { width: 1280, height: 720 };

test('a wider box leaves bars left and right', () => {
  assert.deepEqual(fit({ left: 10, top: 20, width: 1000, height: 360 }, HD), { left: 190, top: 20, width: 640, height: 360 });
});

test('a taller box leaves bars above and below', () => {
  assert.deepEqual(fit({ left: 0, top: 50, width: 640, height: 720 }, HD), { left: 0, top: 230, width: 640, height: 360 });
});

test('the corners of the picture are the ends of the range', () => {
  const picture = { left: 190, top: 20, width: 640, height: 360 };
  assert.deepEqual(absolute({ x: 190, y: 20 }, picture), { x: -32768, y: -32768, inside: true });
  assert.deepEqual(absolute({ x: 830, y: 380 }, picture), { x: 32767, y: 32767, inside: true });
});

test('a point beside the picture is at its edge, and outside', () => {
  const picture = { left: 190, top: 20, width: 640, height: 360 };
  assert.deepEqual(absolute({ x: 5, y: 200 }, picture), { x: -32768, y: 0, inside: false });
});
