import { readFileSync } from "node:fs";
import { stdoutLimit } from "@infernet/sdk/core";
import { memoryPagesOf } from "../../provider-node/src/executor/index.ts";
import { checkModule } from "../../provider-node/src/executor/wasm/child/module/check.ts";
import { runModule } from "../../provider-node/src/executor/wasm/child/run-module.ts";
import { cpuSecondsSince, type Measured } from "./measured.ts";
import type { BenchTask } from "./tasks.ts";

/**
 * The kernel without the executor, in this process: one instance takes the input of all shards at
 * once. A first shard, which is not counted, warms the engine up.
 * @returns a call that measures one run
 */
export function prepareDirect(task: BenchTask): () => Measured {
  const { module: source, model, limits, input } = task.shards[0]!;
  const module = new WebAssembly.Module(checkModule(source.bytes, memoryPagesOf(limits)) as BufferSource);
  const files = new Map(model.map(({ path, file }) => [path, new Uint8Array(readFileSync(file))]));
  const run = (stdin: Uint8Array): Buffer => {
    const ended = runModule(module, { stdin, model: files, stdoutBytes: stdoutLimit(task.items, limits.lineBytes) + 1 });
    if (ended.outcome !== "ok") throw new Error(`the module ended with ${ended.outcome}: ${ended.detail} ${ended.stderr}`);
    return Buffer.from(ended.stdout);
  };
  run(input);
  return () => {
    const before = process.cpuUsage();
    const output = run(Buffer.concat(task.shards.map((shard) => shard.input)));
    return { output, cpuSeconds: cpuSecondsSince(before) };
  };
}
