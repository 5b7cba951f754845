// Decides what is on the page: the claim, the login form, or the console.

import * as api from './api.js';
import { Claim } from './claim.js';
import { Console } from './console.js';
import { Login } from './login.js';
import { call } from './rest.js';

let current = null; // the console on the page, while there is one

/** Put a template's content on the page in place of what was there, and return its root element. */
function show(id) {
  current?.stop();
  current = null;
  const view = document.importNode(document.getElementById(id).content, true).firstElementChild;
  document.querySelector('main')?.remove();
  document.body.append(view);
  return view;
}

function showLogin(words = '') {
  new Login(show('login'), { login: api.login, done: showConsole, words });
}

function showClaim() {
  new Claim(show('claim'), { code: brought.claim ?? '', done: showConsole });
}

function showConsole() {
  current = new Console(show('console'), { check: api.check, logout: api.logout, ended: showLogin, unclaimed: showClaim });
}

/** What the address brought behind its #, a secret: out of the address bar and the history at once. */
function takeFragment() {
  const found = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  if (location.hash) history.replaceState(null, '', location.pathname + location.search);
  return found;
}

async function start() {
  const state = await api.check();
  if (state === 'unclaimed') showClaim();
  else if (state === 'out' && brought.view) await visit(brought.view);
  else if (state === 'out') showLogin();
  else showConsole(); // a device that does not answer now may in a second: the console keeps trying, and says so
}

async function visit(secret) {
  const answer = await call('POST', '/api/auth/link', { secret });
  if (answer.ok) showConsole();
  else showLogin(answer.words);
}

let brought = takeFragment();
addEventListener('hashchange', () => {
  brought = takeFragment();
  if (brought.claim || brought.view) start();
});
await start();
