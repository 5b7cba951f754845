import assert from 'node:assert/strict';
import { test } from 'node:test';

import { key, parse, shown } from '../../../app/ui/wire.js';

function message(version, kind, payload = [0, 0, 1, 0x65]) {
  const bytes = new Uint8Array(24 + payload.length);
  bytes.set([version, kind, 0, 1, 0xff, 0xff, 0xff, 0xfe, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0x0b, 0xb8, 0x05, 0, 0x02, 0xd0]);
  bytes.set(payload, 24);
  return bytes.buffer;
}

test('an access unit is read field by field', () => {
  const { data, ...header } = parse(message(1, 1));
  assert.deepEqual(header, { key: true, sequence: 0xfffffffe, captured: 2 ** 32 + 2, encode: 3000, width: 1280, height: 720 });
  assert.deepEqual([...data], [0, 0, 1, 0x65]);
});

test('other kinds, other versions and empty units are not for this page', () => {
  assert.equal(parse(message(1, 2)), null);
  assert.equal(parse(message(2, 1)), null);
  assert.equal(parse(message(1, 1, [])), null);
  assert.equal(parse(new ArrayBuffer(3)), null);
});

test('what the viewer says is eight bytes', () => {
  assert.deepEqual([...new Uint8Array(shown(0xfffffffe))], [1, 1, 0, 0, 0xff, 0xff, 0xff, 0xfe]);
  assert.deepEqual([...new Uint8Array(key())], [1, 2, 0, 0, 0, 0, 0, 0]);
});
