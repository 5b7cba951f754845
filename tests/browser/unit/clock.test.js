import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Clock } from '../../../app/ui/clock.js';

/** A round trip whose way there and way back differ, with the device's clock `ahead` milliseconds ahead. */
function exchange(clock, at, there, back, ahead) {
  clock.pong(clock.ping(at), (at + there + ahead) * 1000, at + there + back);
}

test('before a round trip nothing is known', () => {
  const clock = new Clock();
  assert.deepEqual([clock.age(5, 10), clock.roundTrip, clock.uncertainty], [null, null, null]);
});

test('the offset is right within half the shortest round trip', () => {
  const clock = new Clock();
  exchange(clock, 100, 80, 10, 5000);
  exchange(clock, 200, 3, 9, 5000);
  exchange(clock, 300, 50, 1, 5000);
  assert.equal(clock.roundTrip, 12);
  assert.equal(clock.uncertainty, 6);
  const wrong = clock.age(5400 * 1000, 450) - 50;
  assert.ok(Math.abs(wrong) <= clock.uncertainty, `${wrong}`);
  assert.equal(wrong, -3);
});

test('a pong nobody asked for is none', () => {
  const clock = new Clock();
  clock.pong(7, 1, 1);
  const token = clock.ping(0);
  clock.pong(token, 1, 1);
  clock.pong(token, 1, 0);
  assert.equal(clock.roundTrip, 1);
});

test('old round trips and old connections are forgotten', () => {
  const clock = new Clock();
  exchange(clock, 0, 1, 1, 0);
  for (let at = 1; at <= 30; at += 1) exchange(clock, at * 1000, 5, 5, 0);
  assert.equal(clock.roundTrip, 10);
  clock.reset();
  assert.equal(clock.roundTrip, null);
});

test('a clock that jumped is found out by the next round trip', () => {
  const clock = new Clock();
  for (let at = 0; at < 10; at += 1) exchange(clock, at * 1000, 0.5, 0.5, 5000);
  // The page's computer slept for 20 s: its clock stood still.
  const ahead = 25_000;
  assert.equal(clock.age((10_000 + ahead) * 1000, 10_010), null);
  const token = clock.ping(10_020);
  assert.equal(clock.pong(token, (10_021.5 + ahead) * 1000, 10_023), true);
  assert.equal(clock.age((10_100 + ahead) * 1000, 10_110), 10);
  assert.equal(clock.uncertainty, 1.5);
});

test('round trips that are only uneven are no jump', () => {
  const clock = new Clock();
  exchange(clock, 0, 0, 100, 5000);
  const token = clock.ping(1000);
  assert.equal(clock.pong(token, (1100 + 5000) * 1000, 1100), false);
});
