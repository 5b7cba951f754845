// Who is logged in.

import { button, element, table } from './element.js';
import { call } from './rest.js';

export async function showSessions(section) {
  const { ok, result, words } = await call('GET', '/api/auth/sessions');
  section.replaceChildren(element('h3', {}, 'Sessions'));
  if (!ok) {
    section.append(element('p', { className: 'error' }, words));
    return;
  }
  section.append(table(['Who', 'From', 'With', 'Since', ''], result.map((each) => [
    each.guest ? `${each.user} (view link)` : each.user,
    each.address,
    agent(each.agent),
    `${span(each.age)} ago`,
    each.current ? 'this one' : button('End', async () => {
      await call('DELETE', `/api/auth/sessions/${each.id}`);
      showSessions(section);
    }),
  ]), 'Nobody is logged in.'));
}

/** Seconds in words. */
export function span(seconds) {
  if (seconds < 90) return `${seconds} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return seconds < 129600 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86400)} days`;
}

/** The browser's name out of the many that it gives itself. */
function agent(text) {
  return /Edg|Firefox|Chrom\w+|Safari|curl|python[\w-]*/i.exec(text)?.[0] ?? text.slice(0, 20);
}
