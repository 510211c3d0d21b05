import { join } from "node:path";
import { availableParallelism } from "node:os";
import { isInfernetError, type Benchmark, type Digest, type ModuleManifest } from "@infernet/sdk/core";
import type { ProviderConfig } from "../config.ts";
import { WasmExecutor } from "../executor/index.ts";
import { InstalledModels } from "../models.ts";
import { measure, type Measured } from "./measure.ts";
import { keepBenchmark } from "./record.ts";

/** A workload that a provider can be measured with. */
export interface BenchWorkload {
  readonly name: string;
  readonly module: { readonly digest: Digest; readonly bytes: Uint8Array };
  readonly model: NonNullable<ModuleManifest["model"]>;
  readonly limits: { readonly memoryPages: number; readonly seconds: number; readonly lineBytes: number };
  readonly golden: { readonly input: Uint8Array; readonly items: number; readonly resultSha256: string };
}

/** What came of one workload; `missing` names the model file that is not installed. */
export type BenchResult = { readonly workload: string } & ({ readonly benchmark: Benchmark; readonly measured: Measured } | { readonly missing: string });

/** How a provider is measured. */
export interface BenchOptions {
  readonly workloads: readonly BenchWorkload[];
  /** Seconds for each. */
  readonly seconds: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (line: string) => void;
}

/**
 * Measures a provider with the models that are installed, and keeps what came of it in its data directory,
 * from where it is announced.
 * @throws {InfernetError} `invalid_result` when the host computes something else; `config_invalid`; of the executor
 */
export async function benchInstalled(config: ProviderConfig, { workloads, seconds, signal, onProgress }: BenchOptions): Promise<BenchResult[]> {
  const models = await InstalledModels.open(config.modelsDir, join(config.dataDir, "models.json"));
  const concurrency = config.concurrency ?? availableParallelism();
  const executor = new WasmExecutor({ maxMemoryPages: config.maxMemoryPages, requireNetworkFence: config.requireNetworkFence, maxChildren: concurrency });
  const results: BenchResult[] = [];
  try {
    for (const { name, module, model, limits, golden } of workloads) {
      try {
        onProgress?.(`${name}: ${concurrency} at a time, ${seconds} s`);
        const task = { module, model: models.locate(model), input: golden.input, items: golden.items, limits };
        const measured = await measure(executor, { workload: name, task, resultSha256: golden.resultSha256 }, { seconds, concurrency, ...(signal && { signal }) });
        const { itemsPerSecond, cpuSecondsPerItem } = measured;
        const benchmark = { workload: name, module: module.digest, itemsPerSecond, cpuSecondsPerItem, concurrency, measuredAt: Math.floor(Date.now() / 1000) };
        keepBenchmark(config.dataDir, benchmark);
        results.push({ workload: name, benchmark, measured });
      } catch (error) {
        if (!isInfernetError(error, "model_missing")) throw error;
        results.push({ workload: name, missing: error.message });
      }
    }
  } finally {
    await executor.close();
  }
  return results;
}
