import { mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from "@libp2p/crypto/keys";
import type { PrivateKey } from "@libp2p/interface";
import { peerIdFromPrivateKey } from "@libp2p/peer-id";
import { InfernetError } from "../core/index.ts";

/** The peer id that a host of this directory has, or will have. @throws {InfernetError} `store_failed` */
export async function loadPeerId(directory: string): Promise<string> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  return peerIdFromPrivateKey(await loadPeerKey(directory)).toString();
}

/**
 * The Ed25519 key of a store's peer id, made on first use. It stands in a file of its own, readable
 * by its owner only, so that a node keeps its address over restarts.
 * @throws {InfernetError} `store_failed` when the file cannot be read or is no key
 */
export async function loadPeerKey(directory: string): Promise<PrivateKey> {
  const path = join(directory, "peer.key");
  try {
    const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    if (bytes !== undefined) return privateKeyFromProtobuf(bytes);
    const key = await generateKeyPair("Ed25519");
    // Written aside and renamed: a crash leaves the whole key or none.
    const file = await open(`${path}.new`, "w", 0o600);
    try {
      await file.writeFile(privateKeyToProtobuf(key));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.new`, path);
    return key;
  } catch (cause) {
    throw new InfernetError("store_failed", `cannot use the peer key ${path}: ${(cause as Error).message}`, { cause });
  }
}
