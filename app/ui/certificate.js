// The certificate: how to compare it, how to have browsers trust it, and how to use one's own.

import { button, element, form } from './element.js';
import { call } from './rest.js';

const SYSTEMS = {
  Windows: 'Open the file, choose “Install certificate”, “Local machine”, and the store “Trusted root certification authorities”. Firefox follows the system.',
  macOS: 'Open the file: it goes into Keychain Access. Find it there by its name, and under “Trust” choose “Always trust”.',
  Linux: 'Chromium: Settings, Privacy and security, Security, Manage certificates, Authorities, Import. Firefox: Settings, Certificates, View certificates, Authorities, Import. For the system: convert it with “openssl x509 -inform der -in FILE -out /usr/local/share/ca-certificates/inkvm.crt”, then run update-ca-certificates.',
  Android: 'Settings, Security, Encryption and credentials, Install a certificate, CA certificate, and choose the file.',
  'iPhone and iPad': 'Open the file in Safari, allow the profile, install it under Settings, General, VPN and device management; then switch it on under General, About, Certificate trust settings.',
};

export async function showCertificate(section, who) {
  section.replaceChildren(
    element('h3', {}, 'Trust this device'),
    element('p', {}, 'The device has an authority of its own, which can vouch for no public name: only for this device’s, for names that end in .local, and for private addresses. Install it once, and the browser warns no more, whatever address the device gets.'),
    element('p', {}, element('a', { href: '/api/tls/authority', download: '' }, 'Download the authority')),
    element('p', { className: 'soft' }, 'Before that, compare the SHA-256 fingerprint in the browser’s certificate viewer with the one on the device’s panel. This page cannot do that for you.'),
    ...Object.entries(SYSTEMS).map(([name, words]) => element('details', {}, element('summary', {}, name), element('p', {}, words))),
  );
  if (who.role === 'admin') await showOwn(section, who);
}

async function showOwn(section, who) {
  const { ok, result, words } = await call('GET', '/api/tls/certificate');
  section.append(element('h3', {}, 'Your own certificate'));
  if (!ok) {
    section.append(element('p', { className: 'error' }, words));
    return;
  }
  section.append(element('p', {}, result.own ? 'Your own is in use.' : 'The device’s own is in use.'), element('p', {}, element('code', {}, result.fingerprint)));
  if (result.own) {
    section.append(button('Go back to the device’s own', async () => {
      await call('DELETE', '/api/tls/certificate');
      showCertificate(section, who);
    }));
  }
  section.append(form('Use it', [
    area('Certificate and its chain, PEM', 'chain'), area('Private key, PEM, without a passphrase', 'key'),
  ], async (values) => {
    const answer = await call('PUT', '/api/tls/certificate', values);
    if (answer.ok) showCertificate(section, who);
    return answer.ok ? '' : answer.words;
  }));
}

function area(label, name) {
  return element('label', { className: 'wide' }, element('span', {}, label), element('textarea', { name, required: true, spellcheck: false }));
}
