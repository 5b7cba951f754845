// The session, over HTTP. Source: docs/control-protocol.md, "REST".

/** Whether this browser is logged in: `in`, `out`, `unclaimed`, or `unreachable` when the device did not say. */
export async function check() {
  try {
    const response = await fetch('/api/auth/check', { cache: 'no-store', signal: AbortSignal.timeout(5000) });
    if (response.ok) return 'in';
    if (response.status !== 401 && response.status !== 403) return 'unreachable';
    return (await envelope(response)).error === 'Unclaimed' ? 'unclaimed' : 'out';
  } catch {
    return 'unreachable';
  }
}

/** Log in. Returns `{words, wanted}`: why not in words for the user, and whether a one-time code is wanted. */
export async function login(user, passwd, code = '') {
  let response;
  try {
    response = await fetch('/api/auth/login', {
      method: 'POST',
      body: new URLSearchParams({ user, passwd, code }),
      signal: AbortSignal.timeout(15000),
    });
  } catch {
    return { words: 'The device does not answer. Check its power and the network, then try again.' };
  }
  if (response.ok) return { words: '' };
  const { error, error_msg: words } = await envelope(response);
  if (error === 'CodeNeeded') return { words: 'Now the code from your authenticator app.', wanted: true };
  if (error === 'TimeUnknown') return { words: `Not let in: ${words}.`, wanted: true };
  if (error === 'TooManyTries') return { words: `Not looked at: ${words}.` };
  if (response.status === 403) return { words: code ? 'User name, password or code is wrong.' : 'User name or password is wrong.' };
  return { words: words || `The device refused the login (HTTP ${response.status}).` };
}

/** End the session on the device. The sockets are closed by it; a failure leaves the session as it was. */
export async function logout() {
  try {
    return (await fetch('/api/auth/logout', { method: 'POST', signal: AbortSignal.timeout(5000) })).ok;
  } catch {
    return false;
  }
}

/** Fix the video's bitrate for everybody, in kbit/s; 0 follows the links. Returns an empty string, or why not. */
export async function setBitrate(kbits) {
  try {
    const query = new URLSearchParams({ h264_bitrate: kbits });
    const response = await fetch(`/api/streamer/set_params?${query}`, { method: 'POST', signal: AbortSignal.timeout(5000) });
    return response.ok ? '' : (await envelope(response)).error_msg || `The device refused (HTTP ${response.status}).`;
  } catch {
    return 'The device does not answer.';
  }
}

/** What the panel shows: `{picture, drawn}`, a PNG and the time it was drawn or null, or `{words}`, why there is none. */
export async function panel() {
  try {
    const response = await fetch('/api/panel.png', { cache: 'no-store', signal: AbortSignal.timeout(5000) });
    if (!response.ok) return { words: (await envelope(response)).error_msg || `The device did not say (HTTP ${response.status}).` };
    const drawn = response.headers.get('Last-Modified');
    return { picture: await response.blob(), drawn: drawn && new Date(drawn) };
  } catch {
    return { words: 'The device does not answer.' };
  }
}

/** Ask the panel for a page. Returns an empty string, or why not in words for the user. */
export async function showOnPanel(page) {
  try {
    const response = await fetch(`/api/panel?show=${page}`, { method: 'POST', signal: AbortSignal.timeout(5000) });
    return response.ok ? '' : (await envelope(response)).error_msg || `The device refused (HTTP ${response.status}).`;
  } catch {
    return 'The device does not answer.';
  }
}

/** What is in an error's envelope; nothing when there is none. */
async function envelope(response) {
  try {
    return (await response.json()).result ?? {};
  } catch {
    return {};
  }
}
