// The audit log, newest first.

import { element, table } from './element.js';
import { call } from './rest.js';
import { span } from './sessions.js';

const KNOWN = new Set(['time', 'uptime', 'event', 'user', 'address']);

export async function showAudit(section) {
  section.append(element('h3', {}, 'Audit log'));
  const { ok, result, words } = await call('GET', '/api/audit');
  if (!ok) {
    section.append(element('p', { className: 'error' }, words));
    return;
  }
  section.append(table(['When', 'What', 'Who', 'From', ''], result.slice(0, 500).map((entry) => [
    entry.time === null ? `${span(Math.round(entry.uptime))} after a start` : new Date(entry.time * 1000).toLocaleString(),
    entry.event,
    entry.user,
    entry.address,
    Object.entries(entry).filter(([key]) => !KNOWN.has(key)).map(([key, value]) => `${key} ${value}`).join(', '),
  ]), 'Nothing yet.'));
}
