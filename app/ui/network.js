// How the device is connected, for administrators: each change is tried first, and kept from the new address.

import { button, element, field, form, table } from './element.js';
import { call } from './rest.js';

const PATH = '/api/network';
const LOOK_MS = 3000;

export async function showNetwork(section) {
  section.replaceChildren(element('h3', {}, 'Network'));
  const { ok, result, words } = await call('GET', PATH);
  if (!ok) {
    section.append(element('p', { className: 'error' }, words));
    return;
  }
  const again = () => showNetwork(section);
  section.append(
    ...(result.reason ? [element('p', { className: 'error' }, result.reason)] : []),
    ...(result.trial ? trying(result.trial, again) : []),
    table(['Link', 'Network', 'Addresses'], result.links.map(described), 'No link.'),
    element('p', { className: 'soft' }, 'A change of network, address or name is tried for 90 seconds. It stays only if you open this page at the new address, or under the new name, and keep it there; otherwise it is taken back by itself.'),
    ...joining(result, again),
    ...addressing(result, again),
    element('h4', {}, 'Name'),
    form('Try this name', [field('Name, without .local', { name: 'name', required: true, maxLength: 63 })], tried('name', again)),
  );
}

function trying(trial, again) {
  const error = element('p', { className: 'error', hidden: true });
  const act = (method) => async () => {
    const { ok, words } = await call(method, `${PATH}/trial`);
    if (ok) return again();
    error.textContent = words;
    error.hidden = false;
  };
  return [element('div', { className: 'once' },
    element('p', {}, `Trying ${trial.what}: taken back in ${trial.seconds} s unless it is kept.`),
    button('Keep it', act('PUT')), button('Take it back', act('DELETE')), error)];
}

function joining(state, again) {
  if (!state.links.some((link) => link.wifi)) return [];
  const select = element('select', { name: 'ssid' }, ...heard(state.air));
  const error = element('p', { className: 'error', hidden: true });
  const look = async () => {
    error.textContent = await renew(select);
    error.hidden = !error.textContent;
  };
  return [
    element('h4', {}, 'Wi-Fi'),
    button('Look again', look), error,
    form('Try this network', [
      element('label', {}, element('span', {}, 'Network'), select),
      field('Name, if it is not listed', { name: 'name', maxLength: 32 }),
      field('Password, empty if it has none', { name: 'passphrase', type: 'password', maxLength: 64, autocomplete: 'off' }),
    ], ({ ssid, name, passphrase }) => tried('join', again)({ ssid: ssid || hex(name), passphrase, hidden: !ssid })),
  ];
}

function heard(air) {
  const options = air.map(({ ssid, name, strength, obstacle }) =>
    element('option', { value: ssid, title: name, disabled: Boolean(obstacle) }, `${name}, ${strength} %${obstacle ? ` (${obstacle})` : ''}`));
  return [...options, element('option', { value: '' }, 'another one, by its name')];
}

/** Listen to the air anew, and offer what is heard now; what is typed beside it stays. Resolves to an empty string, or why not. */
async function renew(select) {
  await call('POST', `${PATH}/scan`); // refused too soon after the last time: then that one's result is news enough
  await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  const { ok, result, words } = await call('GET', PATH);
  if (!ok) return words;
  const [chosen] = select.selectedOptions;
  const offered = heard(result.air);
  const same = offered.find(({ value }) => value === chosen.value);
  if (!same) chosen.textContent = `${chosen.title}, not heard now`; // and stays: the password beside it is for no other
  select.replaceChildren(...(same ? [] : [chosen]), ...offered);
  (same ?? chosen).selected = true;
  return '';
}

function addressing(state, again) {
  const up = state.links.filter((link) => link.addresses.length);
  if (!up.length) return [];
  const select = element('select', { name: 'link' }, ...up.map(({ name }) => element('option', { value: name }, name)));
  return [
    element('h4', {}, 'Address'),
    form('Try this address', [
      element('label', {}, element('span', {}, 'Link'), select),
      field('Address, as 192.168.1.9/24; empty for the one that the network gives', { name: 'address' }),
      field('Gateway', { name: 'gateway' }),
      field('Name servers', { name: 'dns' }),
    ], ({ dns, ...values }) => tried('address', again)({ ...values, dns: dns.split(/[\s,]+/).filter(Boolean) })),
  ];
}

/** What a form does: asks for a change. The answer may be lost, because the way that it came is another one now. */
function tried(what, again) {
  return async (values) => {
    const { ok, words } = await call('POST', `${PATH}/${what}`, values);
    if (!ok) return words;
    again();
    return '';
  };
}

function described(link) {
  const network = link.wifi ? link.ssid || 'Wi-Fi, not joined' : 'cable';
  const addresses = link.addresses.join(', ') || 'none';
  return [link.name, network, link.gateway || !link.addresses.length ? addresses : `${addresses} (no gateway)`];
}

function hex(name) {
  return Array.from(new TextEncoder().encode(name), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
