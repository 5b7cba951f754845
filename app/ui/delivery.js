// The truth about the video in words and numbers. Pure.

import { BARS } from './latency.js';
import { rate } from './status.js';

/** From capture to paint, with how wrong that may be. */
export function latency({ median, p95, uncertainty }) {
  if (median === null || uncertainty === null) return 'not known';
  return `${Math.round(median)} ms, p95 ${Math.round(p95)} ms (± ${uncertainty < 10 ? uncertainty.toFixed(1) : Math.round(uncertainty)} ms)`;
}

/** What is painted. */
export function painted({ format, why, fps, bits }) {
  const words = `${fps.toFixed(1)} per second · ${rate(bits)}`;
  return format === 'jpeg' ? `${words}, as JPEG: ${why}` : words;
}

/** What the encoder does for everybody. */
export function encoder(viewers) {
  if (!viewers?.bitrate) return 'not known';
  const frames = viewers.divisor === 1 ? 'every frame' : `one frame of ${viewers.divisor}`;
  return `${rate(viewers.bitrate)} · ${frames} · ${viewers.fixed ? 'fixed' : 'follows the slowest link'}`;
}

/** What was chosen for everybody, for who may not choose. */
export function quality(viewers) {
  if (!viewers) return 'not known';
  return viewers.fixed ? rate(viewers.fixed) : 'follows the link';
}

/** What encodes, and why it is not the hardware if it is not. */
export function maker(encoder) {
  if (!encoder?.name) return 'nothing yet';
  return encoder.name === 'm2m' ? 'hardware' : [encoder.name, encoder.reason].filter(Boolean).join(': ');
}

const LOSSES = [
  ['missed', 'at the input'],
  ['starved', 'no free buffer'],
  ['overtaken', 'encoder busy'],
  ['spoiled', 'in the encoder'],
];
const CAUSES = [
  ['late', 'late'],
  ['full', 'queue full'],
  ['waiting', 'before a key frame'],
  ['skipped', 'slide show'],
  ['decoder', 'browser'],
];

/** Frames that this page did not get or show, by cause. */
export function drops(delivery) {
  return counts(delivery, CAUSES);
}

/** Frames that nobody got, by cause. */
export function losses(encoder) {
  return counts(encoder, LOSSES);
}

function counts(numbers, causes) {
  if (!numbers) return 'not known';
  const words = causes.filter(([key]) => numbers[key]).map(([key, name]) => `${numbers[key]} ${name}`);
  return words.join(' · ') || 'none';
}

const LINKS = { connecting: 'connecting', reconnecting: 'lost, reconnecting', paused: 'paused while nobody looks', closed: 'closed' };

/** The connection as both ends measure it; `figures` are the viewer's, or null, and `stream` is its state. */
export function link(delivery, figures, stream) {
  if (stream !== 'live') return LINKS[stream];
  const { roundTrip = null, first = null } = figures ?? {};
  const began = first === null ? '' : ` · first picture after ${Math.round(first)} ms`;
  const trip = `${roundTrip === null ? 'round trip not known' : `round trip ${roundTrip.toFixed(1)} ms`}${began}`;
  if (!delivery) return trip;
  const queue = delivery.queueing_ms === null ? '' : ` · queue ${Math.round(delivery.queueing_ms)} ms`;
  const state = delivery.slide_show ? 'slide show' : 'video';
  return `${delivery.stalled ? 'stalled' : state} · ${trip}${queue}`;
}

/** The histogram as an SVG path in a box `width` by `height`, and in words. */
export function bars(histogram, width, height) {
  const most = Math.max(1, ...histogram);
  const step = width / histogram.length;
  const path = histogram.map((count, index) => {
    const top = height - (height * count) / most;
    return count ? `M${(index * step).toFixed(1)} ${height}V${top.toFixed(1)}h${(step - 1).toFixed(1)}V${height}z` : '';
  });
  const words = histogram.map((count, index) => [count, BARS[index]]).filter(([count]) => count)
    .map(([count, end]) => `${count} ${end === Infinity ? 'above' : `below ${end} ms`}`);
  return { path: path.join(''), words: words.join(', ') || 'nothing painted' };
}
