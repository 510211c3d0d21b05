import { InfernetError, type Hex32 } from "@infernet/sdk/core";
import { shardCount, type ChainPort, type JobTerms } from "@infernet/sdk/chain";

/** Which jobs this node takes. */
export interface Policy {
  readonly feeBps: number;
  /** Empty: all. */
  readonly pools: readonly Hex32[];
  /** Empty: all that governance allows. */
  readonly tokens: readonly string[];
  readonly maxItems: number;
}

/**
 * Refuses a job that this node does not want or that the chain would not open.
 * @param reserved - wei of INFER that open quotes may still take as bonds
 * @returns the fee in basis points, and the bond in wei of INFER
 * @throws {InfernetError} `quote_refused`
 */
export async function checkPolicy(port: ChainPort, node: number, terms: JobTerms, policy: Policy, reserved: bigint): Promise<{ feeBps: number; bond: bigint }> {
  if (terms.aggregator !== node) refuse(`this is node ${node}, not ${terms.aggregator}`);
  if (policy.pools.length > 0 && !policy.pools.includes(terms.pool)) refuse(`jobs of the pool ${terms.pool} are not taken here`);
  if (policy.tokens.length > 0 && !policy.tokens.some((token) => token.toLowerCase() === terms.token.toLowerCase())) refuse(`the token ${terms.token} is not taken here`);
  if (terms.items > policy.maxItems) refuse(`${terms.items} items are more than the ${policy.maxItems} that are taken here`);
  const [parameters, token, pool, head, own] = await Promise.all([port.parameters(), port.token(terms.token), port.pool(terms.pool), port.head(), port.node(node)]);
  if (terms.parameters !== parameters.version) refuse(`the terms name parameters ${terms.parameters}, the newest are ${parameters.version}`);
  if (!token.allowed) refuse(`the network does not take the token ${terms.token}`);
  if (pool.members < terms.replicas) refuse(`the pool has ${pool.members} members for ${terms.replicas} replicas`);
  if (terms.deadline <= head.time) refuse(`the deadline ${terms.deadline} has passed`);
  const value = terms.shardReward * BigInt(terms.replicas) * BigInt(shardCount(terms));
  // Admission._engage: in stake, as the token's rate says, and a part of that.
  const bond = (((value * token.stakeRate) / 10n ** 18n) * BigInt(parameters.aggregatorBondBps)) / 10_000n;
  if (bond + reserved > own.stake.free) refuse(`the job takes a bond of ${bond} wei of INFER, ${own.stake.free - reserved} are free`);
  const feeBps = Math.min(Math.max(policy.feeBps, parameters.minAggregatorFeeBps), parameters.maxAggregatorFeeBps);
  return { feeBps, bond };
}

function refuse(reason: string): never {
  throw new InfernetError("quote_refused", reason);
}
