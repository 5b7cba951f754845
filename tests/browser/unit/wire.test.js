import assert from 'node:assert/strict';
import { test } from 'node:test';

import { key, parse, ping, report, shown } from '../../../app/ui/wire.js';

function message(version, kind, payload = [0, 0, 1, 0x65]) {
  const bytes = new Uint8Array(24 + payload.length);
  bytes.set([version, kind, 0, 1, 0xff, 0xff, 0xff, 0xfe, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0x0b, 0xb8, 0x05, 0, 0x02, 0xd0]);
  bytes.set(payload, 24);
  return bytes.buffer;
}

test('an access unit is read field by field', () => {
  const { data, ...header } = parse(message(1, 1));
  assert.deepEqual(header, { kind: 'h264', key: true, sequence: 0xfffffffe, captured: 2 ** 32 + 2, encode: 3000, width: 1280, height: 720 });
  assert.deepEqual([...data], [0, 0, 1, 0x65]);
});

test('other kinds, other versions and empty units are not for this page', () => {
  assert.equal(parse(message(1, 99)), null);
  assert.equal(parse(message(2, 1)), null);
  assert.equal(parse(message(1, 1, [])), null);
  assert.equal(parse(new ArrayBuffer(3)), null);
});

test('a still, a pong and a hello are told apart', () => {
  assert.equal(parse(message(1, 2)).kind, 'jpeg');
  const pong = parse(message(1, 3, []));
  assert.deepEqual([pong.kind, pong.sequence, pong.captured], ['pong', 0xfffffffe, 2 ** 32 + 2]);
  assert.equal(parse(message(1, 4, [])).kind, 'hello');
});

test('a report is read by its bytes, and what is not known says so', () => {
  const bytes = [...new Uint8Array(report({ median: 22, p95: 60, uncertainty: 1 }, 29.7, 2))];
  assert.deepEqual(bytes, [1, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0x55, 0xf0, 0, 0, 0xea, 0x60, 0, 0, 3, 0xe8, 1, 0x29, 0, 2]);
  const unknown = new DataView(report({ median: null, p95: null, uncertainty: null }, 0, 1e9));
  assert.deepEqual([8, 12, 16].map((at) => unknown.getUint32(at)), [0xffffffff, 0xffffffff, 0xffffffff]);
  assert.equal(unknown.getUint16(22), 0xffff);
});

test('what the viewer says is eight bytes', () => {
  assert.deepEqual([...new Uint8Array(shown(0xfffffffe))], [1, 1, 0, 0, 0xff, 0xff, 0xff, 0xfe]);
  assert.deepEqual([...new Uint8Array(ping(258))], [1, 3, 0, 0, 0, 0, 1, 2]);
  assert.deepEqual([...new Uint8Array(key())], [1, 2, 0, 0, 0, 0, 0, 0]);
});
