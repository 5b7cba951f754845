import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fresh, typed } from '../../../app/ui/softkeys.js';

test('what was written is told without the mark, wherever the cursor was', () => {
  assert.deepEqual(typed(`${fresh()}a`), { text: 'a', erased: false });
  assert.deepEqual(typed(`the${fresh()}`), { text: 'the', erased: false });
  assert.deepEqual(typed(fresh()), { text: '', erased: false });
});

test('an empty field is one that was erased from; one that was replaced is not', () => {
  assert.deepEqual(typed(''), { text: '', erased: true });
  assert.deepEqual(typed('word'), { text: 'word', erased: false });
});
