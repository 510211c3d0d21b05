import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { digitsModelPath, hostilePath, workloads } from "../../../../workloads/index.ts";
import { compileModule, readModelFile, runModule } from "../../../../workloads/testing/run-module.ts";
import type { Behaviour } from "../compliance.ts";
import type { ExecutionModule, ExecutionTask } from "../executor.ts";

const LIMITS = { memoryPages: 64, seconds: 30, lineBytes: 256 };
const SAMPLES = new URL("../../../../workloads/digits/samples.jsonl", import.meta.url);

/** A module as a task names it. Tests need any digest that tells modules apart. */
export function moduleOf(bytes: Uint8Array): ExecutionModule {
  return { digest: `0x${createHash("sha256").update(bytes).digest("hex")}`, bytes };
}

/** A task of `items` empty items for a module. */
export function taskOf(bytes: Uint8Array, items: number, limits: Partial<typeof LIMITS> = {}): ExecutionTask {
  const input = new TextEncoder().encode("{}\n".repeat(items));
  return { module: moduleOf(bytes), model: [], input, items, limits: { ...LIMITS, ...limits } };
}

/** A task for one of the hostile workloads. */
export function hostileTask(behaviour: Behaviour, items: number, seconds = LIMITS.seconds): ExecutionTask {
  return taskOf(readFileSync(hostilePath(behaviour)), items, { seconds });
}

/** The digits workload over its sample file. */
export function digitsTask(): ExecutionTask {
  const { wasmPath, limits } = workloads.digits;
  const input = readFileSync(SAMPLES);
  const items = input.filter((byte) => byte === 0x0a).length;
  return { module: moduleOf(readFileSync(wasmPath)), model: [{ path: "digits.bin", file: digitsModelPath }], input, items, limits };
}

/** What the digits workload says to its samples under another WASI, in this process. */
export function digitsOutput(): Uint8Array {
  const model = new Map([["digits.bin", readModelFile(digitsModelPath)]]);
  return runModule(compileModule(workloads.digits.wasmPath), model, readFileSync(SAMPLES)).stdout;
}
