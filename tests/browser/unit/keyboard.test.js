import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Keyboard } from '../../../app/ui/keyboard.js';
import { timed } from './timers.js';

function desk(system = {}) {
  const target = new EventTarget();
  const sent = [];
  const on = { key: (code, pressed) => sent.push(`${pressed ? '+' : '-'}${code}`), leave: () => sent.push('leave') };
  const keyboard = new Keyboard(target, on, { windows: false, mac: false, ...system });
  const fire = (type, code, { repeat = false, at = 0, key = '', metaKey = false } = {}) => {
    const event = new Event(type, { cancelable: true });
    for (const [name, value] of Object.entries({ code, repeat, timeStamp: at, key, metaKey })) Object.defineProperty(event, name, { value });
    target.dispatchEvent(event);
    return event;
  };
  return { keyboard, sent, down: (code, options) => fire('keydown', code, options), up: (code, options) => fire('keyup', code, options) };
}

test('edges go out in order, repeats do not, and nothing is left to the browser', () => {
  const { sent, down, up } = desk();
  assert.equal(down('Tab').defaultPrevented, true);
  down('Tab', { repeat: true });
  assert.equal(up('Tab').defaultPrevented, true);
  assert.deepEqual(sent, ['+Tab', '-Tab']);
});

test('what was not pressed here is not released here', () => {
  const { sent, up } = desk();
  up('KeyA');
  assert.deepEqual(sent, []);
});

test('what Firefox calls otherwise goes out by its standard name, and what has none stays here', () => {
  const { sent, down, up } = desk();
  for (const code of ['OSLeft', 'VolumeMute', 'Unidentified', '']) {
    down(code);
    up(code);
  }
  assert.deepEqual(sent, ['+MetaLeft', '-MetaLeft', '+AudioVolumeMute', '-AudioVolumeMute']);
});

test('AltGr on Windows is the right Alt alone', () => {
  const { sent, down, up } = desk({ windows: true });
  down('ControlLeft', { at: 100 });
  down('AltRight', { at: 100.1 });
  down('KeyQ', { at: 150 });
  up('KeyQ', { at: 200 });
  up('ControlLeft', { at: 210 });
  up('AltRight', { at: 210.1 });
  assert.deepEqual(sent, ['+AltRight', '+KeyQ', '-KeyQ', '-AltRight']);
});

test('Control alone on Windows goes out by itself, and before the next key', timed, (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const { sent, down, up } = desk({ windows: true });
  down('ControlLeft', { at: 100 });
  assert.deepEqual(sent, []);
  context.mock.timers.tick(30);
  assert.deepEqual(sent, ['+ControlLeft']);
  up('ControlLeft', { at: 200 });
  down('ControlLeft', { at: 300 });
  down('KeyC', { at: 301 });
  assert.deepEqual(sent, ['+ControlLeft', '-ControlLeft', '+ControlLeft', '+KeyC']);
});

test('a quick tap of Control on Windows is not lost', () => {
  const { sent, down, up } = desk({ windows: true });
  down('ControlLeft', { at: 100 });
  up('ControlLeft', { at: 105 });
  assert.deepEqual(sent, ['+ControlLeft', '-ControlLeft']);
});

test('real Control and then AltRight, slower than a keyboard driver, are both', () => {
  const { sent, down } = desk({ windows: true });
  down('ControlLeft', { at: 100 });
  down('AltRight', { at: 200 });
  assert.deepEqual(sent, ['+ControlLeft', '+AltRight']);
});

test('on macOS what Command swallowed is released with it', () => {
  const { sent, down, up } = desk({ mac: true });
  down('MetaLeft');
  down('KeyC');
  up('MetaLeft');
  assert.deepEqual(sent, ['+MetaLeft', '+KeyC', '-KeyC', '-MetaLeft']);
});

test('on macOS a key beside Command is a tap, since nobody tells when it goes up', () => {
  const { keyboard, sent, down, up } = desk({ mac: true });
  down('MetaLeft', { metaKey: true });
  down('ShiftLeft', { metaKey: true });
  down('KeyZ', { metaKey: true });
  down('KeyZ', { metaKey: true, repeat: true });
  assert.deepEqual(sent, ['+MetaLeft', '+ShiftLeft', '+KeyZ', '-KeyZ', '+KeyZ', '-KeyZ']);
  up('ShiftLeft', { metaKey: true });
  up('MetaLeft');
  assert.deepEqual(sent.slice(6), ['-ShiftLeft', '-MetaLeft']);
  assert.equal(keyboard.holding, false);
});

test('elsewhere a key beside the logo key is held', () => {
  const { sent, down } = desk();
  down('MetaLeft', { metaKey: true });
  down('ArrowUp', { metaKey: true });
  down('ArrowUp', { metaKey: true, repeat: true });
  assert.deepEqual(sent, ['+MetaLeft', '+ArrowUp']);
});

test('on Windows the last Shift to go takes the other one with it, of which nothing is told', () => {
  const { keyboard, sent, down, up } = desk({ windows: true });
  down('ShiftLeft');
  down('ShiftRight');
  up('ShiftRight');
  assert.deepEqual(sent, ['+ShiftLeft', '+ShiftRight', '-ShiftRight', '-ShiftLeft']);
  assert.equal(keyboard.holding, false);
});

test('elsewhere each Shift goes up by itself', () => {
  const { sent, down, up } = desk();
  down('ShiftLeft');
  down('ShiftRight');
  up('ShiftRight');
  assert.deepEqual(sent, ['+ShiftLeft', '+ShiftRight', '-ShiftRight']);
});

test('the modes of a Japanese keyboard are taps on Windows', () => {
  const { sent, down } = desk({ windows: true });
  down('Backquote', { key: 'Hankaku' });
  down('KanaMode', { key: 'Hiragana' });
  down('Backquote', { key: '`' });
  assert.deepEqual(sent, ['+Backquote', '-Backquote', '+KanaMode', '-KanaMode', '+Backquote']);
});

test('on macOS each change of CapsLock is a tap', () => {
  const { sent, down, up } = desk({ mac: true });
  down('CapsLock');
  up('CapsLock');
  assert.deepEqual(sent, ['+CapsLock', '-CapsLock', '+CapsLock', '-CapsLock']);
});

test('on Windows the release of PrintScreen is all there is of it, and a tap', () => {
  const { keyboard, sent, down, up } = desk({ windows: true });
  up('PrintScreen');
  assert.deepEqual(sent, ['+PrintScreen', '-PrintScreen']);
  assert.equal(keyboard.holding, false);
  down('AltLeft');
  up('PrintScreen');
  up('AltLeft');
  assert.deepEqual(sent.slice(2), ['+AltLeft', '+PrintScreen', '-PrintScreen', '-AltLeft']);
});

test('a PrintScreen whose press is seen is pressed once, on Windows as elsewhere', () => {
  for (const windows of [true, false]) {
    const { sent, down, up } = desk({ windows });
    down('PrintScreen');
    up('PrintScreen');
    assert.deepEqual(sent, ['+PrintScreen', '-PrintScreen']);
  }
});

test('elsewhere the release of a PrintScreen that was pressed somewhere else is nothing', () => {
  for (const system of [{}, { mac: true }]) {
    const { sent, up } = desk(system);
    up('PrintScreen');
    assert.deepEqual(sent, []);
  }
});

test('Control, Alt and Shift together and nothing else leave the picture', () => {
  const { sent, down, up } = desk();
  for (const code of ['ControlLeft', 'AltLeft', 'ShiftLeft']) down(code);
  for (const code of ['ShiftLeft', 'AltLeft', 'ControlLeft']) up(code);
  assert.equal(sent.at(-1), 'leave');
  sent.length = 0;
  for (const code of ['ControlLeft', 'AltLeft', 'ShiftLeft', 'Escape']) down(code);
  for (const code of ['Escape', 'ShiftLeft', 'AltLeft', 'ControlLeft']) up(code);
  assert.equal(sent.includes('leave'), false);
});

test('a chord is pressed in order and released in the other', () => {
  const { keyboard, sent } = desk();
  keyboard.chord(['ControlLeft', 'AltLeft', 'Delete']);
  assert.deepEqual(sent, ['+ControlLeft', '+AltLeft', '+Delete', '-Delete', '-AltLeft', '-ControlLeft']);
});

test('what was cleared is not held', () => {
  const { keyboard, sent, down, up } = desk();
  down('ShiftLeft');
  assert.equal(keyboard.holding, true);
  keyboard.clear();
  assert.equal(keyboard.holding, false);
  up('ShiftLeft');
  assert.deepEqual(sent, ['+ShiftLeft']);
});
