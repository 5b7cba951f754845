import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Wheel } from '../../../app/ui/wheel.js';

const turn = (wheel, deltaY, deltaMode = 0, deltaX = 0) => wheel.turn({ deltaX, deltaY, deltaMode });

test("down in the browser is negative in HID's sense, right stays positive", () => {
  assert.deepEqual(turn(new Wheel(), 100, 0, 200), { x: 2, y: -1 });
});

test('small steps add up to a notch', () => {
  const wheel = new Wheel();
  const sent = Array.from({ length: 10 }, () => turn(wheel, -25)).filter(Boolean);
  assert.deepEqual(sent, [{ x: 0, y: 1 }, { x: 0, y: 1 }]);
});

test('a notch of 120 pixels loses nothing', () => {
  const wheel = new Wheel();
  const sum = Array.from({ length: 5 }, () => turn(wheel, 120)).reduce((total, delta) => total + delta.y, 0);
  assert.equal(sum, -6);
});

test('three lines are a notch, one page is one', () => {
  assert.deepEqual(turn(new Wheel(), 3, 1), { x: 0, y: -1 });
  assert.deepEqual(turn(new Wheel(), -1, 2), { x: 0, y: 1 });
});

test('turning round starts afresh', () => {
  const wheel = new Wheel();
  assert.equal(turn(wheel, 90), null);
  assert.deepEqual(turn(wheel, -100), { x: 0, y: 1 });
});

test('one event never exceeds a report, and what does not fit goes with the next', () => {
  const wheel = new Wheel();
  assert.deepEqual(turn(wheel, -20_000), { x: 0, y: 127 });
  assert.deepEqual(turn(wheel, -100), { x: 0, y: 74 });
});
