import { foldJob, type ChainEvent, type ChainFact, type JobTerms, type JobView, type NodeOf } from "../../chain/index.ts";
import type { Hex32 } from "../../core/index.ts";
import type { ProtocolParameters } from "../../chain/index.ts";

/** 32 bytes that are recognised at a glance. */
export const hex = (text: number | string): Hex32 => `0x${String(text).padStart(64, "0")}`;

/** Terms of a small job: 2 shards of 4 items, k = 2. */
export const TERMS: JobTerms = {
  client: "0x00000000000000000000000000000000000000C1",
  nonce: 1n,
  parameters: 1,
  manifest: hex("a1"),
  pool: hex("b001"),
  token: "0x00000000000000000000000000000000000000F0",
  shardReward: 1000n,
  items: 8,
  itemsPerShard: 4,
  unitsPerShard: 4n,
  replicas: 2,
  committeeWidth: 2,
  aggregator: 0,
  aggregatorFeeBps: 0,
  commitWindow: 20,
  revealWindow: 10,
  challengeWindow: 5,
  deadline: 1000,
};

export const PARAMETERS = { version: 1, resolveWindow: 30, panelSize: 3, panelQuorum: 2, maxReplacements: 2 } as ProtocolParameters;

/** A fact about the one job of a history. */
type Told = ChainFact extends infer F ? (F extends { job: Hex32 } ? Omit<F, "job"> : never) : never;

/** Events of one job, written by hand; a block each. For tests. */
export class History {
  readonly events: ChainEvent[] = [];
  readonly terms: JobTerms;
  readonly job: Hex32;

  constructor(terms: Partial<JobTerms> = {}, time = 100, job: Hex32 = hex("1")) {
    this.job = job;
    this.terms = { ...TERMS, ...terms };
    this.tell(time, { type: "job-opened", deposit: 10_000n, terms: this.terms, locators: [] });
    this.tell(time, { type: "round-armed", batch: "all", round: 7n, epoch: 10n });
  }

  /** Adds what a block at this chain time said. */
  tell(time: number, ...facts: Told[]): this {
    for (const fact of facts) {
      const at = { height: this.events.length + 1, time, transaction: hex(this.events.length), index: 0 };
      this.events.push({ ...fact, job: this.job, at } as ChainEvent);
    }
    return this;
  }

  draw(time: number, batch = 0, committee: number[] = [0, 1]): this {
    return this.tell(time, { type: "batch-drawn", batch, committee, slots: 1 });
  }

  commit(time: number, position: number, batch = 0): this {
    return this.tell(time, { type: "committed", batch, position, commitment: hex(`c${position}`) });
  }

  reveal(time: number, position: number, roots: Hex32[], batch = 0): this {
    return this.tell(time, { type: "revealed", batch, position, roots, dataDigest: hex(`d${position}`) });
  }

  settle(time: number, agreedMask: number, roots: Hex32[], batch = 0): this {
    return this.tell(time, { type: "batch-settled", batch, agreedMask, roots });
  }

  /** The view after the first `length` events. */
  view(length = this.events.length, nodeOf?: NodeOf): JobView {
    return foldJob(this.events.slice(0, length), nodeOf);
  }
}
