import type { Hex32 } from "../core/index.ts";
import type { ChainEvent, ExtraKind, Fault, JobOutcome, ShardStatus } from "./events.ts";
import type { JobTerms } from "./terms.ts";

export interface SeatView {
  /** Pool member index. */
  readonly member: number;
  /** Of a direct reveal too: it counts as a commitment. */
  committedAt?: number;
  declined?: number;
  revealed?: { roots: readonly Hex32[]; dataDigest: Hex32; transaction: string };
}

export interface BatchView {
  readonly number: number;
  /** Of a replacement or panel. */
  readonly extra?: { kind: ExtraKind; shard: number; item: number };
  drawnAt?: number;
  seats: SeatView[];
  settled?: { at: number; agreedMask: number; roots: readonly Hex32[] };
  finalised?: boolean;
  /** Positions whose fault is not punished yet. */
  faults: Map<number, Fault>;
}

export interface ShardView {
  status: ShardStatus;
  since: number;
  conflicting: boolean;
  /** Agreed root; null while there is none. */
  root: Hex32 | null;
  /** Batch numbers of replacements, oldest first; replica k + i. */
  replacements: number[];
  convicted: Set<number>;
  /** Panel at work. */
  panel: number | null;
}

/** All that the chain has said about one job. Derived from its events alone. */
export interface JobView {
  readonly id: Hex32;
  readonly terms: JobTerms;
  readonly deposit: bigint;
  readonly locators: readonly string[];
  readonly openedAt: number;
  /** Whose job it is now: who earns the fee. 0 = nobody's. */
  aggregator: number;
  /** Chain time, seconds. */
  aggregatorSince: number;
  /** Aggregators that have stalled and lost the job, oldest first. */
  replaced: number[];
  /** Round that the undrawn batches wait for. */
  round: { round: bigint; epoch: bigint; at: number };
  rounds: Map<number, { round: bigint; epoch: bigint; at: number }>;
  batches: Map<number, BatchView>;
  /** Shards that did not agree at once. */
  shards: Map<number, ShardView>;
  slashes: { slash: bigint; node: number; fault: Fault; amount: bigint; due: number; state: "pending" | "executed" | "cancelled" }[];
  penalties: { node: number; fault: Fault; amount: bigint }[];
  /** Punished faults that have been taken off their seats, by node and kind. Only the reducer's business. */
  takenFaults?: Map<string, number>;
  closed?: { outcome: JobOutcome; aggregatorFee: bigint; protocolFee: bigint; refund: bigint };
  events: ChainEvent[];
}
