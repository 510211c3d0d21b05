/** Lets something be said at most once in a while, for what would otherwise fill a log. */
export class Rarely {
  readonly #pauseMs: number;
  #last = -Infinity;

  constructor(pauseMs: number) {
    this.#pauseMs = pauseMs;
  }

  /** Whether it may be said now; if so, it counts as said. */
  due(): boolean {
    const now = performance.now();
    if (now - this.#last < this.#pauseMs) return false;
    this.#last = now;
    return true;
  }
}
