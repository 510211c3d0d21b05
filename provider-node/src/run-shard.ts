import { concat, InfernetError, joinLines } from "@infernet/sdk/core";
import type { ExecutionTask, Executor } from "./executor/index.ts";

/** A shard, or some items of it, to be run. */
export interface ShardRun extends Omit<ExecutionTask, "input" | "items"> {
  /** Runs programs of the manifest's kind. */
  readonly executor: Executor;
  /** Item lines without newlines. */
  readonly lines: readonly Uint8Array[];
  /** The module is known to treat every item as if it stood alone. */
  readonly vetted: boolean;
}

/**
 * Computes the results of items: one line each, newline included, in their order.
 *
 * The result of an item is defined as what the module prints when it is run on that item alone,
 * because a panel judges one item alone. Only a vetted module runs on all items in one go, and when
 * that run fails as a whole each item gets its own. Executors of some kinds keep items apart themselves.
 * @throws {InfernetError} as `Executor.execute`
 */
export async function runShard(run: ShardRun, signal: AbortSignal): Promise<Uint8Array> {
  const { executor, lines, vetted, limits, ...rest } = run;
  let left = limits.seconds;
  const execute = async (some: readonly Uint8Array[]) => {
    if (left <= 0) throw new InfernetError("execution_timeout", `the shard takes longer than ${limits.seconds} s`);
    const outcome = await executor.execute({ ...rest, input: joinLines(some), items: some.length, limits: { ...limits, seconds: left } }, { signal });
    left -= outcome.cpuSeconds;
    return outcome;
  };
  if (executor.itemByItem || (vetted && lines.length > 1)) {
    const whole = await execute(lines);
    if (executor.itemByItem || whole.status === "ok") return whole.output;
  }
  const results: Uint8Array[] = [];
  for (const line of lines) results.push((await execute([line])).output);
  return concat(results);
}
