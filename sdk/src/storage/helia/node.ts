import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { withBitswap } from "@helia/bitswap";
import { withLibp2pLight } from "@helia/libp2p";
import { identify } from "@libp2p/identify";
import { noise } from "@libp2p/noise";
import { ping } from "@libp2p/ping";
import { tcp } from "@libp2p/tcp";
import { yamux } from "@libp2p/yamux";
import * as dagCbor from "@ipld/dag-cbor";
import { FsBlockstore } from "blockstore-fs";
import { FsDatastore } from "datastore-fs";
import { createHeliaLight } from "helia";
import { InfernetError } from "../../core/index.ts";
import { loadPeerKey } from "./peer-key.ts";

/** Where a store keeps its data and how peers reach it. */
export interface HeliaStoreOptions {
  /** Directory of blocks, datastore and peer key; made when it does not exist. One process at a time. */
  readonly directory: string;
  /** Multiaddrs to listen on; default: loopback on a free port. */
  readonly listen?: readonly string[];
  /** Multiaddrs to tell peers instead of those listened on, for a node behind a router. */
  readonly announce?: readonly string[];
}

const MESSAGE_TIMEOUT_MS = 60_000;

/**
 * Starts Helia with TCP, noise and yamux, and nothing that reaches out by itself: no bootstrap
 * list, no public gateway, no router. Content comes from peers that somebody named.
 * @throws {InfernetError} `store_failed`
 */
export async function startHelia(options: HeliaStoreOptions) {
  const { directory, listen = ["/ip4/127.0.0.1/tcp/0"], announce = [] } = options;
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const privateKey = await loadPeerKey(directory);
    const blocks = new FsBlockstore(join(directory, "blocks"));
    const datastore = new FsDatastore(join(directory, "data"));
    await blocks.open();
    await datastore.open();
    const helia = withBitswap(
      withLibp2pLight(createHeliaLight({ blockstore: blocks, datastore, codecs: [dagCbor] }), {
        privateKey,
        addresses: { listen: [...listen], announce: [...announce] },
        transports: [tcp()],
        connectionEncrypters: [noise()],
        streamMuxers: [yamux()],
        // libp2p refuses private addresses by default; operators may well run several nodes at home.
        connectionGater: { denyDialMultiaddr: () => false },
        // The defaults, 5 a second and 10 pending from one host, refuse a devnet's nodes at its start.
        connectionManager: { inboundConnectionThreshold: 200, maxIncomingPendingConnections: 200 },
        services: { identify: identify(), ping: ping() },
      }),
      {
        // Wants are sent at once: they come in few, and each fetch waits for two round trips.
        sendWantlistDebounce: 1,
        // A full message of 4 MiB must have time to arrive over a slow link.
        messageReceiveTimeout: MESSAGE_TIMEOUT_MS,
        messageSendTimeout: MESSAGE_TIMEOUT_MS,
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
