// When something happened that is handled only now: events wait while the page is busy, and what was typed long ago is not for the target.

export class Moment {
  #clock;
  #fastest = Infinity;

  /** `clock` is `performance`, or behaves like it. */
  constructor(clock) {
    this.#clock = clock;
  }

  /**
   * Milliseconds on the clock that all threads of the page share, for an event's `timeStamp`; now without one.
   *
   * Browsers' stamps have the right pace, and are not trusted with the origin, or one that is wrong would make every key late: the
   * event that was handled fastest is taken for handled at once.
   */
  of(stamp) {
    const now = this.#clock.now();
    const waited = stamp === undefined ? 0 : now - stamp;
    if (stamp !== undefined) this.#fastest = Math.min(this.#fastest, waited);
    return this.#clock.timeOrigin + now - (stamp === undefined ? 0 : waited - this.#fastest);
  }
}
