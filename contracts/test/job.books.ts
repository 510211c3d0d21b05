import { expect } from "chai";
import { ethers, networkHelpers } from "./core.fixture.ts";
import { type Network, deployNetwork, termsOf } from "./network.fixture.ts";
import { ResultJob } from "./result.driver.ts";

export const Status = { None: 0n, Open: 1n, Active: 2n, Completed: 3n, Partial: 4n, Refunded: 5n, Cancelled: 6n } as const;
export const Shard = { None: 0n, Pending: 1n, Agreed: 2n, Final: 3n, Refunded: 4n, Tied: 5n } as const;
export const Phase = { None: 0n, Drawn: 1n, Settled: 2n, Finalised: 3n } as const;

export const load = () => networkHelpers.loadFixture(deployNetwork);
export const increase = (seconds: bigint | number) => networkHelpers.time.increase(seconds);
export const now = async () => BigInt(await networkHelpers.time.latest());

/** A fresh network with one opened job. */
export async function opened(over: Record<string, unknown> = {}) {
  const net = await load();
  const job = new ResultJob(net, await termsOf(net, over));
  await job.open();
  return { net, job };
}

/** The same, with batch 0 drawn. */
export async function drawn(over: Record<string, unknown> = {}) {
  const made = await opened(over);
  await made.job.draw([0]);
  return made;
}

/** One shard of two replicas that differ on item 0: replica 1 lies. Settled, nothing ordered but the replacement. */
export async function conflicting(over: Record<string, unknown> = {}) {
  const made = await drawn({ items: 10n, ...over });
  const holders = await made.job.holders(0);
  const liar = made.job.committees.get(0)![1]!;
  made.job.lie([liar]);
  await made.job.play(0);
  await made.job.settle(0);
  return { ...made, holders, liar };
}

export const nodeOf = (net: Network, member: number) => net.staking.nodeOf(net.providers[member]!);
export const earned = async (net: Network, member: number) => net.jobs.earningsOf(net.usdc, await nodeOf(net, member));
export const stakeOf = async (net: Network, member: number) => net.staking.stakeOf(await nodeOf(net, member));
export const busyOf = async (net: Network, member: number) => (await net.pools.member(net.pool, member)).busy;

/** What all nodes have earned together. */
export async function earnedByAll(net: Network): Promise<bigint> {
  let sum = 0n;
  for (let node = 1n; node <= await net.staking.nodeCount(); node++) sum += await net.jobs.earningsOf(net.usdc, node);
  return sum;
}

/** Every member's slots are free: each was freed or seized exactly once. */
export async function expectAllFree(net: Network): Promise<void> {
  for (let m = 0; m < net.providers.length; m++) expect(await busyOf(net, m), `busy slots of member ${m}`).to.equal(0n);
}

/** Every base unit is somebody's: balance = liabilities = credits + earnings + what open jobs hold. */
export async function expectBalanced(net: Network, jobs: readonly ResultJob[]): Promise<void> {
  let owed = await earnedByAll(net);
  for (const account of [net.client, net.timelock, net.keeper]) owed += await net.jobs.creditOf(net.usdc, account);
  for (const job of jobs) owed += (await job.state()).remaining;
  expect(await net.jobs.liabilities(net.usdc), "liabilities").to.equal(owed);
  expect(await net.usdc.balanceOf(net.jobs), "balance").to.equal(owed);
}

/** The aggregator's EIP-712 word for a job. */
export async function signQuote(net: Network, terms: ResultJob["terms"], validUntil: bigint, signer = net.aggregator) {
  const domain = { name: "Infernet", version: "1", chainId: 31337, verifyingContract: await net.jobs.getAddress() };
  const types = { Quote: [{ name: "job", type: "bytes32" }, { name: "validUntil", type: "uint40" }] };
  return { validUntil, signature: await signer.signTypedData(domain, types, { job: await net.jobs.jobId(terms), validUntil }) };
}

/** A job with the fixture's aggregator, opened with its quote. */
export async function openedWithAggregator(over: Record<string, unknown> = {}) {
  const net = await load();
  const aggregator = await net.staking.nodeOf(net.aggregator);
  const job = new ResultJob(net, await termsOf(net, { aggregator, aggregatorFeeBps: 100n, ...over }));
  await job.open(await signQuote(net, job.terms, job.terms.deadline));
  return { net, job, aggregator };
}

export { ethers };
