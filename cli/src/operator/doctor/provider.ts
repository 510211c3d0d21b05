import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { InfernetError, type Digest } from "@infernet/sdk/core";
import type { NodeSettings } from "../role.ts";
import { failed, ok, skipped, warning, type Found } from "./finding.ts";

const SHORT = 10;

/**
 * The model files that are installed, by the sha256 of their bytes.
 * @param published - digests that the node's profile names on chain
 */
export async function models({ modelsDir, dataDir, executors = ["wasm"] }: NodeSettings, published: readonly Digest[]): Promise<Found> {
  if (modelsDir === undefined) throw new InfernetError("config_invalid", "modelsDir is not set");
  const count = readFiles(modelsDir);
  if (executors.every((kind) => kind === "openai")) return skipped("served models need no files here");
  if (count === 0) return failed(`${modelsDir} holds no model file`, `Put the files of the pool's model into ${modelsDir}, under any names.`);
  const { InstalledModels } = await import("@infernet/provider-node");
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const digests = (await InstalledModels.open(modelsDir, join(dataDir, "models.json"))).digests();
  const missing = published.filter((digest) => !digests.includes(digest));
  if (missing.length > 0) return failed(`published, but not in ${modelsDir}: ${missing.join(", ")}`, "Install these files again, or publish what is there: infernet provider register");
  return ok(`${digests.length} files: ${digests.map((digest) => `${digest.slice(0, SHORT)}…`).join(", ")}`);
}

/** What the operating system adds to the fence around strangers' modules; memory and time are limited everywhere. */
export async function sandbox({ requireNetworkFence = false }: NodeSettings): Promise<Found> {
  const { WasmExecutor } = await import("@infernet/provider-node");
  const executor = new WasmExecutor({ maxChildren: 1, requireNetworkFence });
  try {
    const { network, user, process: locked } = await executor.isolation();
    const held = `memory, time and files are limited; own network ${yes(network)}, no privileges ${yes(locked)}, another user ${yes(user)}`;
    const fix = "Install util-linux (setpriv, unshare) and allow user namespaces: sysctl kernel.unprivileged_userns_clone=1, and where AppArmor restricts them kernel.apparmor_restrict_unprivileged_userns=0.";
    if (requireNetworkFence && !network) return failed(`${held}; requireNetworkFence is set`, fix);
    return network && locked ? ok(held) : warning(held, fix);
  } finally {
    await executor.close();
  }
}

/**
 * Whether this machine can offer containers: one is started with every limit, apart from those of a running daemon,
 * and the kernel asked what of it is in effect.
 */
export async function containers({ dataDir, executors = [], containerRuntime: runtime, containerGpus: gpus = [] }: NodeSettings): Promise<Found> {
  if (!executors.includes("container")) return skipped("container is not among the executors");
  const { ContainerExecutor } = await import("@infernet/provider-node");
  const folder = join(dataDir, "doctor-containers");
  try {
    const executor = await ContainerExecutor.open({ folder, gpus, maxContainers: 1, ...(runtime === undefined ? {} : { runtime }) });
    await executor.close();
    return ok(`${executor.engine.split(" ")[0]} enforces every limit${gpus.length === 0 ? "" : ` and gives ${gpus.join(", ")}`}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether the operator's server can be asked, and lists the models that are to be offered. */
export async function served({ executors = [], openaiUrl, openaiModels = [], openaiKeyFile }: NodeSettings): Promise<Found> {
  if (!executors.includes("openai")) return skipped("openai is not among the executors");
  const { OpenAiExecutor, openaiOptions } = await import("@infernet/provider-node");
  const executor = await OpenAiExecutor.open(openaiOptions({ openaiUrl, openaiModels: [...openaiModels], openaiKeyFile, openaiConcurrency: 1 }));
  await executor.close();
  return ok(`${openaiUrl} lists ${openaiModels.join(", ")}`);
}

function yes(value: boolean): string {
  return value ? "yes" : "NO";
}

function readFiles(directory: string): number {
  try {
    return readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;
  } catch (cause) {
    throw new InfernetError("config_invalid", `cannot read ${directory}: ${(cause as Error).message}`, { cause, hint: "Make that directory, or correct modelsDir." });
  }
}
