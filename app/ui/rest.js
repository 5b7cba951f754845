// Requests with JSON bodies, and their envelopes. Source: docs/access.md.

const TIMEOUT_MS = 20000;

/** `{ok, result, error, words}`: the result, or the error's name and its words for the user. */
export function call(method, path, body) {
  return exchange(path, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
}

/** The same for a text that is sent, and however long the answer takes. */
export function say(path, text) {
  return exchange(path, { method: 'POST', body: text, headers: { 'Content-Type': 'text/plain;charset=utf-8' } });
}

async function exchange(path, request) {
  let response;
  try {
    response = await fetch(path, { cache: 'no-store', ...request });
  } catch {
    return { ok: false, error: '', words: 'The device does not answer. Check its power and the network, then try again.' };
  }
  try {
    const { ok, result } = await response.json();
    return ok ? { ok, result } : { ok, error: result.error, words: sentence(result.error_msg) };
  } catch {
    // A proxy's page, a request that was cut off on its way, an answer that broke off.
    return { ok: false, error: '', words: `The device answered (HTTP ${response.status}), but not in a way this page understands. Reload the page.` };
  }
}

function sentence(words) {
  return words ? `${words[0].toUpperCase()}${words.slice(1)}.` : 'The device refused, and did not say why.';
}
