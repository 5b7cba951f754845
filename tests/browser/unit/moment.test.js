import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Moment } from '../../../app/ui/moment.js';

function moment() {
  const clock = { timeOrigin: 1_000_000, time: 0, now: () => clock.time };
  const instance = new Moment(clock);
  return {
    at: (time, stamp) => {
      clock.time = time;
      return instance.of(stamp) - clock.timeOrigin;
    },
  };
}

test('what waited is as old as it is', () => {
  const { at } = moment();
  assert.equal(at(100, 98), 100);
  assert.equal(at(5000, 4000), 4002);
  assert.equal(at(6000, 5999), 6000);
  assert.equal(at(7000, 6000), 6001);
});

test('a stamp from another origin makes nothing late', () => {
  for (const off of [-1e6, 1e6]) {
    const { at } = moment();
    assert.equal(at(100, 98 + off), 100);
    assert.equal(at(200, 197 + off), 199);
  }
});

test('what has no stamp happens now', () => {
  const { at } = moment();
  at(100, 90);
  assert.equal(at(300), 300);
  assert.equal(at(400, 390), 400);
});
