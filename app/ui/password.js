// One's own password.

import { element, field, form } from './element.js';
import { call } from './rest.js';

export function showPassword(section) {
  const done = element('p', { hidden: true }, 'Changed. Every other session of yours has ended.');
  done.setAttribute('role', 'status');
  section.append(
    element('h3', {}, 'Change your password'),
    element('p', { className: 'soft' }, 'At least 10 characters. Every other session of yours ends.'),
    form('Change', [
      field('Password now', { name: 'passwd', type: 'password', autocomplete: 'current-password', required: true }),
      field('New password', { name: 'new', type: 'password', autocomplete: 'new-password', minLength: 10, required: true }),
    ], async (values) => {
      done.hidden = true;
      const { ok, words } = await call('POST', '/api/auth/password', values);
      done.hidden = !ok;
      return ok ? '' : words;
    }),
    done,
  );
}
