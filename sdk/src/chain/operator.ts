import type { Hex32 } from "../core/index.ts";
import type { ChainAction } from "./actions.ts";
import type { ChainPort } from "./port.ts";
import type { Account } from "./terms.ts";

/** What the network has seen of a member's work. Counts are decayed: half of them is forgotten in 30 days. */
export interface WorkRecord {
  /** Shards that were agreed on. */
  readonly good: number;
  /** Weighted faults. */
  readonly bad: number;
  /** Agreed shards since the last fault. */
  readonly streak: number;
  /** From draw to commit, milliseconds a compute unit; 0 = not measured yet. */
  readonly latencyMs: number;
  /** 0 … 10 000; a newcomer has 5 000. */
  readonly score: number;
}

/** A node's place in a pool, as the contract holds it now. */
export interface MembershipInfo {
  readonly pool: Hex32;
  readonly member: number;
  /** Slots whose stake is held. */
  readonly capacity: number;
  /** Slots that answer for open work. */
  readonly busy: number;
  readonly paused: boolean;
  /** Jailed or banned. */
  readonly suspended: boolean;
  /** What the member will be: a change counts from the epoch after it was asked for. */
  readonly next: { readonly capacity: number; readonly paused: boolean };
  /** Chain time from which `next` counts, seconds; null when nothing is pending. */
  readonly changesAt: number | null;
  readonly record: WorkRecord;
  /** Chain time, seconds; 0 = not jailed, Infinity = banned. */
  readonly jailedUntil: number;
}

/** Stake on its way out. */
export interface StakeTicket {
  readonly ticket: bigint;
  /** Wei of INFER. */
  readonly amount: bigint;
  /** Chain time from which it can be withdrawn, seconds. */
  readonly readyAt: number;
}

/** A transaction for somebody who signs elsewhere: a hardware wallet, a multisig. */
export interface UnsignedTransaction {
  readonly chainId: string;
  readonly to: Account;
  /** Call data in 0x hex. */
  readonly data: string;
  /** Native coins that go with it, wei. */
  readonly value: bigint;
}

/** What owners and operators of nodes ask a chain beyond what work needs. */
export interface OperatorReads {
  /** A node's place in a pool; null when it never joined. @throws {InfernetError} `pool_not_found` */
  membership(pool: Hex32, node: number): Promise<MembershipInfo | null>;
  /** Withdrawals of stake that are not paid out yet, oldest first. */
  tickets(node: number): Promise<StakeTicket[]>;
  /** Native coins of an account, wei: what it pays for transactions with. */
  coins(account: Account): Promise<bigint>;
  /** The stake token. */
  readonly stakeToken: Account;
  /** Length of an epoch, seconds: changes to a membership count from the next one. */
  epochSeconds(): Promise<number>;
  /** What `from` has to send, in this order, for an action; an approval in front where one is needed. */
  unsigned(action: ChainAction, from: Account): Promise<UnsignedTransaction[]>;
}

/** A chain for those who run nodes on it. */
export interface OperatorPort extends ChainPort, OperatorReads {}
