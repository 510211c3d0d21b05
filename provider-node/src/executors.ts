import { join } from "node:path";
import { InfernetError } from "@infernet/sdk/core";
import { readPrivateFile } from "@infernet/sdk/node";
import type { ProviderConfig } from "./config.ts";
import { ContainerExecutor, OpenAiExecutor, WasmExecutor, type Executor, type OpenAiExecutorOptions } from "./executor/index.ts";

/** Largest memory of a WebAssembly module, in pages. */
const MAX_WASM_PAGES = 65536;

/**
 * How the executors that a provider offers are opened, one for each kind of program.
 * @returns functions that throw {InfernetError} `runtime_unavailable` where this host cannot do or enforce what one
 *   promises; `config_invalid`, `keystore_invalid` for settings of a served model
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
    openai: async () => OpenAiExecutor.open(openaiOptions(config)),
  };
  return [...new Set(config.executors)].map((kind) => openers[kind]);
}

/**
 * How the operator's server is asked.
 * @throws {InfernetError} `config_invalid` without a server or a model, `keystore_invalid` for a key that others could read
 */
export function openaiOptions({ openaiUrl: url, openaiModels: models, openaiKeyFile, openaiConcurrency: concurrency }: Pick<ProviderConfig, "openaiUrl" | "openaiModels" | "openaiKeyFile" | "openaiConcurrency">): OpenAiExecutorOptions {
  if (url === undefined || models.length === 0) throw new InfernetError("config_invalid", `openai is among the executors, but ${url === undefined ? "openaiUrl" : "openaiModels"} is not set`);
  if (openaiKeyFile === undefined) return { url, models, concurrency };
  const apiKey = readPrivateFile("the API key", openaiKeyFile).trim();
  if (!/^[\x21-\x7e]+$/.test(apiKey)) throw new InfernetError("config_invalid", `${openaiKeyFile} does not hold an API key on one line`);
  return { url, models, concurrency, apiKey };
}
