import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { Patience } from '../../../app/ui/patience.js';

let patience;

beforeEach(() => {
  patience = new Patience();
  patience.excuse(0);
});

/** The moments, in seconds, at which it is over; looked at ten times a second as the page does. */
function ends(from, until) {
  const found = [];
  for (let now = from * 1000; now < until * 1000; now += 100) if (patience.over(now)) found.push(now / 1000);
  return found;
}

test('each connection that brings no picture is waited for twice as long, up to 40 s', () => {
  assert.deepEqual(ends(0, 160), [5, 15, 35, 75, 115, 155]);
});

test('a picture that came soon makes the next wait short again', () => {
  assert.deepEqual(ends(0, 6), [5]);
  patience.painted(6000);
  assert.deepEqual(ends(6, 22), [11, 21]);
});

test('one that was long under way may be followed by others that are', () => {
  assert.deepEqual(ends(0, 6), [5]);
  for (const seconds of [13, 21, 29]) {
    patience.painted(seconds * 1000);
    assert.deepEqual(ends(seconds, seconds + 8), []);
  }
});

test('while no picture is due none is missed', () => {
  for (let now = 0; now < 60_000; now += 1000) patience.excuse(now);
  assert.deepEqual(ends(60, 65), [64]);
});
