import type { Hex32 } from "../core/index.ts";
import type { ActionReceipt, ChainAction } from "./actions.ts";
import type { ChainEvent, ChainStep, Cursor } from "./events.ts";
import type { Account, JobTerms, SignedQuote } from "./terms.ts";

/** The numbers of a parameter set that off-chain code reckons with. Seconds and basis points. */
export interface ProtocolParameters {
  readonly version: number;
  readonly minReplicas: number;
  readonly panelSize: number;
  readonly panelQuorum: number;
  readonly maxReplacements: number;
  readonly minCommitWindow: number;
  readonly minRevealWindow: number;
  readonly minChallengeWindow: number;
  readonly minLargeChallengeWindow: number;
  readonly maxWindow: number;
  readonly maxDuration: number;
  readonly resolveWindow: number;
  readonly drawFeeBps: number;
  readonly protocolFeeBps: number;
  readonly minAggregatorFeeBps: number;
  readonly maxAggregatorFeeBps: number;
  /** Of k · R · shards in stake: what an aggregator's free stake posts for a job. */
  readonly aggregatorBondBps: number;
}

export interface PoolInfo {
  readonly id: Hex32;
  readonly runtime: Hex32;
  readonly slotStake: bigint;
  readonly priceFloor: bigint;
  /** Honest execution time of a compute unit, in millionths of a second. */
  readonly secondsPerUnit: number;
  readonly members: number;
  readonly listed: boolean;
}

export interface NodeInfo {
  readonly node: number;
  readonly owner: Account;
  readonly operator: Account;
  readonly payout: Account;
  readonly stake: { free: bigint; earmarked: bigint; frozen: bigint; unbonding: bigint; bonded: bigint };
}

/** What governance says about a payment token. */
export interface TokenInfo {
  readonly token: Account;
  readonly allowed: boolean;
  /** Wei of INFER that one base unit is worth to a lock, × 1e18: prices are held against a pool's floor by it. */
  readonly stakeRate: bigint;
  /** Base units of k · R · shards from which a job counts as large. */
  readonly largeJob: bigint;
  readonly decimals: number;
  readonly symbol: string;
}

/** What a reveal transaction said. The salt stands in no event, only in what was sent. */
export interface RevealCall {
  readonly job: Hex32;
  readonly batch: number;
  readonly position: number;
  readonly roots: readonly Hex32[];
  readonly dataDigest: Hex32;
  readonly salt: Hex32;
}

/** What a transaction, or reading, on one chain looks like to everything above it. */
export interface ChainPort {
  readonly chain: { readonly kind: "evm" | "solana"; readonly id: string };
  /** Contract (or program) that holds jobs: part of every commitment. */
  readonly jobsAddress: Account;
  /** Who signs; null for readers. */
  readonly account: Account | null;

  /** Height of the newest block and chain time in seconds. */
  head(): Promise<{ height: number; time: number }>;
  /** Height of the deployment: where followers without a cursor begin. */
  readonly origin: number;
  /**
   * Confirmed events in chain order, each exactly once unless a rollback says otherwise; then one step a new block.
   * Retries what is retryable by itself, and ends when the signal aborts.
   */
  follow(from: Cursor | null, options: { signal: AbortSignal }): AsyncIterable<ChainStep>;
  /** All events of one job so far, oldest first. */
  jobEvents(job: Hex32): Promise<ChainEvent[]>;

  /**
   * Sends an action once, however often it is called with the same key: journals it, signs, journals the transaction,
   * sends, replaces it by a better paid one when it is stuck, and resolves when it is confirmed.
   * An account that runs out of the chain's coin after that is waited for.
   * @throws {InfernetError} `chain_reverted` with `details.reason` = the contract's error name and arguments; `transaction_refused`
   * when no endpoint takes it; both are final, and nothing of the action will happen any more. `insufficient_funds` before it is signed
   */
  submit(key: string, action: ChainAction, options?: { signal?: AbortSignal }): Promise<ActionReceipt>;
  /** Whether the action would succeed now. @throws as `submit` when it would not */
  simulate(action: ChainAction): Promise<void>;

  jobId(terms: JobTerms): Hex32;
  /** Base units that opening takes. */
  cost(terms: JobTerms): Promise<bigint>;
  parameters(version?: number): Promise<ProtocolParameters>;
  pool(id: Hex32): Promise<PoolInfo>;
  token(token: Account): Promise<TokenInfo>;
  /** Node of an owner, null when it has none. */
  nodeOfOwner(owner: Account): Promise<NodeInfo | null>;
  node(id: number): Promise<NodeInfo>;
  /** The reveals that a transaction sent to the contract that holds jobs, with their salts; empty when it sent none. */
  reveals(transaction: string): Promise<RevealCall[]>;
  /** Whether a fault still waits to be punished. */
  hasFault(job: Hex32, batch: number, position: number): Promise<boolean>;
  creditOf(token: Account, account: Account): Promise<bigint>;
  earningsOf(token: Account, node: number): Promise<bigint>;
  tokenBalance(token: Account, account: Account): Promise<bigint>;
  /** Signs an aggregator's fee as the port's account (EIP-712 on the EVM). */
  signQuote(terms: JobTerms, validUntil: number): Promise<SignedQuote>;
  close(): Promise<void>;
}
