import { mkdir } from "node:fs/promises";
import { createLibp2p } from "libp2p";
import { InfernetError, isInfernetError } from "../core/index.ts";
import { hostConfig, type InfernetHost } from "./config.ts";
import type { HostOptions } from "./options.ts";
import { loadPeerKey } from "./peer-key.ts";

/**
 * Starts a libp2p host for direct messages, beside a content store that is no part of this process.
 * @throws {InfernetError} `store_failed`
 */
export async function createHost(options: HostOptions): Promise<InfernetHost> {
  const { directory } = options;
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return await createLibp2p(hostConfig(await loadPeerKey(directory), options));
  } catch (cause) {
    if (isInfernetError(cause)) throw cause;
    throw new InfernetError("store_failed", `cannot start the libp2p host of ${directory}: ${(cause as Error).message}`, { cause });
  }
}
