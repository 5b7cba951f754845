import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as status from '../../../app/ui/status.js';

const NOW = { link: 'live', stream: 'live', age: 40, late: 20, slides: false, fault: '', state: device() };

function device(parts = {}) {
  return {
    signal: { state: 'locked', width: 1280, height: 720, fps: 59.94, reason: '' },
    encoder: { state: 'running', name: 'software', reason: '' },
    usb: { state: 'configured', leds: ['caps'] },
    viewers: { count: 2 },
    control: { holder: 'admin', client: 7 },
    ...parts,
  };
}

const signal = (state, reason = '') => device({ signal: { state, width: 0, height: 0, fps: 0, reason } });

test('only a fresh picture has no words over it', () => {
  assert.equal(status.veil(NOW), null);
  assert.match(status.veil({ ...NOW, age: 900 }).title, /frozen/);
  assert.match(status.veil({ ...NOW, age: null }).title, /Waiting/);
});

test('a signal without frames is no good one', () => {
  const state = device({ signal: { ...device().signal, reason: 'no frame arrives' } });
  assert.equal(status.signal(state).level, 'warn');
  assert.deepEqual(status.veil({ ...NOW, age: null, state }), { title: 'No frames', detail: 'no frame arrives.' });
});

test('a missing signal is said at once, with the device\'s own reason', () => {
  const veil = status.veil({ ...NOW, state: signal('no_lock', 'no stable clock') });
  assert.equal(veil.title, 'Signal not stable');
  assert.match(veil.detail, /no stable clock\. Last picture 1 s ago\./);
});

test('every state of the signal has its words', () => {
  const words = ['no_power', 'no_signal', 'no_lock', 'unsupported', 'unknown'].map((name) => status.signal(signal(name)).words);
  assert.deepEqual(words, ['cable out or target off', 'no signal', 'signal not stable', 'unsupported mode', 'not known']);
  assert.equal(status.signal(device()).words, '1280×720 · 59.94 Hz');
});

test('a device that does not know the date says so, and one that does says nothing', () => {
  const words = [false, null, true].map((synchronised) => status.clock(device({ time: { synchronised } })).words);
  assert.deepEqual(words, [...Array(2).fill('date unknown: no time server has answered'), '']);
  assert.equal(status.clock(null).words, '');
});

test('keys wait for a text that is being pasted', () => {
  const state = device({ paste: { client: 7, typed: 40, total: 100, reason: '' } });
  assert.deepEqual(status.keys(state, 7, true), { words: 'wait: 40 of 100 characters pasted', level: 'warn' });
  assert.equal(status.keys(device({ paste: { client: null, typed: 100, total: 100, reason: '' } }), 7, true).level, 'good');
});

test('without a connection nothing old is shown as known', () => {
  for (const fact of [status.signal, status.usb, status.viewers]) assert.equal(fact(null).words, 'not known');
  assert.equal(status.leds(null), null);
  assert.match(status.veil({ ...NOW, link: 'reconnecting', age: 3000, state: null }).detail, /Reconnecting.*3 s ago/);
});

test('an encoder at fault is named, but not over a picture that moves', () => {
  const state = device({ encoder: { state: 'failed', name: '', reason: 'out of memory' } });
  assert.match(status.veil({ ...NOW, age: 2000, state }).title, /encoder failed/);
  assert.equal(status.veil({ ...NOW, state }), null);
});

test('a picture that is late is not left looking live, however many come', () => {
  assert.equal(status.veil({ ...NOW, late: null }), null);
  assert.equal(status.veil({ ...NOW, late: 900 }), null);
  assert.equal(status.veil({ ...NOW, late: 900, age: 100 }).title, 'Picture late');
  assert.deepEqual(status.veil({ ...NOW, late: 2300 }).title, 'Picture late');
  assert.match(status.veil({ ...NOW, late: 2300 }).detail, /2 s old/);
});

test('a video connection that is lost while the control connection stands is named', () => {
  const veil = status.veil({ ...NOW, age: 2000, stream: 'reconnecting', fault: 'of before' });
  assert.equal(veil.title, 'Video connection lost');
  assert.equal(status.veil({ ...NOW, age: 2000, stream: 'reconnecting', link: 'reconnecting' }).title, 'Connection lost');
  assert.equal(status.veil({ ...NOW, stream: 'reconnecting' }), null);
});

test('a slide show is called that between its pictures', () => {
  assert.equal(status.veil({ ...NOW, age: 2000, slides: true }).title, 'Slide show');
});

test('pictures in place of video are not called video', () => {
  assert.equal(status.video(device(), { format: 'h264', fps: 29.7, bits: 2.5e6 }, true).words, '30 fps · 2.5 Mbit/s');
  assert.equal(status.video(device(), { format: 'jpeg', fps: 4.9, bits: 8e5 }, true).words, 'pictures, 5 fps · 800 kbit/s');
  assert.equal(status.video(device(), null, true).words, 'no frames');
});

test('a decoder at fault is named', () => {
  assert.match(status.veil({ ...NOW, age: 2000, fault: 'It failed' }).detail, /It failed\./);
});

test('the pill says live of a live picture alone', () => {
  assert.deepEqual(status.connection('live', true), { words: 'Live', level: 'good' });
  assert.equal(status.connection('live', false).words, 'Connected');
  assert.equal(status.connection('reconnecting', true).words, 'Reconnecting');
  assert.equal(status.connection('closed', false).words, 'Closed');
});

test('who has control', () => {
  assert.deepEqual(status.control(device(), 7), { words: 'You have control', action: 'give' });
  assert.deepEqual(status.control(device(), 8), { words: 'admin (client 7) has control', action: 'over' });
  assert.deepEqual(status.control(device({ control: { holder: null, client: null } }), 8), { words: 'Nobody has control', action: 'take' });
  assert.deepEqual(status.control(null, null), { words: '', action: null });
  assert.deepEqual(status.control(device(), 8, true), { words: 'admin (client 7) has control', action: null });
  assert.deepEqual(status.control(device({ control: { holder: null, client: null } }), 8, true), { words: 'Nobody has control', action: null });
});

test('where the keys go', () => {
  assert.equal(status.keys(device(), 7, true).words, 'go to the target');
  assert.equal(status.keys(device(), 7, false).words, 'click the picture to type');
  assert.match(status.keys(device(), 8, true).words, /another viewer has control/);
  assert.equal(status.keys(null, null, true).words, 'not sent');
  assert.equal(status.keys(device(), 8, true, true).words, 'not sent, you may only watch');
  assert.equal(status.keys(device({ usb: { state: 'not attached', leds: null } }), 7, true).words, 'do not reach the target');
});

test('lock lights are those of every keyboard, and the rarer ones when lit', () => {
  const lit = (leds) => status.leds(device({ usb: { state: 'configured', leds } }))?.map(({ name, lit: on }) => `${name}${on ? '*' : ''}`);
  assert.deepEqual(lit(['caps', 'kana']), ['Num', 'Caps*', 'Scroll', 'Kana*']);
  assert.deepEqual(lit([]), ['Num', 'Caps', 'Scroll']);
  assert.equal(lit(null), undefined);
});
