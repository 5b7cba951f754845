// The device's state in words. Pure: what is not known is called that, and what is old is not called current.

/** A picture older than this, in milliseconds, is not live: a static screen sends frames at its source's rate too. */
const LIVE_MS = 800;

const UNKNOWN = { words: 'not known', level: 'off' };

const NO_SIGNAL = {
  no_power: ['Cable out or target off', 'The HDMI cable is unplugged, or the target is off or asleep.'],
  no_signal: ['No signal', 'The target is powered, but sends no picture.'],
  no_lock: ['Signal not stable', 'A signal arrives, but it cannot be locked on to. The cable may be poor, or the mode is just changing.'],
  unsupported: ['Unsupported mode', 'The target sends a mode that this device cannot capture.'],
};

const USB = {
  unknown: ['not known', 'off'],
  absent: ['no USB port found', 'bad'],
  'not attached': ['not connected', 'bad'],
  attached: ['connecting', 'warn'],
  powered: ['powered, not set up', 'warn'],
  reconnecting: ['connecting', 'warn'],
  unauthenticated: ['not accepted by target', 'bad'],
  default: ['connecting', 'warn'],
  addressed: ['connecting', 'warn'],
  configured: ['keyboard ready', 'good'],
  suspended: ['target asleep', 'warn'],
};

const LEDS = [['num', 'Num'], ['caps', 'Caps'], ['scroll', 'Scroll'], ['compose', 'Compose'], ['kana', 'Kana']];

/** `{words, level}`; the level is `good`, `warn`, `bad` or `off`. */
export function signal(state) {
  if (!state) return UNKNOWN;
  const { state: name, width, height, fps } = state.signal;
  if (name === 'locked') return { words: `${width}×${height}${fps ? ` · ${number(fps)} Hz` : ''}`, level: 'good' };
  if (name === 'unsupported' && width) return { words: `unsupported, ${width}×${height}`, level: 'bad' };
  if (name === 'unsupported') return { words: 'unsupported mode', level: 'bad' };
  if (name in NO_SIGNAL) return { words: NO_SIGNAL[name][0].toLowerCase(), level: name === 'no_lock' ? 'warn' : 'bad' };
  return UNKNOWN;
}

export function usb(state) {
  const known = state && USB[state.usb.state];
  return known ? { words: known[0], level: known[1] } : UNKNOWN;
}

/** The lock lights as `{name, lit}`; null while the target has not told. */
export function leds(state) {
  const lit = state?.usb.leds;
  if (!lit) return null;
  return LEDS.filter(([id], index) => index < 3 || lit.includes(id)).map(([id, name]) => ({ name, lit: lit.includes(id) }));
}

export function viewers(state) {
  return state ? { words: String(state.viewers.count), level: 'plain' } : UNKNOWN;
}

/** Frames and bits per second as painted, `{fps, bits}`, or why there are none. */
export function video(state, { fps, bits }, live) {
  const encoder = state?.encoder.state;
  if (!live && (encoder === 'failed' || encoder === 'stalled')) return { words: `encoder ${encoder}`, level: 'bad' };
  if (!live) return { words: 'no frames', level: 'warn' };
  return { words: `${Math.round(fps)} fps · ${rate(bits)}`, level: 'good' };
}

/** Where this page's keys go: `focused` is whether the browser gives them to the picture. */
export function keys(state, client, focused) {
  if (!state || client === null) return { words: 'not sent', level: 'warn' };
  const typing = state.control.client;
  if (typing !== null && typing !== client) return { words: 'not sent, another viewer has control', level: 'warn' };
  if (!focused) return { words: 'click the picture to type', level: 'off' };
  const reachable = ['configured', 'suspended', 'unknown'].includes(state.usb.state);
  return reachable ? { words: 'go to the target', level: 'good' } : { words: 'do not reach the target', level: 'bad' };
}

/** Who types: `{words, action}`, the action being `take`, `over` (from somebody else), `give` or nothing. */
export function control(state, client) {
  if (!state || client === null) return { words: '', action: null };
  const { holder, client: typing } = state.control;
  if (typing === null) return { words: 'Nobody has control', action: 'take' };
  if (typing === client) return { words: 'You have control', action: 'give' };
  return { words: `${name(holder, typing)} has control`, action: 'over' };
}

/** Somebody else, in words. */
export function name(holder, client) {
  return `${holder ?? 'Another viewer'} (client ${client})`;
}

/** Milliseconds to the device and back. */
export function roundTrip(ms) {
  return ms === null ? UNKNOWN : { words: `${Math.max(1, Math.round(ms))} ms`, level: 'plain' };
}

/** The pill: `{words, level}` of a page whose picture is live or not. */
export function connection(link, live) {
  if (link === 'live') return live ? { words: 'Live', level: 'good' } : { words: 'Connected', level: 'warn' };
  if (link === 'closed') return { words: 'Closed', level: 'bad' };
  return { words: link === 'connecting' ? 'Connecting' : 'Reconnecting', level: 'warn' };
}

/**
 * What to say over a picture that is not live: `{title, detail}`, or null while it is.
 *
 * `supported`: the browser can decode; `link`: the control connection; `age`: milliseconds since a frame was painted, null
 * before the first; `fault`: the decoder's words; `state`: the device's, null when not known.
 */
export function veil({ supported, link, age, fault, state }) {
  if (!supported) {
    return {
      title: 'This browser cannot show the picture',
      detail: 'It has no WebCodecs video decoder. Use a current Chrome, Edge, Firefox or Safari. Keyboard and mouse work.',
    };
  }
  const since = age === null ? '' : `Last picture ${seconds(age)} ago.`;
  const missing = state && NO_SIGNAL[state.signal.state];
  if (missing) return { title: missing[0], detail: join(state.signal.reason || missing[1], since) };
  if (age !== null && age < LIVE_MS) return null;
  if (link === 'connecting') return { title: 'Connecting', detail: '' };
  if (link !== 'live') return { title: 'Connection lost', detail: join('Reconnecting to the device.', since) };
  if (state?.encoder.state === 'failed') return { title: 'Video encoder failed', detail: join(state.encoder.reason, since) };
  if (state?.encoder.state === 'stalled') {
    return { title: 'Video encoder stalled', detail: join(state.encoder.reason, 'Keyboard and mouse work.', since) };
  }
  if (fault) return { title: 'Picture cannot be decoded', detail: join(fault, since) };
  if (age === null) return { title: 'Waiting for the first picture', detail: '' };
  return { title: 'Picture frozen', detail: join('No new frames arrive.', since) };
}

function join(...sentences) {
  return sentences.filter(Boolean).map((words) => (/[.!?]$/.test(words) ? words : `${words}.`)).join(' ');
}

function seconds(ms) {
  const whole = Math.max(1, Math.round(ms / 1000));
  return whole < 120 ? `${whole} s` : `${Math.round(whole / 60)} min`;
}

function number(value) {
  return String(Math.round(value * 100) / 100);
}

function rate(bits) {
  return bits < 1e6 ? `${Math.round(bits / 1e3)} kbit/s` : `${(bits / 1e6).toFixed(1)} Mbit/s`;
}
