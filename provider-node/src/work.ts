import {
  batchResultDocument,
  InfernetError,
  parseShardResult,
  resultDigest,
  resultDigests,
  resultLeaf,
  throwIfAborted,
  type BatchResult,
  type Hex32,
  type Manifest,
} from "@infernet/sdk/core";
import { withLogFields } from "@infernet/sdk/node";
import type { ContentStore } from "@infernet/sdk/storage";
import { serviceModule, type Executor } from "./executor/index.ts";
import { fetchJob, fetchModule, fetchShard, type ContentLimits, type Sources } from "./job-content.ts";
import type { SeatOutput } from "./machine.ts";
import type { InstalledModels } from "./models.ts";
import { checkPolicy, type Policy } from "./policy.ts";
import { runShard, type ShardRun } from "./run-shard.ts";
import type { Seat } from "./seats.ts";

/** What a seat's work needs. */
export interface WorkerOptions {
  readonly store: ContentStore;
  /** One for each kind of program that this node offers. */
  readonly executors: readonly Executor[];
  readonly models: InstalledModels;
  readonly policy: Policy;
  readonly limits: ContentLimits;
  /** Milliseconds that one fetch may take before the whole attempt counts as failed. */
  readonly fetchTimeoutMs: number;
  /** Salt of a seat's commitment: secret, and the same whenever it is asked for. */
  readonly saltOf: (seat: Seat) => Hex32;
}

/** How one attempt at a seat's work goes on. */
export interface WorkOptions {
  /** Multiaddrs of peers that should have the job's content. */
  readonly from: readonly string[];
  readonly signal: AbortSignal;
  /** Told when everything is here and execution begins. */
  readonly onFetched?: () => void;
}

/** Does the work of seats: fetches, executes, stores the results. Knows nothing of time or transactions. */
export interface Worker {
  /**
   * @returns what the seat will show, its content stored and pinned; the same each time
   * @throws {InfernetError} see `failureOf`
   */
  work(seat: Seat, options: WorkOptions): Promise<SeatOutput>;
}

/** Computes the results of one shard's items; a place to put in a liar for tests. */
export type Compute = (seat: Seat, shard: number, run: ShardRun, signal: AbortSignal) => Promise<Uint8Array>;

/** Milliseconds that peers get to answer before the fetches begin; those keep trying to reach them. */
const MEETING_MS = 2000;

/** Connects to peers first: what is asked for while a connection is being made has to be asked for again. */
async function meet(store: ContentStore, peers: readonly string[], signal: AbortSignal): Promise<void> {
  await store.connect(peers, { signal: AbortSignal.any([signal, AbortSignal.timeout(MEETING_MS)]) }).catch(() => {});
}

/** @throws {InfernetError} `runtime_unavailable` where this node does not offer the manifest's kind */
function executorOf(executors: readonly Executor[], { kind }: Manifest): Executor {
  const executor = executors.find((one) => one.kind === kind);
  if (executor === undefined) throw new InfernetError("runtime_unavailable", `the job is of kind ${kind}, this node offers ${executors.map((one) => one.kind).join(", ")}`);
  return executor;
}

/** The honest worker, or what `compute` makes of it. */
export function createWorker(options: WorkerOptions, compute?: Compute): Worker {
  const { store, executors, models, policy, limits, fetchTimeoutMs, saltOf } = options;
  const run: Compute = compute ?? ((_seat, _shard, shardRun, signal) => runShard(shardRun, signal));

  const resultOf = async (seat: Seat, shard: number, shardRun: ShardRun, signal: AbortSignal) => {
    const output = await withLogFields({ shard }, () => run(seat, shard, shardRun, signal));
    throwIfAborted(signal);
    const lines = parseShardResult(output, shardRun.lines.length, shardRun.limits.lineBytes);
    const root = seat.kind === "item-panel" ? resultLeaf(seat.batch.extra!.item, resultDigest(lines[0]!)) : resultDigests(lines).root;
    return { shard, items: lines.length, file: await keep(await store.putFile(output), "file"), root };
  };

  /** What the manifest names: its module, kept by the executor or fetched, and where its model lies; or whom to ask. */
  const programOf = async (executor: Executor, manifest: Manifest, sources: Sources): Promise<Pick<ShardRun, "module" | "model"> & Disposable> => {
    if (manifest.kind === "openai") return { module: serviceModule(manifest), model: [], [Symbol.dispose]: () => {} };
    const model = models.locate(manifest.model);
    const held = executor.hold?.(manifest.module);
    const bytes = held === undefined ? await fetchModule(store, manifest, limits, sources) : new Uint8Array(0);
    return { module: { digest: manifest.module, bytes }, model, [Symbol.dispose]: () => held?.[Symbol.dispose]() };
  };

  const keep = async (digest: Hex32, kind: "file" | "document") => {
    await store.pin(digest, kind);
    return digest;
  };

  return {
    async work(seat, { from, signal, onFetched }) {
      const { terms } = seat.job;
      const sources: Sources = { from, signal, timeoutMs: fetchTimeoutMs };
      await meet(store, from, signal);
      const { manifest, index } = await fetchJob(store, terms, sources);
      const executor = executorOf(executors, manifest);
      checkPolicy(policy, terms, manifest);
      using program = await programOf(executor, manifest, sources);
      const inputs = await Promise.all(seat.shards.map(async (shard) => ({ shard, lines: await fetchShard(store, terms, index, shard, limits, sources) })));
      onFetched?.();

      const { module, model } = program;
      const vetted = policy.vettedModules.has(module.digest as Hex32);
      const results: BatchResult["results"] = await Promise.all(
        inputs.map(({ shard, lines }) => {
          const asked = seat.kind === "item-panel" ? [lines[seat.batch.extra!.item]!] : lines;
          return resultOf(seat, shard, { executor, module, model, limits: manifest.limits, lines: asked, vetted }, signal);
        }),
      );
      const document = batchResultDocument.encode({ version: 1, job: seat.job.id, batch: seat.batch.number, results });
      const dataDigest = await keep(await store.putDocument(document), "document");
      return { roots: results.map(({ root }) => root), dataDigest, salt: saltOf(seat) };
    },
  };
}
