import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Touch } from '../../../app/ui/touch.js';
import { timed } from './timers.js';

function fingers(context) {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const did = [];
  const note = (name) => (...what) => did.push([name, ...what]);
  const touch = new Touch({ click: note('click'), press: note('press'), move: note('move'), lift: note('lift'), scroll: note('scroll') });
  return { touch, did, wait: (ms) => context.mock.timers.tick(ms) };
}

const at = (x, y) => ({ x, y });

test('a tap clicks where it began, however the finger trembled', timed, (context) => {
  const { touch, did, wait } = fingers(context);
  touch.down(1, at(50, 50));
  touch.move(1, at(54, 53));
  wait(599);
  touch.up(1);
  wait(1000);
  assert.deepEqual(did, [['click', 'left', at(50, 50)]]);
});

test('a long press is the right button, once, and lifting adds nothing', timed, (context) => {
  const { touch, did, wait } = fingers(context);
  touch.down(1, at(50, 50));
  wait(600);
  touch.move(1, at(90, 90));
  touch.up(1);
  assert.deepEqual(did, [['click', 'right', at(50, 50)]]);
  touch.down(1, at(1, 1));
  touch.up(1);
  assert.deepEqual(did.at(-1), ['click', 'left', at(1, 1)]);
});

test('a finger that moves drags from where it began', timed, (context) => {
  const { touch, did, wait } = fingers(context);
  touch.down(1, at(50, 50));
  touch.move(1, at(61, 50));
  touch.move(1, at(70, 50));
  wait(1000);
  touch.up(1);
  assert.deepEqual(did, [['press', at(50, 50)], ['move', at(61, 50)], ['move', at(70, 50)], ['lift']]);
});

test('two fingers scroll by the way they go together, and click nothing', timed, (context) => {
  const { touch, did, wait } = fingers(context);
  touch.down(1, at(50, 50));
  touch.down(2, at(80, 50));
  touch.move(1, at(50, 40));
  touch.move(2, at(84, 40));
  wait(1000);
  touch.up(1);
  touch.move(2, at(84, 0));
  touch.up(2);
  assert.deepEqual(did, [['move', at(80, 50)], ['scroll', { x: 0, y: 5 }], ['scroll', { x: -2, y: 5 }]]);
});

test('a second finger ends a drag', timed, (context) => {
  const { touch, did } = fingers(context);
  touch.down(1, at(0, 0));
  touch.move(1, at(50, 0));
  touch.down(2, at(80, 0));
  assert.deepEqual(did.slice(2), [['lift'], ['move', at(80, 0)]]);
});

test('a third finger ends it all, until every finger is lifted', timed, (context) => {
  const { touch, did, wait } = fingers(context);
  for (const id of [1, 2, 3]) touch.down(id, at(id, 0));
  did.length = 0;
  touch.move(2, at(50, 50));
  touch.up(3);
  touch.up(2);
  wait(1000);
  touch.up(1);
  assert.deepEqual(did, []);
});

test('what the system takes is nothing that was done', timed, (context) => {
  const { touch, did, wait } = fingers(context);
  touch.down(1, at(0, 0));
  touch.clear();
  touch.up(1);
  touch.move(1, at(99, 0));
  wait(1000);
  assert.deepEqual(did, []);
});
