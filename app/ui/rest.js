// Requests with JSON bodies, and their envelopes. Source: docs/access.md.

const TIMEOUT_MS = 20000;

/** `{ok, result, error, words}`: the result, or the error's name and its words for the user. */
export async function call(method, path, body) {
  try {
    const response = await fetch(path, {
      method,
      cache: 'no-store',
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const { ok, result } = await response.json();
    return ok ? { ok, result } : { ok, error: result.error, words: sentence(result.error_msg) };
  } catch {
    return { ok: false, error: '', words: 'The device does not answer. Check its power and the network, then try again.' };
  }
}

function sentence(words) {
  return words ? `${words[0].toUpperCase()}${words.slice(1)}.` : 'The device refused, and did not say why.';
}
