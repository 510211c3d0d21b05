import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { withBitswap } from "@helia/bitswap";
import { withLibp2pLight } from "@helia/libp2p";
import * as dagCbor from "@ipld/dag-cbor";
import { FsBlockstore } from "blockstore-fs";
import { FsDatastore } from "datastore-fs";
import { createHeliaLight } from "helia";
import { InfernetError } from "../../core/index.ts";
import { hostConfig, loadPeerKey, type HostOptions } from "../../host/index.ts";

/** Where a store keeps blocks, datastore and peer key, one process at a time; and how peers reach it. */
export type HeliaStoreOptions = HostOptions;

const MESSAGE_TIMEOUT_MS = 60_000;

/**
 * Starts Helia over a libp2p host of this project; no public gateway. Content comes from peers that
 * somebody named, never from a search for who may have it.
 * @throws {InfernetError} `store_failed`
 */
export async function startHelia(options: HeliaStoreOptions) {
  const { directory } = options;
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const privateKey = await loadPeerKey(directory);
    const blocks = new FsBlockstore(join(directory, "blocks"));
    const datastore = new FsDatastore(join(directory, "data"));
    await blocks.open();
    await datastore.open();
    const helia = withBitswap(
      withLibp2pLight(createHeliaLight({ blockstore: blocks, datastore, codecs: [dagCbor] }), hostConfig(privateKey, options)),
      {
        // Wants are sent at once: they come in few, and each fetch waits for two round trips.
        sendWantlistDebounce: 1,
        // A full message of 4 MiB must have time to arrive over a slow link.
        messageReceiveTimeout: MESSAGE_TIMEOUT_MS,
        messageSendTimeout: MESSAGE_TIMEOUT_MS,
        // What nodes behind NAT have comes through a relay until a direct connection is made.
        runOnLimitedConnections: true,
        // A block on its way over a slow link is not sent again, although the want is repeated.
        doNotResendBlockWindow: 15_000,
      },
    );
    await helia.start();
    return { helia, blocks, datastore };
  } catch (cause) {
    if (cause instanceof InfernetError) throw cause;
    throw new InfernetError("store_failed", `cannot open the content store in ${directory}: ${(cause as Error).message}`, { cause });
  }
}
