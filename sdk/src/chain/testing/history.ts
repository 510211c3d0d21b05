import { sha256, utf8, type Hex32 } from "../../core/index.ts";
import type { ChainEvent, ChainFact } from "../events.ts";
import type { JobTerms } from "../terms.ts";

export const hash = (label: string): Hex32 => sha256(utf8(label));

/** Terms of a job of two batches: 34 shards, two replicas, committees of up to four. */
export const TERMS: JobTerms = {
  client: "client", nonce: 1n, parameters: 1, manifest: hash("manifest"), pool: hash("pool"), token: "token", shardReward: 100n, items: 67, itemsPerShard: 2, unitsPerShard: 2n, replicas: 2,
  committeeWidth: 4, aggregator: 9, aggregatorFeeBps: 100, commitWindow: 60, revealWindow: 30, challengeWindow: 10, deadline: 10_000,
};

/** A fact without the name of its job. */
export type Told<T extends ChainFact = ChainFact> = T extends { job: Hex32 } ? Omit<T, "job"> & { job?: Hex32 } : T;

/** Facts as events, one a block from the given height; time is ten seconds a block. */
export function history(job: Hex32, facts: readonly Told[], height = 1): ChainEvent[] {
  return facts.map((fact, i) => ({ job, ...fact, at: { height: height + i, time: 10 * (height + i), transaction: hash(`${job} ${height + i}`), index: 0 } }) as ChainEvent);
}

export const opened: Told = { type: "job-opened", deposit: 1_000n, terms: TERMS, locators: ["/a"] };
