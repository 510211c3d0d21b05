import type { Contract, EventLog } from "ethers";
import type { DevnetContracts } from "./chain.ts";

/** Two sums that must be equal, in base units. */
export interface Equation {
  readonly name: string;
  readonly left: bigint;
  readonly right: bigint;
}

/** Everything that somebody owns, recomputed from balances and contract views at one block. */
export interface MoneySnapshot {
  readonly block: number;
  readonly usdc: { supply: bigint; balances: Record<string, bigint> };
  readonly infer: { supply: bigint; balances: Record<string, bigint> };
  /** Base units of USDC that each node has earned so far, claimed or not. */
  readonly earned: Readonly<Record<number, bigint>>;
  /** Base units of USDC that nodes have earned and not claimed yet. */
  readonly unclaimed: bigint;
  readonly equations: readonly Equation[];
}

/** Reads every balance there is and holds the sums against each other. */
export async function moneySnapshot(net: DevnetContracts, block: number): Promise<MoneySnapshot> {
  const at = { blockTag: block };
  const events = async (contract: Contract, name: string) => (await contract.queryFilter(name, net.origin, block)) as EventLog[];
  const argument = async (contract: Contract, name: string, key: string) => (await events(contract, name)).map((event) => event.args[key] as string);

  const usdc = await holdings(net, net.usdc, block);
  const infer = await holdings(net, net.infer, block);

  // Client money in Jobs: credits, earnings and what open jobs still hold.
  const accounts = new Set([...(await argument(net.jobs, "Deposited", "account")), ...(await argument(net.jobs, "JobOpened", "client")), net.treasury]);
  const credits = sum(await Promise.all([...accounts].map((account) => net.jobs.creditOf!(net.usdc.target, account, at))));
  const nodes = Array.from({ length: Number(await net.staking.nodeCount!(at)) }, (_, i) => i + 1);
  const waiting = await Promise.all(nodes.map(async (node) => [node, (await net.jobs.earningsOf!(net.usdc.target, node, at)) as bigint] as const));
  const earnings = sum(waiting.map(([, amount]) => amount));
  const earned: Record<number, bigint> = Object.fromEntries(waiting);
  for (const { args } of await events(net.jobs, "Claimed")) earned[Number(args.node)]! += args.amount as bigint;
  const jobs = await argument(net.jobs, "JobOpened", "job");
  const escrow = sum(await Promise.all(jobs.map(async (job) => ((await net.jobs.job!(job, at)) as { remaining: bigint }).remaining)));

  // INFER in Staking: every bucket of every node, and rewards that wait to be claimed.
  const stakes = sum(await Promise.all(nodes.map(async (node) => sum([...((await net.staking.stakeOf!(node, at)) as bigint[])]))));
  const provers = new Set(await argument(net.staking, "RewardCredited", "prover"));
  const rewards = sum(await Promise.all([...provers].map((prover) => net.staking.rewardOf!(prover, at))));
  const burned = sum((await events(net.staking, "StakeSlashed")).map((event) => event.args.burned as bigint)) + sum((await events(net.staking, "BondBurned")).map((event) => event.args.amount as bigint));
  const minted = sum((await transfersFrom(net.infer, ZERO, net.origin, block)).map((event) => event.args.value as bigint));

  return {
    block,
    usdc,
    infer,
    earned,
    unclaimed: earnings,
    equations: [
      { name: "USDC: sum of all balances = supply", left: sum(Object.values(usdc.balances)), right: usdc.supply },
      { name: "USDC in Jobs = credits + earnings + escrow of open jobs", left: usdc.balances[String(net.jobs.target)] ?? 0n, right: credits + earnings + escrow },
      { name: "USDC in Jobs = what it says that it owes", left: usdc.balances[String(net.jobs.target)] ?? 0n, right: (await net.jobs.liabilities!(net.usdc.target, at)) as bigint },
      { name: "INFER: sum of all balances = supply", left: sum(Object.values(infer.balances)), right: infer.supply },
      { name: "INFER in Staking = stakes + unclaimed rewards", left: infer.balances[String(net.staking.target)] ?? 0n, right: stakes + rewards },
      { name: "INFER: minted - burned by slashes = supply", left: minted - burned, right: infer.supply },
    ],
  };
}

const ZERO = "0x0000000000000000000000000000000000000000";

async function transfersFrom(token: Contract, from: string, origin: number, block: number): Promise<EventLog[]> {
  return (await token.queryFilter(token.filters.Transfer!(from), origin, block)) as EventLog[];
}

/** Balances of all who ever received the token. */
async function holdings(net: DevnetContracts, token: Contract, block: number): Promise<{ supply: bigint; balances: Record<string, bigint> }> {
  const transfers = (await token.queryFilter("Transfer", net.origin, block)) as EventLog[];
  const holders = new Set(transfers.map((event) => event.args.to as string).filter((to) => to !== ZERO));
  const balances = await Promise.all([...holders].map(async (holder) => [holder, (await token.balanceOf!(holder, { blockTag: block })) as bigint] as const));
  return { supply: (await token.totalSupply!({ blockTag: block })) as bigint, balances: Object.fromEntries(balances) };
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n);
}
