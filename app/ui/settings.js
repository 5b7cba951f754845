// The dialog with the settings: one's own way in, and, for administrators, who else may come in and what the target sees.

import { element } from './element.js';
import { call } from './rest.js';
import { showAudit } from './audit.js';
import { showCertificate } from './certificate.js';
import { showCodes } from './codes.js';
import { showDisplay } from './display.js';
import { showLinks } from './links.js';
import { showNetwork } from './network.js';
import { showPassword } from './password.js';
import { showSessions } from './sessions.js';
import { showTokens } from './tokens.js';
import { showUsb } from './usb.js';
import { showUsers } from './users.js';

const RANK = { viewer: 0, operator: 1, admin: 2 };

/** Each section: its name, who sees it, and what fills it: `fill(section, who)`. */
const SECTIONS = [
  ['Password', 'viewer', showPassword],
  ['One-time codes', 'viewer', showCodes],
  ['Sessions', 'viewer', showSessions],
  ['API tokens', 'viewer', showTokens],
  ['View links', 'operator', showLinks],
  ['Users', 'admin', showUsers],
  ['Certificate', 'viewer', showCertificate],
  ['Display', 'admin', showDisplay],
  ['USB', 'admin', showUsb],
  ['Network', 'admin', showNetwork],
  ['Audit log', 'admin', showAudit],
];

export class Settings {
  #dialog;
  #section;
  #nav;
  #who;

  /**
   * Ask who one is, and open what that person may see. A guest has nothing to manage. It is part of `view`, and goes with it: the
   * next who logs in here is somebody else.
   */
  static async open(view) {
    const { ok, result, words } = await call('GET', '/api/auth/check');
    if (!view.isConnected) return;
    const settings = new Settings(view, ok ? result : null);
    if (!ok) settings.#say(words);
    else if (result.guest) settings.#say('You watch by a link. It expires by itself.');
    else settings.#show(settings.#sections()[0]);
  }

  constructor(view, who) {
    this.#who = who;
    this.#section = element('section', { tabIndex: -1 });
    this.#nav = element('nav', { ariaLabel: 'Settings' }, ...this.#sections().map((each) => this.#button(each)));
    const close = element('button', { type: 'button', className: 'close' }, 'Close');
    const title = element('h2', {}, who && !who.guest ? `Settings · ${who.user}, ${who.role}` : 'Settings');
    this.#dialog = element('dialog', { className: 'settings', ariaLabel: 'Settings' }, title, close, this.#nav, this.#section);
    close.addEventListener('click', () => this.#dialog.close());
    this.#dialog.addEventListener('close', () => this.#dialog.remove());
    view.append(this.#dialog);
    this.#dialog.showModal();
  }

  #sections() {
    if (!this.#who || this.#who.guest) return [];
    return SECTIONS.filter(([, role]) => RANK[this.#who.role] >= RANK[role]);
  }

  #button(section) {
    const made = element('button', { type: 'button' }, section[0]);
    made.addEventListener('click', () => this.#show(section));
    return made;
  }

  #show([name, , fill]) {
    for (const each of this.#nav.children) each.setAttribute('aria-current', String(each.textContent === name));
    // One of its own each time: what the section before still waits for comes into one that nobody sees.
    const section = element('section', { tabIndex: -1 });
    this.#section.replaceWith(section);
    this.#section = section;
    fill(section, this.#who);
  }

  #say(words) {
    this.#section.replaceChildren(element('p', {}, words));
  }
}
