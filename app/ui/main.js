// Decides which of the two views is on the page: the login form, or the console.

import * as api from './api.js';
import { Console } from './console.js';
import { Login } from './login.js';

/** Put a template's content on the page in place of what was there, and return its root element. */
function show(id) {
  const view = document.importNode(document.getElementById(id).content, true).firstElementChild;
  document.querySelector('main')?.remove();
  document.body.append(view);
  return view;
}

function showLogin(words = '') {
  new Login(show('login'), { login: api.login, done: showConsole, words });
}

function showConsole() {
  new Console(show('console'), { check: api.check, logout: api.logout, ended: showLogin });
}

// A device that does not answer now may in a second: the console keeps trying, and says so.
if ((await api.check()) === 'out') showLogin();
else showConsole();
