import type { Hex32 } from "../../core/index.ts";
import type { OperatorPort } from "../operator.ts";
import type { Account } from "../terms.ts";

/** A chain with the contracts on it, as the compliance suite needs it. Blocks come with transactions, or when they are asked for. */
export interface ChainHarness {
  /** A pool to join, one slot for one INFER, a compute unit for 30 ms. */
  readonly pool: Hex32;
  /** A payment token of six decimals that is allowed. */
  readonly token: Account;
  readonly stakeToken: Account;
  /** The account of a name. */
  account(name: string): Account;
  /** A port that signs as a named account, which can pay for transactions; with a journal of its own. */
  port(name: string): Promise<OperatorPort>;
  /** Gives base units of the payment token. */
  fund(account: Account, amount: bigint): Promise<void>;
  /** Gives base units of INFER. */
  fundStake(account: Account, amount: bigint): Promise<void>;
  /** Lets chain time pass. */
  pass(seconds: number): Promise<void>;
  mine(blocks: number): Promise<void>;
  /** Marks the chain as it is now. @returns takes every block since then off the chain */
  checkpoint(): Promise<() => Promise<void>>;
  stop(): Promise<void>;
}
