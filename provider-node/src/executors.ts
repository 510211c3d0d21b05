import { join } from "node:path";
import type { ProviderConfig } from "./config.ts";
import { ContainerExecutor, WasmExecutor, type Executor } from "./executor/index.ts";

/** Largest memory of a WebAssembly module, in pages. */
const MAX_WASM_PAGES = 65536;

/**
 * How the executors that a provider offers are opened, one for each kind of program.
 * @returns functions that throw {InfernetError} `runtime_unavailable` where this host cannot enforce what one promises
 */
export function executorOpeners(config: ProviderConfig): (() => Promise<Executor>)[] {
  const { concurrency, maxMemoryPages } = config;
  const openers: Record<ProviderConfig["executors"][number], () => Promise<Executor>> = {
    wasm: async () =>
      new WasmExecutor({ maxMemoryPages: Math.min(maxMemoryPages, MAX_WASM_PAGES), requireNetworkFence: config.requireNetworkFence, ...(concurrency === undefined ? {} : { maxChildren: concurrency }) }),
    container: () =>
      ContainerExecutor.open({
        folder: join(config.dataDir, "containers"),
        cpus: config.containerCpus,
        gpus: config.containerGpus,
        maxMemoryPages,
        maxProcesses: config.maxProcesses,
        maxScratchBytes: config.maxScratchBytes,
        imageCacheBytes: config.imageCacheBytes,
        ...(config.containerRuntime === undefined ? {} : { runtime: config.containerRuntime }),
        ...(concurrency === undefined ? {} : { maxContainers: concurrency }),
      }),
  };
  return [...new Set(config.executors)].map((kind) => openers[kind]);
}
