import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expectedDigits } from "../../test/system/expected.ts";
import { bootstrapPeer } from "../../cli/src/demo/bootstrap-peer.ts";
import { TestNetwork } from "../../test/system/network.ts";
import { openDevnet, type DevnetContracts } from "../devnet/chain.ts";
import { checkJob } from "./check.ts";
import { PoorEndpoints } from "./endpoints.ts";
import { Plan, seededRandom, type Role } from "./plan.ts";
import { formatPoint, type KillPoint } from "./points.ts";
import { Tally } from "./tally.ts";
import { Victim } from "./victim.ts";

/** What is done to a network. */
export interface ChaosOptions {
  /** Kills after which everything is left in peace. */
  readonly kills: number;
  /** Decides who dies where. When each point is reached is up to the machine: a seed repeats the plan, not the run. */
  readonly seed: number;
  readonly providers: number;
  /** Items of each job. */
  readonly items: number;
  readonly directory: string;
  readonly onProgress: (line: string) => void;
}

/** What came of it. */
export interface ChaosReport {
  readonly seed: number;
  readonly kills: number;
  /** By `<role> <side> <deed>`. */
  readonly killsBy: Readonly<Record<string, number>>;
  readonly jobs: number;
  /** What the RPC endpoints did instead of answering, by kind. */
  readonly troubles: Readonly<Record<string, number>>;
  /** Promises that were not kept. */
  readonly faults: readonly string[];
}

const SAMPLES = join(import.meta.dirname, "../../workloads/digits/samples.jsonl");
/** Seconds; so long that no window closes on a node that dies a dozen times in a row. */
const WINDOWS = { commit: 400, reveal: 200 };
const POLL_MS = 250;

/**
 * Runs jobs one after the other on a network of real processes behind poor RPC endpoints. Each of them is killed again and again at moments that
 * the seed decides, from its first start on, and started again; after every job the chain is held against what was promised.
 */
export async function runChaos({ kills, seed, providers, items, directory, onProgress }: ChaosOptions): Promise<ChaosReport> {
  const network = new TestNetwork(directory, providers);
  const tally = new Tally();
  const faults: string[] = [];
  const victims: Victim[] = [];
  let endpoints: PoorEndpoints | undefined;
  let jobs = 0;

  const start = (name: string, role: Role, args: readonly string[], salt: number) => {
    const plan = new Plan(role, seededRandom(seed * 1_000_003 + salt));
    const next = () => (tally.total < kills ? plan.next() : null);
    const onKilled = (point: KillPoint) => {
      tally.add(role, point);
      onProgress(`${tally.total}/${kills} kills, job ${jobs}: ${name} at ${formatPoint(point)}`);
      return next();
    };
    return new Victim({ name, args, children: network.children, logFile: join(directory, "logs", `${name}.out`), onKilled }, next());
  };

  try {
    await network.openChain();
    const net = openDevnet(network.devnet.rpcUrl, network.devnet.deployment);
    endpoints = new PoorEndpoints(network.devnet.rpcUrl, seed);
    const rpc = await endpoints.open();
    const first = await bootstrapPeer(join(directory, "aggregator"));
    for (const [i, { name, role, args }] of network.plan(rpc, first).entries()) victims.push(start(name, role, args, i));
    const died = Promise.race(victims.map(async ({ name, ended }) => `${name} ended by itself with ${await ended}`));
    const gone = await Promise.race([died, joined(net, providers)]);
    if (gone !== undefined) faults.push(gone);
    const input = writeInput(directory, items);
    while (tally.total < kills && faults.length === 0) {
      const output = join(directory, `output-${++jobs}.jsonl`);
      const from = (await net.provider.getBlockNumber()) + 1;
      const ended = start("client", "client", [...network.jobArguments(input, output, WINDOWS), "--rpc", rpc], 1_000 + jobs).ended;
      const end = await Promise.race([died, ended]);
      if (end !== 0) faults.push(typeof end === "string" ? end : `job ${jobs}: the client ended with ${end}; its log is ${join(directory, "logs/client.out")}`);
      else faults.push(...(await checkJob(net, output, from, { expected: expectedDigits(items) })).map((fault) => `job ${jobs}: ${fault}`));
    }
    net.provider.destroy();
  } finally {
    for (const victim of victims) victim.stop();
    await network.close();
    await endpoints?.close();
  }
  return { seed, kills: tally.total, killsBy: tally.toJSON(), jobs, troubles: endpoints?.counts() ?? {}, faults };
}

/** Resolves when all providers are members of the pool, and the aggregator is registered. */
async function joined(net: DevnetContracts, providers: number): Promise<undefined> {
  while (Number(await net.staking.nodeCount!()) < providers + 1) await sleep(POLL_MS);
  while ((await net.pools.queryFilter("MemberJoined", net.origin)).length < providers) await sleep(POLL_MS);
  return undefined;
}

function writeInput(directory: string, items: number): string {
  const path = join(directory, "input.jsonl");
  mkdirSync(directory, { recursive: true });
  writeFileSync(path, `${readFileSync(SAMPLES, "utf8").split("\n").slice(0, items).join("\n")}\n`);
  return path;
}
