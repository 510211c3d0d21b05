import type { Hex32 } from "../core/index.ts";

/** An account of a chain: a checksummed 0x address on the EVM, base58 on Solana. */
export type Account = string;

/** What a client buys; the job's id is the hash of these. The same fields on every chain. */
export interface JobTerms {
  readonly client: Account;
  /** Makes equal jobs distinct. */
  readonly nonce: bigint;
  /** Version of the parameter set. */
  readonly parameters: number;
  /** Digest of the manifest document. */
  readonly manifest: Hex32;
  readonly pool: Hex32;
  readonly token: Account;
  /** R, in base units: what one replica of one shard earns. */
  readonly shardReward: bigint;
  readonly items: number;
  readonly itemsPerShard: number;
  /** Compute units of a full shard. */
  readonly unitsPerShard: bigint;
  /** k */
  readonly replicas: number;
  /** Most members of a committee, k … 8. */
  readonly committeeWidth: number;
  /** Node id, 0 = none. */
  readonly aggregator: number;
  readonly aggregatorFeeBps: number;
  /** Seconds from the draw. */
  readonly commitWindow: number;
  /** Seconds after everybody committed, at the latest after the commit window. */
  readonly revealWindow: number;
  /** Seconds from agreement to payment. */
  readonly challengeWindow: number;
  /** Chain time in seconds; no draw after it. */
  readonly deadline: number;
}

/** An aggregator's word for its fee. */
export interface SignedQuote {
  readonly validUntil: number;
  readonly signature: string;
}

/** Shards of a job. */
export function shardCount(terms: Pick<JobTerms, "items" | "itemsPerShard">): number {
  return Math.ceil(terms.items / terms.itemsPerShard);
}

/** Items of one shard; the last may hold fewer. */
export function shardItems(terms: Pick<JobTerms, "items" | "itemsPerShard">, shard: number): number {
  return Math.min(terms.itemsPerShard, terms.items - shard * terms.itemsPerShard);
}
