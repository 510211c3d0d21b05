import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { ExecutionTask, ModelFile } from "../../provider-node/src/executor/index.ts";
import { digitsModelPath, workloads, type Workload } from "../../workloads/index.ts";
import { ensureMiniLm } from "../../workloads/minilm/model.ts";

/** The shards of one benchmark. */
export interface BenchTask {
  readonly shards: readonly ExecutionTask[];
  /** Items of all shards. */
  readonly items: number;
}

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * Shards of a workload over real inputs: handwritten digits, or name and description of the
 * packages that are installed here (short texts).
 * @throws {Error} for an unknown workload
 */
export async function benchTask(name: string, shards: number, itemsPerShard: number): Promise<BenchTask> {
  const items = shards * itemsPerShard;
  if (name === "digits") {
    const model = [{ path: "digits.bin", file: digitsModelPath }];
    return taskOf(workloads.digits, model, repeat(readLines(at("../../workloads/digits/samples.jsonl")), items), itemsPerShard);
  }
  if (name === "minilm") {
    const model = [{ path: workloads.minilm.model.files[0]!.path, file: (await ensureMiniLm()).path }];
    return taskOf(workloads.minilm, model, repeat(packageTexts(), items), itemsPerShard);
  }
  throw new Error(`unknown workload ${name}: use digits or minilm`);
}

function taskOf(workload: Workload, model: readonly ModelFile[], lines: readonly string[], itemsPerShard: number): BenchTask {
  const bytes = readFileSync(workload.wasmPath);
  const digest = `0x${createHash("sha256").update(bytes).digest("hex")}`;
  const shards: ExecutionTask[] = [];
  for (let start = 0; start < lines.length; start += itemsPerShard) {
    const input = Buffer.from(lines.slice(start, start + itemsPerShard).map((line) => `${line}\n`).join(""));
    shards.push({ module: { digest, bytes }, model, input, items: itemsPerShard, limits: workload.limits });
  }
  return { shards, items: lines.length };
}

function readLines(path: string): string[] {
  return readFileSync(path, "utf8").trimEnd().split("\n");
}

function packageTexts(): string[] {
  const modules = at("../../node_modules/");
  const texts: string[] = [];
  for (const name of readdirSync(modules).sort()) {
    if (name.startsWith(".") || name.startsWith("@")) continue;
    const { description } = JSON.parse(readFileSync(`${modules}${name}/package.json`, "utf8")) as { description?: string };
    if (description) texts.push(JSON.stringify({ text: `${name}: ${description}` }));
  }
  return texts;
}

function repeat(lines: readonly string[], count: number): string[] {
  return Array.from({ length: count }, (_, i) => lines[i % lines.length]!);
}
