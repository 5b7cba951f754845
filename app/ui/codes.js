// One-time codes for one's own account: on with a QR code, off with the password.

import { element, field, form, once } from './element.js';
import { call } from './rest.js';

const PASSWORD = { name: 'passwd', type: 'password', autocomplete: 'current-password', required: true };

export async function showCodes(section) {
  section.replaceChildren(element('h3', {}, 'One-time codes'));
  const { ok, result, words } = await call('GET', '/api/auth/totp');
  if (!ok) section.append(element('p', { className: 'error' }, words));
  else if (result.enabled) showOn(section, result.recovery_left);
  else showOff(section);
}

function showOff(section) {
  section.append(
    element('p', { className: 'soft' }, 'With an authenticator app, a stolen password alone opens nothing. Scripts append the code to the password.'),
    form('Set up', [field('Your password', PASSWORD)], async ({ passwd }) => {
      const { ok, result, words } = await call('POST', '/api/auth/totp', { passwd });
      if (ok) showEnrolment(section, passwd, result);
      return ok ? '' : words;
    }),
  );
}

function showEnrolment(section, passwd, { secret, svg }) {
  section.replaceChildren(
    element('h3', {}, 'One-time codes'),
    element('p', {}, 'Scan this with the app, or type the secret into it; then enter the code it shows.'),
    element('img', { className: 'qr', alt: 'QR code of the secret below', src: `data:image/svg+xml,${encodeURIComponent(svg)}` }),
    element('p', {}, element('code', {}, secret)),
    form('Turn on', [field('Code', { name: 'code', inputMode: 'numeric', autocomplete: 'one-time-code', required: true })],
      async ({ code }) => {
        const { ok, result, words } = await call('PUT', '/api/auth/totp', { passwd, secret, code });
        if (ok) {
          section.replaceChildren(element('h3', {}, 'One-time codes are on'), once(
            'Keep these recovery codes. Each works once when the app is not at hand. They are not shown again.',
            result.recovery.join('\n'),
          ));
        }
        return ok ? '' : words;
      }),
  );
}

function showOn(section, left) {
  section.append(
    element('p', {}, `They are on. ${left} recovery ${left === 1 ? 'code is' : 'codes are'} left.`),
    form('Turn off', [field('Your password', PASSWORD)], async ({ passwd }) => {
      const { ok, words } = await call('DELETE', '/api/auth/totp', { passwd });
      if (ok) showCodes(section);
      return ok ? '' : words;
    }),
  );
}
