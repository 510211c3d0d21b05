import type { Hex32 } from "../core/index.ts";
import type { Account, JobTerms, SignedQuote } from "./terms.ts";

/** One side of a conflict, opened at an item. */
export interface Opening {
  readonly replica: number;
  readonly resultDigest: Hex32;
  readonly proof: readonly Hex32[];
}

/** Everything that somebody can ask the contracts to do. Plain data: it can be journaled before it is done. */
export type ChainAction =
  // clients
  | { type: "approve"; token: Account; spender: "jobs" | "staking"; amount: bigint }
  | { type: "deposit"; token: Account; account: Account; amount: bigint }
  | { type: "withdraw"; token: Account; to: Account; amount: bigint }
  /** Deposits what is missing (by ERC-2612 permit where the token has it) and opens, in one transaction where possible. */
  | { type: "open"; terms: JobTerms; quote: SignedQuote | null; locators: readonly string[]; deposit: bigint }
  | { type: "cancel"; terms: JobTerms }
  // operators
  | { type: "commit"; terms: JobTerms; batch: number; position: number; commitment: Hex32 }
  | { type: "decline"; terms: JobTerms; batch: number; position: number; reason: number }
  | { type: "reveal"; terms: JobTerms; batch: number; position: number; roots: readonly Hex32[]; dataDigest: Hex32; salt: Hex32 }
  // cranks
  | { type: "draw"; terms: JobTerms; batches: readonly number[] }
  | { type: "settle"; terms: JobTerms; batch: number; lists: readonly (readonly Hex32[])[] }
  | { type: "finalise"; terms: JobTerms; batches: readonly number[] }
  | { type: "advance"; terms: JobTerms; shard: number }
  | { type: "expire"; terms: JobTerms }
  | { type: "replace-aggregator"; terms: JobTerms; stalledBatch: number; node: number }
  | { type: "open-conflict"; terms: JobTerms; shard: number; item: number; a: Opening; b: Opening }
  | { type: "open-whole-conflict"; terms: JobTerms; shard: number }
  | { type: "judge"; terms: JobTerms; panel: number; results: readonly Hex32[] }
  | { type: "punish"; terms: JobTerms; batch: number; position: number }
  | { type: "execute-slash"; slash: bigint }
  | { type: "claim"; token: Account; nodes: readonly number[] }
  // owners
  | { type: "register"; operator: Account; payout: Account; profile: Uint8Array; encryptionKey: Hex32 }
  | { type: "set-profile"; profile: Uint8Array }
  | { type: "set-operator"; operator: Account }
  | { type: "set-payout"; payout: Account }
  | { type: "stake"; node: number; amount: bigint }
  | { type: "request-unbonding"; amount: bigint }
  | { type: "withdraw-stake"; ticket: bigint }
  /** What the signer earned by reporting faults, in INFER. */
  | { type: "claim-reward" }
  | { type: "join-pool"; pool: Hex32; capacity: number }
  | { type: "set-capacity"; pool: Hex32; capacity: number }
  | { type: "set-paused"; pool: Hex32; member: number; paused: boolean }
  | { type: "sync-member"; pool: Hex32; member: number }
  | { type: "appeal"; slash: bigint };

/** A transaction that the chain has accepted for good. */
export interface ActionReceipt {
  readonly transaction: string;
  readonly height: number;
  /** Chain time, seconds. */
  readonly time: number;
  /** Gas on the EVM, compute units on Solana. */
  readonly gas: bigint;
}
