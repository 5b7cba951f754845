import assert from 'node:assert/strict';
import { test } from 'node:test';

import { address, delay } from '../../../app/ui/link.js';

test('the delay grows from a quarter of a second to five, spread by chance', () => {
  assert.deepEqual([0, 1, 2, 3, 4, 20].map((attempt) => delay(attempt, 1)), [500, 1000, 2000, 4000, 5000, 5000]);
  assert.equal(delay(20, 0), 250);
  assert.equal(delay(0, 0.5), 375);
});

test("the socket is on the page's own host and port", () => {
  assert.equal(address('/api/ws', 'https://kvm.local:8443/ui/worker.js'), 'wss://kvm.local:8443/api/ws');
  assert.equal(address('/api/ws', 'https://[fd00::1]/'), 'wss://[fd00::1]/api/ws');
});
