import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Ring } from '../../../app/ui/ring.js';

const unit = (second, key = false, bytes = 10, width = 1280) => ({ captured: second * 1e6, key, width, height: 720, data: new Uint8Array(bytes) });
const seconds = (ring) => ring.units().map(({ captured }) => captured / 1e6);

test('it begins with a key frame and reaches back far enough', () => {
  const ring = new Ring(10, 1e6);
  ring.push(unit(0));
  assert.deepEqual(seconds(ring), []);
  for (let at = 0; at <= 40; at += 1) ring.push(unit(at, at % 7 === 0));
  const kept = seconds(ring);
  assert.equal(kept[0], 28);
  assert.equal(kept.at(-1), 40);
  assert.equal(kept.length, 13);
  assert.equal(ring.units()[0].key, true);
});

test('it never holds more than its bytes', () => {
  const ring = new Ring(1000, 100);
  for (let at = 0; at < 100; at += 1) {
    ring.push(unit(at, at % 4 === 0));
    assert.ok(seconds(ring).length * 10 <= 100);
    assert.ok(at < 4 || seconds(ring).length >= 4);
  }
});

test('a group that is too much by itself is given up until the next key frame', () => {
  const ring = new Ring(1000, 100);
  for (let at = 0; at < 30; at += 1) ring.push(unit(at, at === 0));
  assert.deepEqual(seconds(ring), []);
  ring.push(unit(30, true));
  assert.deepEqual(seconds(ring), [30]);
});

test('another size and a clock that went back begin anew', () => {
  const ring = new Ring(1000, 1e6);
  ring.push(unit(1, true));
  ring.push(unit(2, true, 10, 1920));
  assert.deepEqual(seconds(ring), [2]);
  ring.push(unit(1, true, 10, 1920));
  assert.deepEqual(seconds(ring), [1]);
});

test('what came since a key frame of just now is there to begin with', () => {
  const ring = new Ring(1000, 1e6);
  assert.deepEqual(ring.fresh(2), []);
  for (const [second, key] of [[0, true], [1, false], [5, true], [6, false], [7, false]]) ring.push(unit(second, key));
  const begun = ring.fresh(2);
  assert.deepEqual(begun.map(({ captured }) => captured / 1e6), [5, 6, 7]);
  ring.push(unit(8));
  assert.deepEqual(ring.fresh(2), []);
  assert.equal(begun.length, 3);
});
