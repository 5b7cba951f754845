// View links: somebody may watch for a while, without an account.

import { button, element, field, form, once, table } from './element.js';
import { call } from './rest.js';

/** Until when, by this computer's clock: the device's own may not have been set. */
function until({ left, until: date }) {
  if (left === null) return 'not known: the device does not know the time';
  const end = new Date(Date.now() + left * 1000).toLocaleString();
  return date === null ? `${end}, or the device's next start` : end;
}

export async function showLinks(section, who, shown = null) {
  const { ok, result, words } = await call('GET', '/api/auth/links');
  section.replaceChildren(
    element('h3', {}, 'View links'),
    element('p', { className: 'soft' }, 'Whoever opens one sees the screen until it expires or is revoked, and cannot type.'),
  );
  if (!ok) {
    section.append(element('p', { className: 'error' }, words));
    return;
  }
  if (shown) section.append(once('Send this address. It is not shown again.', shown));
  section.append(table(['For', 'By', 'Until', ''], result.map((each) => [
    each.label, each.user, until(each), button('Revoke', async () => {
      await call('DELETE', `/api/auth/links/${each.id}`);
      showLinks(section, who);
    }),
  ]), 'There are none.'), element('h3', {}, 'New link'), form('Make', [
    field('For', { name: 'label', maxLength: 64, placeholder: 'who will watch', required: true }),
    field('Hours', { name: 'hours', type: 'number', min: 1, max: 720, value: '2', required: true }),
  ], async ({ label, hours }) => {
    const answer = await call('POST', '/api/auth/links', { label, hours: Number(hours) });
    if (answer.ok) showLinks(section, who, answer.result.url);
    return answer.ok ? '' : answer.words;
  }));
}
