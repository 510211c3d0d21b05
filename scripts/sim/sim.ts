import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SELF } from "../../cli/src/process/root.ts";
import { expectedDigits } from "../../test/system/expected.ts";
import { checkJob } from "../chaos/check.ts";
import { openDevnet, type DevnetContracts } from "../devnet/chain.ts";
import type { Kind } from "./kinds.ts";
import { SimNetwork } from "./network.ts";

/** What is simulated. */
export interface SimOptions {
  readonly kinds: readonly Kind[];
  readonly jobs: number;
  /** Items of each job. */
  readonly items: number;
  readonly shardSize: number;
  readonly directory: string;
  readonly onProgress: (line: string) => void;
}

/** What came of it. */
export interface SimReport {
  readonly nodes: number;
  /** Seconds of each job, from the start of the client to its end. */
  readonly seconds: readonly number[];
  /** Promises that were not kept. */
  readonly faults: readonly string[];
}

const SAMPLES = join(import.meta.dirname, "../../workloads/digits/samples.jsonl");
/** Seconds; a line of 1 KB/s brings nothing in time, everything else does. */
const WINDOWS = { commit: 120, reveal: 60 };
const CUT_MS = 15_000;
const POLL_MS = 250;

/** Runs jobs one after the other on a network of strangers, and holds the chain against what was promised. */
export async function simulate({ kinds, jobs, items, shardSize, directory, onProgress }: SimOptions): Promise<SimReport> {
  const network = new SimNetwork(directory, kinds, onProgress);
  const faults: string[] = [];
  const seconds: number[] = [];
  try {
    await network.open();
    const net = openDevnet(network.devnet.rpcUrl, network.devnet.deployment);
    const [input, expected] = writeInput(directory, items);
    for (let job = 1; job <= jobs; job++) {
      const output = join(directory, `output-${job}.jsonl`);
      const from = (await net.provider.getBlockNumber()) + 1;
      const begin = performance.now();
      const args = [...network.jobArguments(input, output, WINDOWS), "--shard-size", String(shardSize), "--bootstrap", network.bootstrap];
      const client = network.children.start({ name: "client", command: process.execPath, args: [...SELF, ...args], logFile: join(directory, "logs/client.out") });
      const cutting = cutOnceDrawn(network, net, from, client.ended);
      const code = await client.ended;
      await cutting;
      seconds.push((performance.now() - begin) / 1000);
      onProgress(`job ${job}: ${items} items, ${seconds.at(-1)!.toFixed(1)} s`);
      const broken = code === 0 ? await checkJob(net, output, from, { expected, excused: network.excused }) : [`the client ended with ${code}; its log is ${join(directory, "logs/client.out")}`];
      faults.push(...broken.map((fault) => `job ${job}: ${fault}`));
    }
    net.provider.destroy();
  } finally {
    await network.close();
  }
  return { nodes: kinds.length + 1, seconds, faults };
}

/** Cuts links as soon as committees are at work, and mends them after a while. */
async function cutOnceDrawn(network: SimNetwork, net: DevnetContracts, from: number, ended: Promise<unknown>): Promise<void> {
  let over = false;
  void ended.then(() => (over = true));
  // A chain is asked for nothing beyond its newest block.
  while (!over && (await net.jobs.queryFilter("BatchDrawn", from - 1)).length === 0) await sleep(POLL_MS);
  await Promise.all(network.cuttable.map((link) => link.cut()));
  await Promise.race([ended, sleep(CUT_MS)]);
  await Promise.all(network.cuttable.map((link) => link.mend()));
}

/** An input of so many digits, the samples over and over, and what it should give. */
function writeInput(directory: string, items: number): [path: string, expected: unknown[]] {
  const samples = readFileSync(SAMPLES, "utf8").split("\n").filter(Boolean);
  const results = expectedDigits(samples.length);
  const path = join(directory, "input.jsonl");
  writeFileSync(path, Array.from({ length: items }, (_, i) => `${samples[i % samples.length]}\n`).join(""));
  return [path, Array.from({ length: items }, (_, i) => results[i % samples.length])];
}
