import { batchRange, batchShape, InfernetError } from "../core/index.ts";
import { shardCount, type JobTerms, type PoolInfo, type ProtocolParameters, type TokenInfo } from "../chain/index.ts";
import { REQUEST_DEFAULTS, type JobRequest } from "./request.ts";

/** What a job costs, in base units of its token. */
export interface Price {
  /** R · k · shards: what the providers earn when everything agrees. */
  readonly work: bigint;
  readonly aggregatorFee: bigint;
  readonly protocolFee: bigint;
  /** What is paid when everything agrees. */
  readonly expected: bigint;
  /** Held for replacements and panels; returns unless they are needed. */
  readonly reserve: bigint;
  /** What opening takes into escrow: never more is spent. */
  readonly worstCase: bigint;
}

/** What the chain says about a job's surroundings. */
export interface Market {
  readonly parameters: ProtocolParameters;
  readonly pool: PoolInfo;
  readonly token: TokenInfo;
  /** Members that a committee can be drawn from: neither paused nor the client's or its aggregator's own. */
  readonly eligible: number;
  /** Chain time, seconds. */
  readonly time: number;
}

/** Blocks come every few seconds: nobody can answer in less, whatever the parameters allow. */
const LEAST_REVEAL_WINDOW = 10;
const LEAST_DURATION = 600;
/** A job's price over the floor of its pool, in percent. */
const MARGIN_PERCENT = 125n;

/**
 * Terms of a request, without an aggregator. Defaults keep to what the contracts demand: beyond the least commit
 * window of the protocol, `Admission._lock` asks for `honestSeconds`; members with other work get twice that.
 * @throws {InfernetError} `invalid_argument`, `pool_too_small`
 */
export function draftTerms(request: JobRequest, market: Market, fixed: Pick<JobTerms, "client" | "nonce" | "manifest" | "items">): JobTerms {
  const { parameters, pool, token, time, eligible } = market;
  const replicas = request.replicas ?? REQUEST_DEFAULTS.replicas;
  const itemsPerShard = request.shardSize ?? REQUEST_DEFAULTS.shardSize;
  if (!token.allowed) throw new InfernetError("invalid_argument", `the network does not take the token ${token.token}`);
  if (eligible < replicas)
    throw new InfernetError("pool_too_small", `the pool has ${eligible} members that can be drawn, ${replicas} replicas need as many`, { details: { eligible, replicas } });
  // A committee that is wider than the pool could never be drawn.
  const committeeWidth = Math.max(replicas, Math.min(eligible, request.committeeWidth ?? REQUEST_DEFAULTS.committeeWidth));
  const unitsPerShard = BigInt(Math.ceil(itemsPerShard * (request.workload.unitsPerItem ?? 1)));
  const shape = { items: fixed.items, itemsPerShard, replicas, committeeWidth };
  const shardReward = request.shardReward ?? floorReward(pool, token, unitsPerShard);
  const value = shardReward * BigInt(replicas) * BigInt(shardCount(shape));
  const commitWindow = request.commitWindow ?? parameters.minCommitWindow + 2 * honestSeconds(shape, unitsPerShard, pool);
  return {
    ...fixed,
    ...shape,
    parameters: parameters.version,
    pool: pool.id,
    token: token.token,
    shardReward,
    unitsPerShard,
    aggregator: 0,
    aggregatorFeeBps: 0,
    commitWindow,
    revealWindow: request.revealWindow ?? Math.max(parameters.minRevealWindow, LEAST_REVEAL_WINDOW),
    challengeWindow: request.challengeWindow ?? (value < token.largeJob ? parameters.minChallengeWindow : parameters.minLargeChallengeWindow),
    deadline: request.deadline ?? time + Math.min(parameters.maxDuration, Math.max(LEAST_DURATION, 4 * commitWindow)),
  };
}

/** The floor of the pool and a quarter more, in base units for one shard. Rounded up, never 0. */
export function floorReward(pool: Pick<PoolInfo, "priceFloor">, token: Pick<TokenInfo, "stakeRate">, unitsPerShard: bigint): bigint {
  if (token.stakeRate <= 0n) throw new InfernetError("invalid_argument", "the token has no rate; name a shardReward");
  const wei = pool.priceFloor * unitsPerShard * MARGIN_PERCENT;
  const reward = ceilDiv(wei * 10n ** 18n, token.stakeRate * 100n);
  return reward > 0n ? reward : 1n;
}

/** Twice what the busiest member of the first (the fullest) batch needs: 2 · load · units · secondsPerUnit / 1e6. */
export function honestSeconds(terms: Pick<JobTerms, "items" | "itemsPerShard" | "replicas" | "committeeWidth">, unitsPerShard: bigint, pool: Pick<PoolInfo, "secondsPerUnit">): number {
  const { count } = batchRange(shardCount(terms), 0);
  const { replicas, width } = batchShape(count, terms.replicas, terms.committeeWidth);
  // As `Seats.load`: every full round gives each member k shards, a broken one at most k more.
  const load = Math.floor(count / width) * replicas + Math.min(count % width, replicas);
  return Math.ceil((2 * load * Number(unitsPerShard) * pool.secondsPerUnit) / 1e6);
}

/** The price of terms, broken down as `Admission._worstCase` adds it up. */
export function priceOf(terms: JobTerms, parameters: ProtocolParameters): Price {
  const shards = BigInt(shardCount(terms));
  const work = terms.shardReward * BigInt(terms.replicas) * shards;
  const reserve = shards * (terms.shardReward + BigInt(parameters.panelSize) * (terms.shardReward / BigInt(terms.itemsPerShard)));
  const aggregatorFee = share(work, terms.aggregatorFeeBps);
  const protocolFee = share(work, Math.max(parameters.protocolFeeBps, parameters.drawFeeBps));
  const expected = work + aggregatorFee + protocolFee;
  return { work, aggregatorFee, protocolFee, expected, reserve, worstCase: expected + reserve };
}

function share(amount: bigint, bps: number): bigint {
  return (amount * BigInt(bps)) / 10_000n;
}

function ceilDiv(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b;
}
