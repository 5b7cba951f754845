// The login form. It asks for a one-time code only when the account wants one.

export class Login {
  #view;
  #login;
  #done;

  /** `login(user, passwd, code)` resolves to `{words, wanted}`; `done()` follows empty words. `wanted`: a code is. */
  constructor(view, { login, done, words }) {
    this.#view = view;
    this.#login = login;
    this.#done = done;
    document.title = 'Log in · inkvm';
    view.querySelector('form').addEventListener('submit', (event) => this.#submit(event));
    this.#say(words);
    view.querySelector('#user').focus();
  }

  async #submit(event) {
    event.preventDefault();
    const form = event.target;
    const button = form.querySelector('button');
    button.disabled = true;
    this.#say('');
    const { words, wanted } = await this.#login(form.user.value, form.passwd.value, form.code.value);
    button.disabled = false;
    if (!words) {
      this.#done();
      return;
    }
    this.#say(words);
    if (wanted) {
      this.#askCode(form);
      return;
    }
    form.passwd.value = form.code.value = '';
    form.passwd.focus();
  }

  #askCode(form) {
    for (const each of this.#view.querySelectorAll('.code')) each.hidden = false;
    form.code.focus();
  }

  #say(words) {
    const error = this.#view.querySelector('.error');
    error.textContent = words;
    error.hidden = !words;
  }
}
