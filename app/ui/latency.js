// The latencies of the last pictures, as numbers that can be shown.

const WINDOW_MS = 10000;
/** Upper ends of the histogram's bars in milliseconds; the last one has none. */
export const BARS = [10, 20, 30, 40, 50, 75, 100, 150, 200, 300, 500, 1000, Infinity];

export class Latency {
  #samples = [];

  add(now, ms) {
    this.#samples.push({ now, ms });
  }

  /** `{median, p95, histogram}` over the last ten seconds; nulls and empty bars when nothing was painted. */
  read(now) {
    while (this.#samples.length && now - this.#samples[0].now > WINDOW_MS) this.#samples.shift();
    const sorted = this.#samples.map(({ ms }) => ms).sort((a, b) => a - b);
    const histogram = BARS.map(() => 0);
    for (const ms of sorted) histogram[BARS.findIndex((end) => ms < end)] += 1;
    return { median: quantile(sorted, 0.5), p95: quantile(sorted, 0.95), histogram };
  }

  clear() {
    this.#samples = [];
  }
}

/** The nearest rank, or null of nothing. */
function quantile(sorted, part) {
  return sorted.length ? sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] : null;
}
