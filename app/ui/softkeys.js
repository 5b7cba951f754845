// What a phone's keyboard did to a text field, as far as it can be told: it names no keys, it changes the text.

const MARK = '\u200b'; // something for the first erasing to erase: of an empty field nothing is told

/** What the field has before anything is typed. */
export function fresh() {
  return MARK;
}

/** What was done since: `{text, erased}`, the text that was written and whether one character was erased. */
export function typed(value) {
  return { text: value.replaceAll(MARK, ''), erased: !value.includes(MARK) && value === '' };
}
