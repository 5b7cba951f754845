import assert from 'node:assert/strict';
import { test } from 'node:test';

import { codecString } from '../../../app/ui/h264.js';

const bytes = (...values) => Uint8Array.from(values);

test('the codec string is the three bytes after the header of the SPS', () => {
  assert.equal(codecString(bytes(0, 0, 0, 1, 0x67, 0x42, 0xc0, 0x1f, 0x8c)), 'avc1.42c01f');
});

test('the SPS is found behind an access unit delimiter and with a start code of three bytes', () => {
  assert.equal(codecString(bytes(0, 0, 0, 1, 0x09, 0xf0, 0, 0, 1, 0x27, 0x64, 0x00, 0x28, 0xac)), 'avc1.640028');
});

test('a unit without an SPS has none', () => {
  assert.equal(codecString(bytes(0, 0, 0, 1, 0x41, 0x67, 0x42, 0xc0, 0x1f)), null);
});

test('an SPS that is cut off is none', () => {
  assert.equal(codecString(bytes(0, 0, 1, 0x67, 0x42, 0xc0)), null);
  assert.equal(codecString(bytes()), null);
});
