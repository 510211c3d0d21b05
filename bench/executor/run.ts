/**
 * Protocol throughput ÷ calling the kernel directly, per CPU-second.
 *
 *   node bench/executor/run.ts [--workload digits|minilm] [--shards N] [--items N] [--rounds N] [--report FILE]
 *
 * Direct: one instance in this process handles the input of all shards at once. Executor: every
 * shard in its own execution, with the CPU time of both processes. Both are warm, take turns, and
 * give the same bytes, or the script fails. Prints both raw figures.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { WasmExecutor } from "../../provider-node/src/executor/index.ts";
import { prepareDirect } from "./direct.ts";
import { cpuSecondsSince, type Measured } from "./measured.ts";
import { benchTask, type BenchTask } from "./tasks.ts";

const { values } = parseArgs({
  options: {
    workload: { type: "string", default: "digits" },
    shards: { type: "string", default: "2" },
    items: { type: "string", default: "128" },
    rounds: { type: "string", default: "3" },
    report: { type: "string" },
  },
});

async function runShards(executor: WasmExecutor, task: BenchTask): Promise<Measured> {
  const outputs: Uint8Array[] = [];
  const before = process.cpuUsage();
  let childSeconds = 0;
  for (const shard of task.shards) {
    const { output, cpuSeconds } = await executor.execute(shard);
    outputs.push(output);
    childSeconds += cpuSeconds;
  }
  return { output: Buffer.concat(outputs), cpuSeconds: cpuSecondsSince(before) + childSeconds };
}

const task = await benchTask(values.workload, Number(values.shards), Number(values.items));
const executor = new WasmExecutor({ maxChildren: 1 });
const total = { direct: 0, executor: 0 };
try {
  const runDirect = prepareDirect(task);
  await executor.execute(task.shards[0]!);
  for (let round = 0; round < Number(values.rounds); round++) {
    const direct = runDirect();
    const executed = await runShards(executor, task);
    if (Buffer.compare(direct.output, executed.output) !== 0) throw new Error("the executor and the direct call gave different bytes");
    total.direct += direct.cpuSeconds;
    total.executor += executed.cpuSeconds;
  }
} finally {
  await executor.close();
}

const items = task.items * Number(values.rounds);
const report = {
  workload: values.workload,
  shards: task.shards.length,
  itemsPerShard: Number(values.items),
  rounds: Number(values.rounds),
  directItemsPerCpuSecond: items / total.direct,
  executorItemsPerCpuSecond: items / total.executor,
  ratio: total.direct / total.executor,
};
console.log(
  `${report.workload}, ${report.rounds} × ${report.shards} shards of ${report.itemsPerShard}: executor ${report.executorItemsPerCpuSecond.toFixed(1)} ` +
    `÷ direct ${report.directItemsPerCpuSecond.toFixed(1)} items per CPU-second = ${report.ratio.toFixed(3)}`,
);
if (values.report !== undefined) writeFileSync(values.report, `${JSON.stringify(report, null, 2)}\n`);
