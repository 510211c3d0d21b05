/** The peer of the strict kernel: ONNX Runtime, native, batch 1, one thread. Installed here, outside the workspace. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fromHub } from "../../workloads/minilm/hub.ts";
import { DEFAULT_CACHE } from "../../workloads/minilm/model.ts";
import type { Sources } from "../../workloads/minilm/sources.ts";
import { fromWheel } from "../../workloads/minilm/wheel.ts";
import { buildOnnx } from "./onnx-graph.ts";

/** Embeds token ids; returns 384 fp32 numbers of length 1. */
export type Embed = (ids: readonly number[]) => Promise<Float32Array>;

/** The part of onnxruntime-node that is used; its package is installed only for benches. */
interface Ort {
  readonly Tensor: new (type: "int64", data: BigInt64Array, shape: readonly number[]) => unknown;
  readonly InferenceSession: {
    create(model: Uint8Array, options: object): Promise<{
      run(feeds: Record<string, unknown>): Promise<Record<"embedding", { data: Float32Array }>>;
    }>;
  };
}

const here = fileURLToPath(new URL(".", import.meta.url));

async function loadRuntime(): Promise<Ort> {
  if (!existsSync(join(here, "node_modules/onnxruntime-node"))) {
    console.error("installing onnxruntime-node for the comparison (about 10 seconds)");
    execFileSync("npm", ["ci", "--no-audit", "--no-fund"], {
      cwd: here,
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: "skip" },
    });
  }
  const name = "onnxruntime-node";
  return ((await import(name)) as { default: Ort }).default;
}

async function fetchWeights(): Promise<Sources> {
  const folder = join(DEFAULT_CACHE, "bench");
  await mkdir(folder, { recursive: true });
  const context = { folder, onProgress: (message: string) => console.error(message), signal: undefined };
  return fromHub(context).catch(() => fromWheel(context));
}

/** Starts ONNX Runtime on the published weights with every optimisation and a single thread. */
export async function startPeer(): Promise<Embed> {
  const [{ InferenceSession, Tensor }, { weights }] = [await loadRuntime(), await fetchWeights()];
  const session = await InferenceSession.create(buildOnnx(weights), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: "all",
  });
  return async (ids) => {
    const shape = [1, ids.length];
    const { embedding } = await session.run({
      ids: new Tensor("int64", BigInt64Array.from(ids, BigInt), shape),
      positions: new Tensor("int64", BigInt64Array.from(ids, (_, i) => BigInt(i)), shape),
    });
    return embedding.data;
  };
}

/** Version of the installed peer. */
export async function peerVersion(): Promise<string> {
  const file = await readFile(join(here, "node_modules/onnxruntime-node/package.json"), "utf8");
  return (JSON.parse(file) as { version: string }).version;
}
