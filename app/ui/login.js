// The login form.

export class Login {
  #view;
  #login;
  #done;

  /** `login(user, passwd)` resolves to words or to an empty string; `done()` follows the empty one. */
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
    const words = await this.#login(form.user.value, form.passwd.value);
    button.disabled = false;
    if (!words) {
      this.#done();
      return;
    }
    this.#say(words);
    form.passwd.value = '';
    form.passwd.focus();
  }

  #say(words) {
    const error = this.#view.querySelector('.error');
    error.textContent = words;
    error.hidden = !words;
  }
}
