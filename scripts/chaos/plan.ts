import { DEEDS, type Deed, type KillPoint } from "./points.ts";

/** Draws numbers in [0, 1); the same for the same seed (mulberry32, T. Ettinger 2017, public domain). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export type Role = "client" | "aggregator" | "provider";

/** What processes of a kind do at all. */
const DEEDS_OF: Readonly<Record<Role, readonly Deed[]>> = {
  client: ["journal", "send", "content"],
  aggregator: ["journal", "send", "content"],
  provider: DEEDS,
};

/** Deeds of the kind at which a life ends at the latest, if it comes to so many: few, so that kills are many. */
const MOST_DEEDS = 4;

/** The lives of one process, one after the other: where each ends. Every kind of moment is as likely as any other. */
export class Plan {
  readonly #deeds: readonly Deed[];
  readonly #random: () => number;

  constructor(role: Role, random: () => number) {
    this.#deeds = DEEDS_OF[role];
    this.#random = random;
  }

  next(): KillPoint {
    const deed = this.#deeds[Math.floor(this.#random() * this.#deeds.length)]!;
    const side = this.#random() < 0.5 ? "before" : "after";
    return { deed, side, nth: 1 + Math.floor(this.#random() * MOST_DEEDS) };
  }
}
