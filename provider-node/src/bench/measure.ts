import { createHash } from "node:crypto";
import { InfernetError, throwIfAborted } from "@infernet/sdk/core";
import type { ExecutionTask, Executor } from "../executor/index.ts";

/** A task whose result is known. */
export interface BenchTask {
  /** Name of the workload, for people. */
  readonly workload: string;
  readonly task: ExecutionTask;
  /** sha256 of the result without its last newline, 64 hex digits. */
  readonly resultSha256: string;
}

/** What a host did in a while. */
export interface Measured {
  readonly items: number;
  readonly seconds: number;
  readonly itemsPerSecond: number;
  readonly cpuSecondsPerItem: number;
}

/**
 * Runs a task again and again, so many at a time, and holds every result against the known one. What starting
 * and loading the model takes is not counted: it is paid once.
 * @param seconds - how long; runs that have begun are finished
 * @throws {InfernetError} `invalid_result` when this host computes something else; of the executor
 */
export async function measure(executor: Executor, bench: BenchTask, { seconds, concurrency, signal }: { seconds: number; concurrency: number; signal?: AbortSignal }): Promise<Measured> {
  const options = signal === undefined ? {} : { signal };
  const run = async () => {
    throwIfAborted(signal);
    const outcome = await executor.execute(bench.task, options);
    const digest = createHash("sha256").update(outcome.output.subarray(0, -1)).digest("hex");
    if (outcome.status !== "ok" || digest !== bench.resultSha256)
      throw new InfernetError("invalid_result", `${bench.workload}: this host computes ${digest}, not ${bench.resultSha256}`, {
        details: { status: outcome.status, code: outcome.code ?? null },
        hint: "A node that computes other results loses its stake. Check the model file, memory and processor before it joins a pool.",
      });
    return outcome.cpuSeconds;
  };
  await Promise.all(Array.from({ length: concurrency }, run));
  const begin = performance.now();
  let [runs, cpu] = [0, 0];
  const worker = async () => {
    do {
      cpu += await run();
      runs++;
    } while (performance.now() - begin < 1000 * seconds);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const took = (performance.now() - begin) / 1000;
  const items = runs * bench.task.items;
  return { items, seconds: took, itemsPerSecond: items / took, cpuSecondsPerItem: cpu / items };
}
