// The device's state in words. Pure: what is not known is called that, and what is old is not called current.

/** A picture older than this, in milliseconds, is not live: a static screen sends frames at its source's rate too. */
const LIVE_MS = 800;
/** One that is older than this since its capture is late, however many follow. */
const LATE_MS = 1000;

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
  const { state: name, width, height, fps, reason } = state.signal;
  if (name === 'locked') {
    return { words: `${width}×${height}${fps ? ` · ${number(fps)} Hz` : ''}`, level: reason ? 'warn' : 'good' };
  }
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

/** That the device does not know the date; nothing while it does. */
export function clock(state) {
  return { words: state && !state.time.synchronised ? 'date unknown: no time server has answered' : '', level: 'warn' };
}

export function viewers(state) {
  return state ? { words: String(state.viewers.count), level: 'plain' } : UNKNOWN;
}

/** Frames and bits per second as painted, `{format, fps, bits}`, or why there are none. */
export function video(state, figures, live) {
  const encoder = state?.encoder.state;
  if (!live && (encoder === 'failed' || encoder === 'stalled')) return { words: `encoder ${encoder}`, level: 'bad' };
  if (!live || !figures) return { words: 'no frames', level: 'warn' };
  const { format, fps, bits } = figures;
  const words = `${Math.round(fps)} fps · ${rate(bits)}`;
  return format === 'jpeg' ? { words: `pictures, ${words}`, level: 'warn' } : { words, level: 'good' };
}

/** Where this page's keys go: `focused` is whether the browser gives them to the picture. */
export function keys(state, client, focused, watching) {
  if (!state || client === null) return { words: 'not sent', level: 'warn' };
  if (watching) return { words: 'not sent, you may only watch', level: 'off' };
  const typing = state.control.client;
  if (typing !== null && typing !== client) return { words: 'not sent, another viewer has control', level: 'warn' };
  if (state.paste?.client != null) return { words: `wait: ${pasted(state.paste)}`, level: 'warn' };
  if (!focused) return { words: 'click the picture to type', level: 'off' };
  if (state.usb.state === 'suspended') return { words: 'not sent, the target is asleep', level: 'warn' };
  const reachable = ['configured', 'unknown'].includes(state.usb.state);
  return reachable ? { words: 'go to the target', level: 'good' } : { words: 'do not reach the target', level: 'bad' };
}

/** How often keys were released because the link was too slow to hold them. */
export function lapses(count) {
  if (!count) return { words: '', level: 'off' };
  return { words: `${count}, the link stalled`, level: 'warn' };
}

/** How far a text has come that is being typed. */
export function pasted({ typed, total }) {
  return `${typed} of ${total} characters pasted`;
}

/** Who types: `{words, action}`, the action being `take`, `over` (from somebody else), `give` or nothing, as for who may only watch. */
export function control(state, client, watching) {
  if (!state || client === null) return { words: '', action: null };
  const { holder, client: typing } = state.control;
  if (typing === null) return { words: 'Nobody has control', action: watching ? null : 'take' };
  if (typing === client) return { words: 'You have control', action: 'give' };
  return { words: `${name(holder, typing)} has control`, action: watching ? null : 'over' };
}

/** Somebody else, in words. */
export function name(holder, client) {
  return `${holder ?? 'Another viewer'} (client ${client})`;
}

/** Milliseconds to the device and back. */
export function roundTrip(ms) {
  return ms === null ? UNKNOWN : { words: `${Math.max(1, Math.round(ms))} ms`, level: 'plain' };
}

/** What this page's viewer is told of by the device: an entry of `viewers.each`, or null. */
export function delivery(state, number) {
  return state?.viewers.each?.find((each) => each.number === number) ?? null;
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
 * `link`: the control connection; `stream`: the video's; `age`: milliseconds since a frame was painted, null before the first; `late`: how old that
 * frame was then at least, null while the clocks are not compared; `slides`: the link carries key frames only; `fault`: the
 * decoder's words; `state`: the device's, null when not known.
 */
export function veil({ link, stream, age, late, slides, fault, state }) {
  const since = age === null ? '' : `Last picture ${seconds(age)} ago.`;
  const missing = state && NO_SIGNAL[state.signal.state];
  if (missing) return { title: missing[0], detail: join(state.signal.reason || missing[1], since) };
  if (age !== null && age < LIVE_MS) {
    if (late === null || late + age < LATE_MS) return null;
    return { title: 'Picture late', detail: `What you see is at least ${seconds(late + age)} old: the link is too slow, or blocked.` };
  }
  if (link === 'connecting') return { title: 'Connecting', detail: '' };
  if (link !== 'live') return { title: 'Connection lost', detail: join('Reconnecting to the device.', since) };
  if (state?.encoder.state === 'failed') return { title: 'Video encoder failed', detail: join(state.encoder.reason, since) };
  if (state?.encoder.state === 'stalled') {
    return { title: 'Video encoder stalled', detail: join(state.encoder.reason, 'Keyboard and mouse work.', since) };
  }
  if (stream === 'reconnecting') {
    return { title: 'Video connection lost', detail: join('Reconnecting.', 'Keyboard and mouse work.', since) };
  }
  if (fault) return { title: 'Picture cannot be decoded', detail: join(fault, since) };
  if (state?.signal.reason) return { title: 'No frames', detail: join(state.signal.reason, since) };
  if (age === null) return { title: 'Waiting for the first picture', detail: '' };
  if (slides) return { title: 'Slide show', detail: join('The link is too slow for video: a still picture comes now and then.', since) };
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

export function rate(bits) {
  return bits < 1e6 ? `${Math.round(bits / 1e3)} kbit/s` : `${(bits / 1e6).toFixed(1)} Mbit/s`;
}
