// API tokens: for scripts, each for what it needs.

import { button, element, field, form, once, table } from './element.js';
import { call } from './rest.js';

const SCOPES = { view: 'see', hid: 'type', storage: 'drives', power: 'power', admin: 'everything' };

export async function showTokens(section, who, shown = null) {
  const { ok, result, words } = await call('GET', '/api/auth/tokens');
  section.replaceChildren(
    element('h3', {}, 'API tokens'),
    element('p', { className: 'soft' }, 'For scripts: “Authorization: Bearer …”. A token can do no more than its owner.'),
  );
  if (!ok) {
    section.append(element('p', { className: 'error' }, words));
    return;
  }
  if (shown) section.append(once('The new token. It is not shown again.', shown));
  section.append(table(['Name', 'Owner', 'For', ''], result.map((each) => [
    each.name, each.user, each.scopes.map((scope) => SCOPES[scope]).join(', '), button('Revoke', async () => {
      await call('DELETE', `/api/auth/tokens/${each.id}`);
      showTokens(section, who);
    }),
  ]), 'There are none.'));
  const boxes = Object.entries(SCOPES).map(([scope, label]) => {
    const box = field(label, { name: scope, type: 'checkbox', checked: scope === 'view' });
    box.className = 'box';
    return box;
  });
  section.append(element('h3', {}, 'New token'), form('Make', [
    field('Name', { name: 'name', maxLength: 64, placeholder: 'what uses it', required: true }), ...boxes,
  ], async ({ name, ...scopes }) => {
    const answer = await call('POST', '/api/auth/tokens', { name, scopes: Object.keys(scopes) });
    if (answer.ok) showTokens(section, who, answer.result.token);
    return answer.ok ? '' : answer.words;
  }));
}
