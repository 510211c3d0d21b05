import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileDigest, type Digest } from "@infernet/sdk/core";
import type { Workload } from "@infernet/sdk/client";
import { ensureMiniLm } from "../../../workloads/minilm/model.ts";
import { digitsModelPath, workloads } from "../../../workloads/index.ts";

export const WORKLOADS = Object.keys(workloads) as (keyof typeof workloads)[];
export type WorkloadName = keyof typeof workloads;

/** A workload with its model files on this machine. */
export interface InstalledWorkload {
  readonly name: WorkloadName;
  /** Digest of the module, as manifests name it. */
  readonly module: Digest;
  /** Directory with the model files, as an operator installs them. */
  readonly modelsDir: string;
}

/** What a client submits of a workload that ships with Infernet. */
export function clientWorkload(name: WorkloadName): Workload & { readonly modelName: string } {
  const { wasmPath, model, limits } = workloads[name];
  const files = model.files.map(({ path, sha256, bytes }) => ({ path, bytes, sha256: `0x${sha256}` as const }));
  return { module: readFileSync(wasmPath), model: { name: model.name, files }, limits, modelName: model.name };
}

/** Name of the model, as requests and output give it. */
export function modelNameOf(name: WorkloadName): string {
  return workloads[name].model.name;
}

/**
 * Fetches what the workload needs; says what it does.
 * @param directory - where a model that is part of the repository is installed
 */
export async function installWorkload(name: WorkloadName, directory: string, onProgress: (line: string) => void, signal: AbortSignal): Promise<InstalledWorkload> {
  const modelsDir = name === "minilm" ? dirname((await ensureMiniLm({ onProgress, signal })).path) : directory;
  if (name === "digits") {
    mkdirSync(directory, { recursive: true });
    copyFileSync(digitsModelPath, join(directory, basename(digitsModelPath)));
  }
  return { name, module: fileDigest(readFileSync(workloads[name].wasmPath)), modelsDir };
}
