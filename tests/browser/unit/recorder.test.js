import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { Recorder } from '../../../app/ui/recorder.js';

let recorder;
let heard;

const unit = (second, key = false, width = 1280) => ({ captured: second * 1e6, key, width, height: 720, data: new Uint8Array(10) });

beforeEach(() => {
  heard = { asked: 0, states: [], words: [] };
  recorder = new Recorder({
    ask: () => (heard.asked += 1),
    state: (on) => heard.states.push(on),
    file: () => {},
    fault: (words) => heard.words.push(words),
  });
});

test('a key frame is wished for if there was none just now', () => {
  recorder.push(unit(0, true));
  recorder.push(unit(1));
  recorder.start();
  assert.deepEqual([heard.asked, heard.states], [0, [true]]);
  recorder.push(unit(3));
  recorder.start();
  assert.equal(heard.asked, 1);
});

test('a picture of another size ends it, and so does a device that has started again', () => {
  recorder.push(unit(5, true));
  recorder.start();
  recorder.push(unit(6, true, 1920));
  recorder.start();
  recorder.push(unit(1, true, 1920));
  assert.deepEqual(heard.states, [true, false, true, false]);
  assert.match(heard.words[0], /changed its size/);
  assert.match(heard.words[1], /started again/);
});

test('nothing is saved when nothing is being recorded', async () => {
  recorder.push(unit(0, true));
  await recorder.stop();
  assert.deepEqual([heard.states, heard.words], [[], []]);
});
