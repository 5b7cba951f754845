import assert from 'node:assert/strict';
import { test } from 'node:test';

import { guess, missingWords, untypable } from '../../../app/ui/layouts.js';

const KNOWN = ['us', 'gb', 'de', 'at', 'ch', 'ch(fr)', 'fr', 'ca', 'br', 'pt', 'jp', 'se', 'latam', 'es', 'in', 'kr'];

test('the first layout offered is that of the language and the country', () => {
  const expected = {
    'en-US': 'us', 'en-GB': 'gb', 'en': 'us', 'en-IN': 'us', 'de': 'de', 'de-DE': 'de', 'de-AT': 'at', 'de-CH': 'ch', 'de-LI': 'de', 'fr-CH': 'ch(fr)',
    'fr-CA': 'ca', 'pt-BR': 'br', 'pt-PT': 'pt', 'ja': 'jp', 'ja-JP': 'jp', 'sv': 'se', 'es-MX': 'latam', 'es-ES': 'es', 'ko': 'kr', 'xx-YY': 'us',
  };
  for (const [tag, layout] of Object.entries(expected)) assert.equal(guess(tag, KNOWN, 'us'), layout, tag);
});

test('a layout that is not there is not offered', () => {
  assert.equal(guess('de-AT', ['us', 'de'], 'us'), 'de');
  assert.equal(guess('ja-JP', ['us'], 'fr'), 'fr');
  assert.equal(guess('en-GB', ['us'], 'us'), 'us');
});

test('what cannot be typed is found with its number', () => {
  const typable = new Set('abcé\n');
  assert.deepEqual([...untypable('ab\ncé', typable)], []);
  assert.deepEqual([...untypable('cafe\u0301', new Set('cafeé'))], []);
  assert.deepEqual([...untypable('aж😀bж', typable)], [['ж', 2], ['😀', 1]]);
});

test('it is named even if it cannot be seen', () => {
  assert.equal(missingWords(new Map([['ж', 2], ['\u00a0', 1], ['\x1b', 1], ['\u0301', 1]])), 'ж (2 times)  U+00A0  U+001B  U+0301');
  assert.match(missingWords(new Map([...'abcdefghijklmno'].map((each) => [each, 1]))), /l and 3 more$/);
});
