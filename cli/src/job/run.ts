import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { sha256, utf8, type InputFormat } from "@infernet/sdk/core";
import type { JobHandle, JobRequest, JobResult, ShardProgress } from "@infernet/sdk/client";
import type { ShardView } from "../terminal/shard-table.ts";
import { toJson } from "../terminal/output.ts";
import type { JobAnswer } from "./answer.ts";
import type { Connection } from "./connection.ts";
import { clientWorkload, type WorkloadName } from "./workload.ts";

/** What is bought, and where it goes. */
export interface RunOptions {
  readonly input: Uint8Array;
  readonly format: InputFormat;
  readonly workload: WorkloadName;
  readonly shardSize: number;
  readonly replicas: number;
  /** Base units; default: twice the quoted worst case. */
  readonly maxPrice: bigint | undefined;
  readonly commitWindow: number | undefined;
  readonly revealWindow: number | undefined;
  readonly aggregator: "auto" | number | null;
  readonly outputPath: string;
  readonly receiptPath: string;
  readonly signal: AbortSignal;
  /** Told when the job is funded. */
  readonly onOpened: (job: string) => void;
  readonly view: ShardView;
}

/** Buys, waits, and writes output and receipt. A run that was killed is taken up again by the next one with the same input. */
export async function runJob(connection: Connection, options: RunOptions): Promise<JobAnswer> {
  const { client, journal } = connection;
  const { signal, view } = options;
  const begin = performance.now();
  const request = requestOf(connection, options);
  const { key, finish } = nextRun(journal, options);
  const maxPrice = options.maxPrice ?? 2n * (await client.quote({ ...request, maxPrice: 0n })).price.worstCase;
  const handle = await client.submitJob({ ...request, maxPrice }, { key });
  options.onOpened(handle.id);
  const [{ conflicts, shards, state }, result] = await Promise.all([watch(handle, view, signal), handle.result({ signal })]).finally(() => view.end());
  const seconds = (performance.now() - begin) / 1000;
  write(options, result);
  finish();
  const { deposit, paid, refunded, fees } = result.cost;
  return {
    job: handle.id,
    jobs: handle.ids,
    items: result.receipt.items,
    shards,
    conflicts,
    state,
    complete: result.complete,
    cost: { deposit, paid, refunded, fees: fees.aggregator + fees.protocol },
    seconds,
    outputPath: resolve(options.outputPath),
    receiptPath: resolve(options.receiptPath),
  };
}

/** What the client is asked for. */
export function requestOf({ deployment }: Connection, options: Omit<RunOptions, "outputPath" | "receiptPath" | "onOpened" | "view">): Omit<JobRequest, "maxPrice"> {
  const { input, format, workload, shardSize, replicas, aggregator, signal, commitWindow, revealWindow } = options;
  const { modelName, ...module } = clientWorkload(workload);
  return {
    input, format, shardSize, replicas, aggregator, signal, modelName,
    workload: module,
    pool: deployment.poolIds[workload] as JobRequest["pool"],
    token: deployment.usdc,
    ...(commitWindow !== undefined && { commitWindow }),
    ...(revealWindow !== undefined && { revealWindow }),
  };
}

/** Where the data of a receipt lies: result lines that `receipt verify` hashes again. */
export function dataPathOf(receiptPath: string): string {
  return `${receiptPath.replace(/\.json$/, "")}.data.jsonl`;
}

/** Follows the events, and shows where every shard stands. */
async function watch(handle: JobHandle, view: ShardView, signal: AbortSignal): Promise<{ conflicts: number; shards: readonly ShardProgress[]; state: string }> {
  const conflicts = new Set<string>();
  let looking: Promise<void> | undefined;
  const look = async () => view.update((await handle.status()).shards);
  for await (const { job, event } of handle.events({ signal })) {
    if (event.type === "shard-changed" && event.conflicting) conflicts.add(`${job}/${event.shard}`);
    // Events come in bursts: one look serves a burst.
    looking ??= look().finally(() => (looking = undefined));
  }
  await looking;
  const { shards, state } = await handle.status();
  view.update(shards);
  return { conflicts: conflicts.size, shards, state };
}

/** Equal runs are told apart by their number, which counts up when one is done: so a killed one is resumed, a done one repeated. */
function nextRun(journal: Connection["journal"], { input, format, workload, shardSize, replicas }: RunOptions): { key: string; finish: () => void } {
  const base = sha256(utf8(JSON.stringify([sha256(input), format, workload, shardSize, replicas])));
  const name = `cli:runs:${base}`;
  const done = Number(journal.value(name) ?? 0);
  return { key: `${base}:${done}`, finish: () => journal.setValue(name, done + 1) };
}

function write({ outputPath, receiptPath }: RunOptions, { output, receipt, data }: JobResult): void {
  const put = (path: string, content: Uint8Array | string) => {
    mkdirSync(dirname(resolve(path)), { recursive: true });
    writeFileSync(`${path}.new`, content);
    renameSync(`${path}.new`, path);
  };
  put(outputPath, output);
  put(receiptPath, `${toJson(receipt, 1)}\n`);
  put(dataPathOf(receiptPath), data);
}
