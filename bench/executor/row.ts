import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atLeast, type Row } from "../row.ts";
import { runScript } from "../tool.ts";

/** What the protocol's way of running a shard keeps of the kernel's speed. */
export async function executorRows(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "infernet-bench-"));
  try {
    const file = join(folder, "report.json");
    await runScript(["bench/executor/run.ts", "--workload", "minilm", "--report", file]);
    const report = JSON.parse(readFileSync(file, "utf8")) as { executorItemsPerCpuSecond: number; directItemsPerCpuSecond: number; ratio: number };
    const raw = `${report.executorItemsPerCpuSecond.toFixed(1)} ÷ ${report.directItemsPerCpuSecond.toFixed(1)} embeddings a CPU-second`;
    return [atLeast("a provider's execution ÷ calling the kernel directly", report.ratio, 0.9, raw)];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
