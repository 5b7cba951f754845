// Everybody's accounts.

import { button, element, field, form, table } from './element.js';
import { call } from './rest.js';

const ROLES = { viewer: 'viewer: sees', operator: 'operator: sees, types, power', admin: 'admin: everything' };

export async function showUsers(section, who, words = '') {
  const answer = await call('GET', '/api/accounts');
  const error = element('p', { className: 'error', hidden: !words && answer.ok }, words || answer.words || '');
  error.setAttribute('role', 'alert');
  section.replaceChildren(element('h3', {}, 'Users'), error);
  if (!answer.ok) return;
  const change = async (method, name, body) => {
    const done = await call(method, `/api/accounts/${encodeURIComponent(name)}`, body);
    showUsers(section, who, done.ok ? '' : done.words);
  };
  section.append(table(['Name', 'Role', 'Codes', ''], answer.result.map(({ user, role, totp }) => [
    user,
    roles(role, (chosen) => change('PUT', user, { role: chosen })),
    totp && user !== who.user ? button('Turn off', () => change('PUT', user, { totp: false })) : totp ? 'on' : 'off',
    user === who.user ? 'you' : button('Remove', () => change('DELETE', user)),
  ]), ''), element('h3', {}, 'New user'), form('Add', [
    field('Name', { name: 'user', maxLength: 32, required: true }),
    field('Password', { name: 'passwd', type: 'password', autocomplete: 'new-password', minLength: 10, required: true }),
    element('label', {}, element('span', {}, 'Role'), roles('operator')),
  ], async (values) => {
    const made = await call('POST', '/api/accounts', values);
    if (made.ok) showUsers(section, who);
    return made.ok ? '' : made.words;
  }));
}

function roles(chosen, change = null) {
  const select = element('select', { name: 'role', ariaLabel: 'Role' }, ...Object.entries(ROLES).map(
    ([role, label]) => element('option', { value: role, selected: role === chosen }, label),
  ));
  if (change) select.addEventListener('change', () => change(select.value));
  return select;
}
