import type { Interface } from "ethers";
import { InfernetError, utf8 } from "../../core/index.ts";
import type { ChainAction, Opening } from "../actions.ts";
import type { SignedQuote } from "../terms.ts";
import { erc20, jobs, pools, slashing, staking } from "./contracts.ts";
import type { Deployment } from "./deployment.ts";
import { encodeTerms } from "./terms.ts";

/** A contract and what it is told. */
export interface Target {
  readonly to: string;
  readonly data: string;
}

/** A signed ERC-2612 permit: an allowance without a transaction of its own. */
export interface Permit {
  readonly deadline: bigint;
  readonly v: number;
  readonly r: string;
  readonly s: string;
}

const MAX_LOCATOR_BYTES = 1024;

/**
 * An action as a call to a contract.
 * @param permit - allowance for `open`, `deposit` and `stake`; null where the contract is allowed to take the money already
 */
export function encodeAction(action: ChainAction, deployment: Deployment, permit: Permit | null = null): Target {
  const call = (to: string, contract: Interface, name: string, args: readonly unknown[]): Target => ({ to, data: contract.encodeFunctionData(name, args) });
  const onJobs = (name: string, ...args: unknown[]) => call(deployment.jobs, jobs, name, args);
  const onSlashing = (name: string, ...args: unknown[]) => call(deployment.slashing, slashing, name, args);
  const onPools = (name: string, ...args: unknown[]) => call(deployment.pools, pools, name, args);
  const onStaking = (name: string, ...args: unknown[]) => call(deployment.staking, staking, name, args);
  const permitArgs = permit === null ? [] : [permit.deadline, permit.v, permit.r, permit.s];
  const deposit = (token: string, account: string, amount: bigint) =>
    onJobs(permit === null ? "deposit" : "depositWithPermit", token, account, amount, ...permitArgs);
  const terms = "terms" in action ? encodeTerms(action.terms) : undefined;

  switch (action.type) {
    case "approve":
      return call(action.token, erc20, "approve", [deployment[action.spender], action.amount]);
    case "deposit":
      return deposit(action.token, action.account, action.amount);
    case "withdraw":
      return onJobs("withdraw", action.token, action.to, action.amount);
    case "open": {
      const open = onJobs("open", terms, encodeQuote(action.quote), encodeLocators(action.locators));
      if (action.deposit === 0n) return open;
      const { token, client } = action.terms;
      return onJobs("multicall", [deposit(token, client, action.deposit).data, open.data]);
    }
    case "cancel":
      return onJobs("cancel", terms);
    case "commit":
      return onJobs("commit", terms, action.batch, action.position, action.commitment);
    case "decline":
      return onJobs("decline", terms, action.batch, action.position, action.reason);
    case "reveal":
      return onJobs("reveal", terms, action.batch, action.position, action.roots, action.dataDigest, action.salt);
    case "draw":
      return onJobs("draw", terms, action.batches);
    case "settle":
      return onJobs("settle", terms, action.batch, action.lists);
    case "finalise":
      return onJobs("finalise", terms, action.batches);
    case "advance":
      return onJobs("advance", terms, action.shard);
    case "expire":
      return onJobs("expire", terms);
    case "replace-aggregator":
      return onJobs("replaceAggregator", terms, action.stalledBatch, action.node);
    case "open-conflict":
      return onSlashing("openConflict", terms, action.shard, action.item, encodeOpening(action.a), encodeOpening(action.b));
    case "open-whole-conflict":
      return onSlashing("openWholeConflict", terms, action.shard);
    case "judge":
      return onSlashing("judge", terms, action.panel, action.results);
    case "punish":
      return onSlashing("punish", terms, action.batch, action.position);
    case "execute-slash":
      return onSlashing("execute", action.slash);
    case "appeal":
      return onSlashing("appeal", action.slash);
    case "claim":
      return onJobs("claim", action.token, action.nodes);
    case "register":
      return onStaking("register", action.operator, action.payout, action.profile, action.encryptionKey);
    case "set-profile":
      return onStaking("setProfile", action.profile);
    case "set-operator":
      return onStaking("setOperator", action.operator);
    case "set-payout":
      return onStaking("setPayout", action.payout);
    case "request-unbonding":
      return onStaking("requestUnbonding", action.amount);
    case "withdraw-stake":
      return onStaking("withdraw", action.ticket);
    case "claim-reward":
      return onStaking("claimReward");
    case "stake":
      return onStaking(permit === null ? "deposit" : "depositWithPermit", action.node, action.amount, ...permitArgs);
    case "join-pool":
      return onPools("joinPool", action.pool, action.capacity);
    case "set-capacity":
      return onPools("setCapacity", action.pool, action.capacity);
    case "set-paused":
      return onPools("setPaused", action.pool, action.member, action.paused);
    case "sync-member":
      return onPools("sync", action.pool, action.member);
  }
}

function encodeQuote(quote: SignedQuote | null): object {
  return quote ?? { validUntil: 0, signature: "0x" };
}

function encodeOpening({ replica, resultDigest, proof }: Opening): object {
  return { replica, resultDigest, proof };
}

function encodeLocators(locators: readonly string[]): Uint8Array {
  const bytes = utf8(locators.join("\n"));
  if (bytes.length > MAX_LOCATOR_BYTES) throw new InfernetError("invalid_argument", `locators: ${bytes.length} bytes, at most ${MAX_LOCATOR_BYTES} allowed`);
  return bytes;
}
