import type { ContractTransactionResponse } from "ethers";
import { JobDriver } from "./job.driver.ts";
import { USDC, type Network, termsOf } from "./network.fixture.ts";

export interface GasReport {
  open: number;
  drawPerReplica: number;
  commit: number;
  reveal: number;
  settle: number;
  finalise: number;
  claim: number;
  total: number;
  perShard: number;
}

async function gasOf(tx: ContractTransactionResponse): Promise<number> {
  return Number((await tx.wait())!.gasUsed);
}

const mean = (values: number[]) => Math.round(values.reduce((a, b) => a + b, 0) / values.length);

/**
 * Gas of one job in which nobody misbehaves, from open to the claim of everything it earned: k = 2, one batch of
 * `shards`, direct path. The network must have run jobs before, so that no balance is written for the first time.
 */
export async function measure(net: Network, shards: number, nonce: bigint, itemsPerShard = 10n): Promise<GasReport> {
  const job = new JobDriver(net, await termsOf(net, {
    nonce, items: BigInt(shards) * itemsPerShard, itemsPerShard, unitsPerShard: 10n, commitWindow: 2_000n, shardReward: USDC / 10n,
  }));
  const open = await gasOf(await job.open());
  const draw = await gasOf(await job.draw([0]));
  const members = job.committees.get(0)!;
  const last = members.length - 1;
  const commits: number[] = [];
  const reveals: number[] = [];
  for (let p = 0; p < last; p++) commits.push(await gasOf(await job.commit(0, p)));
  reveals.push(await gasOf(await job.reveal(0, last)));
  for (let p = 0; p < last; p++) reveals.push(await gasOf(await job.reveal(0, p)));
  const settle = await gasOf(await job.settle(0));
  const finalise = await gasOf(await job.finalise([0]));
  const nodes = await Promise.all(members.map((m) => net.staking.nodeOf(net.providers[m]!)));
  const claim = await gasOf(await net.jobs.connect(net.keeper).claim(net.usdc, nodes));
  const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
  const total = open + draw + sum(commits) + sum(reveals) + settle + finalise + claim;
  return {
    open, drawPerReplica: Math.round(draw / (2 * shards)), commit: mean(commits), reveal: mean(reveals),
    settle, finalise, claim, total, perShard: Math.round(total / shards),
  };
}

const WARM_JOBS = 4;
const MOST_WARM_JOBS = 64;

/**
 * Gives every provider and the treasury a balance, and every storage word of the hot path a first value. Draws follow
 * block hashes: jobs are run until each provider was drawn, or one in ten runs would measure somebody's first earning.
 */
export async function warmUp(net: Network): Promise<void> {
  const idle = new Set(await Promise.all(net.providers.map((p) => net.staking.nodeOf(p))));
  for (let i = 0; i < WARM_JOBS || idle.size > 0; i++) {
    if (i === MOST_WARM_JOBS) throw new Error(`nodes ${[...idle].join(", ")} were not drawn in ${i} jobs`);
    const job = new JobDriver(net, await termsOf(net, { nonce: 1_000n + BigInt(i), items: 320n, commitWindow: 2_000n }));
    await job.open();
    await job.draw([0]);
    await job.play(0);
    await job.settle(0);
    await job.finalise([0]);
    for (const node of idle) if ((await net.jobs.earningsOf(net.usdc, node)) > 0n) idle.delete(node);
  }
  for (const p of net.providers) await net.usdc.mint(p, 1n);
}
