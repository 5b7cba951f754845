// Keyboard layouts as the device names them: which one to offer first, and what cannot be typed in one.

const BY_TAG = { 'fr-CA': 'ca', 'fr-CH': 'ch(fr)', 'es-419': 'latam', 'es-AR': 'latam', 'es-CL': 'latam', 'es-CO': 'latam', 'es-MX': 'latam', 'es-PE': 'latam' };
const BY_LANGUAGE = {
  ar: 'ara', be: 'by', cs: 'cz', da: 'dk', el: 'gr', et: 'ee', fa: 'ir', he: 'il', hy: 'am', ja: 'jp', ka: 'ge', kk: 'kz', ko: 'kr',
  nb: 'no', nn: 'no', sl: 'si', sq: 'al', sr: 'rs', sv: 'se', uk: 'ua', vi: 'vn', zh: 'cn',
};
const ENGLISH = new Set(['gb', 'ie', 'us', 'za']);

/** The layout that a browser of this language suggests, such as `de` for `de-AT` where there is no `at`; `otherwise` if none. */
export function guess(tag, known, otherwise) {
  const [language, ...rest] = tag.split('-');
  const region = rest.at(-1)?.toLowerCase();
  // Those who read English type in any country, and a country's own layout may have no Latin letters.
  const places = language === 'en' ? [ENGLISH.has(region) ? region : otherwise] : [BY_TAG[tag], region, BY_LANGUAGE[language], language];
  return places.find((name) => known.includes(name)) ?? otherwise;
}

/** What of the text is not among the characters: each once with its number. */
export function untypable(text, characters) {
  const missing = (each) => [...each].filter((character) => !characters.has(character));
  const found = new Map();
  // As on the device: accents join their letters if that helps.
  for (const character of missing(text).length ? missing(text.normalize('NFC')) : []) {
    found.set(character, (found.get(character) ?? 0) + 1);
  }
  return found;
}

/** The same in words. */
export function missingWords(found) {
  const shown = [...found].map(([character, number]) => `${visible(character)}${number > 1 ? ` (${number} times)` : ''}`);
  const most = 12;
  const more = shown.length > most ? ` and ${shown.length - most} more` : '';
  return shown.slice(0, most).join('  ') + more;
}

function visible(character) {
  const code = `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
  return /[\p{C}\p{Z}\p{M}]/u.test(character) ? code : character;
}
