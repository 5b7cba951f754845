// What the target sees on the cable beside keyboard and mice, for administrators.

import { element, form } from './element.js';
import { call } from './rest.js';

const PATH = '/api/usb/profile';
const LOOK_MS = 500;
const LOOKS = 40;

/** What each extra is for. */
const EXTRAS = {
  storage: ['Drive', 'A removable drive. It has no medium yet.'],
  serial: ['Serial line', '/dev/ttyGS0 on this device. Nobody listens there and nobody can log in, until you start a program that uses it.'],
  network: ['Network adapter', 'A wire between the target and this device alone. It exposes this device’s login page and its name to whatever runs on the target. Nothing else answers there, and nothing is passed on: the target gets an address, but no way into any other network, and no other network gets one to the target.'],
};

export async function showUsb(section) {
  section.replaceChildren(element('h3', {}, 'What the target sees on USB'));
  const { ok, result, words } = await call('GET', PATH);
  if (!ok) {
    section.append(element('p', { className: 'error' }, words));
    return;
  }
  const select = element('select', { name: 'profile' }, ...result.profiles.map((profile) => option(profile, result.extras)));
  section.append(
    element('p', {}, result.extras ? `Now: ${named(result.extras)}.` : 'Now: nothing. The USB gadget is not up.'),
    element('p', { className: 'soft' }, 'A change unplugs the target’s keyboard, mice and drive for a second or two. Nothing else here does: keyboard and mice are always part of it.'),
    ...Object.values(EXTRAS).map(([name, what]) => element('p', {}, element('b', {}, name), ` ${what}`)),
    element('p', { className: 'soft' }, `With the network adapter, the target opens this page at https://${result.address}/, or by this device’s name.`),
    form('Change', [element('label', {}, element('span', {}, 'Offer'), select)], async ({ profile }) => {
      const answer = await call('POST', PATH, { extras: profile.split(' ').filter(Boolean) });
      if (!answer.ok) return answer.words;
      if (!(await settled(answer.result.extras))) return 'It did not change, and nothing says why. Try again.';
      showUsb(section);
      return '';
    }),
  );
  if (result.refusal) section.append(element('p', { className: 'error' }, `Not as asked: ${result.refusal}`));
}

function option({ extras, fits, reason }, now) {
  const value = extras.join(' ');
  const words = fits ? named(extras) : `${named(extras)} (${reason})`;
  return element('option', { value, disabled: !fits, defaultSelected: value === now?.join(' ') }, words);
}

function named(extras) {
  return ['keyboard and mice', ...extras.map((name) => EXTRAS[name][0].toLowerCase())].join(' + ');
}

/** Whether the target sees these, or somebody says why not, before long. */
async function settled(extras) {
  for (let look = 0; look < LOOKS; look += 1) {
    const { ok, result } = await call('GET', PATH);
    if (ok && (result.refusal || result.extras?.join() === extras.join())) return true;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return false;
}
