import type { Hex32 } from "../core/index.ts";
import type { Account, JobTerms } from "./terms.ts";

/** First number of a batch beyond the job's own: replacements and panels. */
export const EXTRA = 1 << 15;

export type ExtraKind = "replacement" | "item-panel" | "shard-panel";
export type Fault = "declined" | "missed" | "silent" | "wrong";
export type JobOutcome = "completed" | "partial" | "refunded" | "cancelled";
export type ShardStatus = "pending" | "agreed" | "final" | "refunded" | "tied";

/** What the contracts said, in the words of the protocol. Fields as in contracts/interfaces. */
export type ChainFact =
  // nodes and pools
  | { type: "node-registered"; node: number; owner: Account; operator: Account; payout: Account; encryptionKey: Hex32; profile: Uint8Array }
  | { type: "operator-set"; node: number; operator: Account }
  | { type: "payout-set"; node: number; payout: Account }
  | { type: "profile-set"; node: number; profile: Uint8Array }
  | { type: "unbonding-requested"; node: number; ticket: bigint; amount: bigint; readyAt: number }
  | { type: "stake-withdrawn"; node: number; ticket: bigint; to: Account; amount: bigint }
  | { type: "member-joined"; pool: Hex32; node: number; member: number; capacity: number }
  /** Counts from the epoch of this number; "member-synced" says that it has been applied. */
  | { type: "member-changed"; pool: Hex32; node: number; member: number; capacity: number; paused: boolean; fromEpoch: bigint }
  | { type: "member-synced"; pool: Hex32; node: number; member: number; capacity: number; paused: boolean; suspended: boolean }
  | { type: "jailed"; node: number; until: number }
  | { type: "banned"; node: number }
  // jobs
  | { type: "job-opened"; job: Hex32; deposit: bigint; terms: JobTerms; locators: string[] }
  | { type: "round-armed"; job: Hex32; batch: number | "all"; round: bigint; epoch: bigint }
  | { type: "batch-drawn"; job: Hex32; batch: number; /** pool member indexes by position */ committee: number[]; slots: number }
  | { type: "extra-opened"; job: Hex32; batch: number; kind: ExtraKind; shard: number; item: number }
  | { type: "committed"; job: Hex32; batch: number; position: number; commitment: Hex32 }
  | { type: "declined"; job: Hex32; batch: number; position: number; reason: number }
  | { type: "revealed"; job: Hex32; batch: number; position: number; roots: Hex32[]; dataDigest: Hex32 }
  | { type: "batch-settled"; job: Hex32; batch: number; agreedMask: number; roots: Hex32[] }
  /** Every payee earned R for each of its shards; other earnings come as "earned". */
  | { type: "batch-finalised"; job: Hex32; batch: number; payees: { node: number; shards: number }[] }
  | { type: "fault-found"; job: Hex32; batch: number; position: number; fault: Fault }
  | { type: "shard-changed"; job: Hex32; shard: number; status: ShardStatus; conflicting: boolean; root: Hex32 }
  | { type: "replica-convicted"; job: Hex32; shard: number; replica: number }
  | { type: "aggregator-replaced"; job: Hex32; stalled: number; aggregator: number }
  | { type: "job-closed"; job: Hex32; outcome: JobOutcome; aggregatorFee: bigint; protocolFee: bigint; refund: bigint }
  // money
  | { type: "deposited"; token: Account; account: Account; amount: bigint }
  | { type: "withdrawn"; token: Account; account: Account; to: Account; amount: bigint }
  | { type: "earned"; token: Account; node: number; amount: bigint }
  | { type: "claimed"; token: Account; node: number; to: Account; amount: bigint }
  // slashing
  | { type: "conflict-opened"; job: Hex32; shard: number; panel: number; item: number; prover: Account }
  | { type: "verdict-reached"; job: Hex32; shard: number; panel: number; verdict: Hex32; convictedMask: number }
  | { type: "panel-tied"; job: Hex32; shard: number; panel: number }
  | { type: "slash-proposed"; slash: bigint; job: Hex32; node: number; fault: Fault; amount: bigint; due: number; prover: Account }
  | { type: "fault-penalised"; job: Hex32; node: number; fault: Fault; amount: bigint; prover: Account }
  | { type: "slash-cancelled"; slash: bigint }
  | { type: "slash-executed"; slash: bigint; amount: bigint };

/** Where a fact stands in the chain. */
export interface FactOrigin {
  readonly height: number;
  /** Chain time of its block, seconds. */
  readonly time: number;
  readonly transaction: string;
  /** Index of the log in its block. */
  readonly index: number;
}

export type ChainEvent = ChainFact & { readonly at: FactOrigin };

/** How far somebody has read: all events up to and including this block. */
export interface Cursor {
  readonly height: number;
  readonly hash: string;
}

/** One step of a follower. A step may hold no events: it still tells the time. */
export interface ChainStep {
  /** Set when blocks that were delivered before have left the chain: forget everything above this height, then read on. */
  readonly rollback?: { readonly to: number };
  readonly events: readonly ChainEvent[];
  /** To be stored when the step has been dealt with. */
  readonly cursor: Cursor;
  /** Chain time of the newest block, seconds. */
  readonly time: number;
  /** Whether the follower has caught up with the chain's head. */
  readonly live: boolean;
}
