import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Operator, steps } from '../../../app/ui/operator.js';

/** An operator whose page ticks or not, and what it sends. */
function bench() {
  const sent = [];
  const clock = { now: 1000 };
  const link = { backlog: 0, send: (text) => sent.push(JSON.parse(text)) };
  const operator = new Operator(link, () => clock.now);
  const take = () => sent.splice(0).map(({ event_type: type, event }) => ({ type, ...event }));
  /** Let time pass, the page ticking every 100 ms unless it is stuck. */
  const pass = (ms, ticking = true) => {
    for (let passed = 50; passed <= ms; passed += 50) {
      clock.now += 50;
      operator.beat();
      if (ticking && passed % 100 === 0) operator.tick();
    }
  };
  operator.tick();
  return { operator, clock, link, take, pass };
}

test('what is held is said again every 250 ms, and only while it is', () => {
  const { operator, take, pass } = bench();
  operator.say('hold', ['KeyA'], ['left'], 990.6);
  assert.deepEqual(take(), [{ type: 'hold', keys: ['KeyA'], buttons: ['left'], at: 991 }]);
  pass(1000);
  assert.deepEqual(take().map(({ type, keys, at }) => [type, keys[0], at]), [1250, 1500, 1750, 2000].map((at) => ['keep', 'KeyA', at]));
  operator.say('keep', [], [], 2000);
  take();
  pass(1000);
  assert.deepEqual(take(), []);
});

test('a page that is stuck for 250 ms gives no sign of life, and one that is back does at once', () => {
  const { operator, clock, take, pass } = bench();
  operator.say('hold', ['KeyA'], [], 1000);
  pass(200);
  take();
  pass(1000, false);
  assert.deepEqual(take().map(({ at }) => at), [1250]);
  clock.now += 10;
  operator.tick();
  assert.deepEqual(take().map(({ type, at }) => [type, at]), [['keep', 2210]]);
});

test('a change counts as a sign of life', () => {
  const { operator, take, pass } = bench();
  operator.say('hold', ['KeyA'], [], 1000);
  pass(200);
  operator.say('hold', ['KeyA', 'KeyB'], [], 1200);
  take();
  pass(200);
  assert.deepEqual(take(), []);
  pass(50);
  assert.equal(take().length, 1);
});

test('released and forgotten is said no more', () => {
  const { operator, take, pass } = bench();
  operator.say('hold', ['KeyA'], [], 1000);
  operator.release();
  assert.deepEqual(take().at(-1), { type: 'release' });
  operator.say('hold', ['KeyB'], [], 1000);
  operator.forget();
  take();
  pass(1000);
  assert.deepEqual(take(), []);
});

test('movement waits for room, the newest place alone, and goes before what is pressed', () => {
  const { operator, link, take } = bench();
  link.backlog = 5000;
  operator.move({ x: 1, y: 1 });
  operator.move({ x: 2, y: 2 });
  operator.relative({ x: 100, y: 0 });
  operator.relative({ x: 30, y: -1 });
  assert.deepEqual(take(), []);
  operator.say('hold', [], ['left'], 1000);
  assert.deepEqual(take().map(({ type, to, delta }) => [type, to ?? delta]), [
    ['mouse_move', { x: 2, y: 2 }],
    ['mouse_relative', [{ x: 65, y: 0 }, { x: 65, y: -1 }]],
    ['hold', undefined],
  ]);
  operator.move({ x: 3, y: 3 });
  link.backlog = 0;
  operator.beat();
  assert.deepEqual(take().map(({ to }) => to), [{ x: 3, y: 3 }]);
  operator.wheel({ x: 0, y: 1 }, 1234.4);
  assert.deepEqual(take(), [{ type: 'mouse_wheel', delta: { x: 0, y: 1 }, at: 1234 }]);
});

test('steps are whole, small enough, and add up', () => {
  assert.deepEqual(steps({ x: 0, y: 0 }), []);
  assert.deepEqual(steps({ x: 127, y: -127 }), [{ x: 127, y: -127 }]);
  for (const total of [{ x: 128, y: 0 }, { x: -1000, y: 3 }, { x: 12, y: 381 }]) {
    const made = steps(total);
    assert.ok(made.every(({ x, y }) => Math.abs(x) <= 127 && Math.abs(y) <= 127));
    assert.deepEqual(made.reduce((sum, { x, y }) => ({ x: sum.x + x, y: sum.y + y })), total);
  }
});
