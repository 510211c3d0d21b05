import { LRUCache } from "lru-cache";

/** How much somebody may do: so much at once, and so much more a second. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

interface Bucket {
  tokens: number;
  at: number;
}

/** Limits how often each of many may do something. Whoever has not been seen for long is forgotten, and starts full again. */
export class RateLimit {
  readonly #buckets: LRUCache<string, Bucket>;
  readonly #rate: Rate;
  readonly #now: () => number;

  /** @param now - milliseconds */
  constructor(rate: Rate, now: () => number, most = 8192) {
    this.#rate = rate;
    this.#now = now;
    this.#buckets = new LRUCache({ max: most });
  }

  /** Whether this one may now; counts as done if so. */
  take(who: string): boolean {
    const { burst, perSecond } = this.#rate;
    const at = this.#now();
    const bucket = this.#buckets.get(who) ?? { tokens: burst, at };
    const tokens = Math.min(burst, bucket.tokens + (Math.max(0, at - bucket.at) / 1000) * perSecond);
    const may = tokens >= 1;
    this.#buckets.set(who, { tokens: may ? tokens - 1 : tokens, at });
    return may;
  }
}
