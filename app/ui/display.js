// The display that the target sees, for administrators: one that the device makes up, or an EDID of one's own.

import { element, form } from './element.js';
import { call } from './rest.js';

const PATH = '/api/streamer/edid';

/** What each preset is for. */
const PRESETS = {
  '720p60': '1280×720 at 60 Hz: whatever moves',
  '1080p30': '1920×1080 at 30 Hz: more room, for text that stands still',
  '1080p50': '1920×1080 at 50 Hz: more room at a good rate',
};

export async function showDisplay(section) {
  const answer = await call('GET', PATH);
  if (answer.ok) render(section, answer.result);
  else section.replaceChildren(heading(), element('p', { className: 'error' }, answer.words));
}

function heading() {
  return element('h3', {}, 'The display that the target sees');
}

function render(section, { name, modes, warnings, presets }) {
  const change = async (choice) => {
    const { ok, result, words } = await call('PUT', PATH, choice);
    if (ok) render(section, result);
    return ok ? '' : words;
  };
  const select = element('select', { name: 'preset' }, ...presets.map((preset) => option(preset, name)));
  const file = element('input', { type: 'file', name: 'file', required: true });
  section.replaceChildren(
    heading(),
    element('p', {}, `Now: ${PRESETS[name] ?? 'an EDID of your own'}.`),
    element('p', { className: 'soft' }, `It offers ${modes.join(', ')}.`),
    ...warnings.map((words) => element('p', { className: 'error' }, words)),
    element('p', { className: 'soft' }, 'A change unplugs the display for a second. Most targets then choose a mode anew; some only after a restart.'),
    form('Change', [element('label', {}, element('span', {}, 'Offer'), select)], ({ preset }) => change({ preset })),
    element('h3', {}, 'Your own EDID'),
    element('p', { className: 'soft' }, 'A file of 128 bytes or a multiple, as edid-decode and most tools write it. What is wrong with one is named, and it is not used.'),
    form('Use it', [element('label', {}, element('span', {}, 'File'), file)], async (values) => change({ edid: await hexadecimal(values.file) })),
  );
}

function option(preset, now) {
  return element('option', { value: preset, defaultSelected: preset === now }, PRESETS[preset] ?? preset);
}

/** The file as the device takes it: hexadecimal digits, which it may hold already. */
async function hexadecimal(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const binary = bytes[0] === 0;
  return binary ? Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('') : new TextDecoder().decode(bytes);
}
