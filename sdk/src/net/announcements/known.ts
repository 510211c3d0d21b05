import { LRUCache } from "lru-cache";
import type { Announcement } from "../../core/index.ts";
import { CLOCK_SKEW } from "./judge.ts";

/** What a node announced last. */
export interface KnownAnnouncement {
  readonly announcement: Announcement;
  /** As it was signed, to be passed on. */
  readonly bytes: Uint8Array;
}

/** Nodes that are remembered: some 16 MB at most. */
const MOST = 4096;

/** The newest announcement of each node, until it has expired by every clock that is still right. */
export class KnownAnnouncements {
  readonly #entries: LRUCache<number, KnownAnnouncement>;
  readonly #now: () => number;

  /** @param now - milliseconds */
  constructor(now: () => number = Date.now, most = MOST) {
    this.#now = now;
    this.#entries = new LRUCache({ max: most, ttlResolution: 0, perf: { now } });
  }

  /** @returns whether it is news */
  add(entry: KnownAnnouncement): boolean {
    const { node, sequence, expiresAt } = entry.announcement;
    if (sequence <= this.newest(node)) return false;
    const ttl = 1000 * (expiresAt + CLOCK_SKEW) - this.#now();
    if (ttl <= 0) return false;
    this.#entries.set(node, entry, { ttl });
    return true;
  }

  /** Sequence of a node's newest announcement, 0 = none. */
  newest(node: number): number {
    return this.#entries.peek(node)?.announcement.sequence ?? 0;
  }

  get(node: number): KnownAnnouncement | undefined {
    return this.#entries.get(node);
  }

  /** Those that are still good, by node. */
  all(): KnownAnnouncement[] {
    return [...this.#entries.values()].sort((a, b) => a.announcement.node - b.announcement.node);
  }
}
