import type { PeerId } from "@libp2p/interface";
import type { Multiaddr } from "@multiformats/multiaddr";
import { createHost, type HostOptions, type InfernetHost } from "../host/index.ts";
import { createHeliaStore } from "./helia/index.ts";
import { createKuboStore, type KuboStoreOptions } from "./kubo/index.ts";
import type { NodeContent } from "./node-content.ts";

/** Where a node keeps content: in its own process, or in a Kubo daemon that its operator runs. */
export interface NodeContentOptions extends HostOptions {
  /** RPC of the Kubo daemon, if it is one. */
  readonly kuboRpcUrl?: string | undefined;
  /** Tells this node from others that use the daemon; see {@link KuboStoreOptions}. */
  readonly namespace: string;
}

/** Most addresses of a Kubo daemon that are worth naming. */
const MOST_APART = 4;

/**
 * Opens a node's content store and host. Embedded Helia is both in one; beside a Kubo daemon the host only
 * talks to peers, and looks up for the daemon where they are.
 * @throws {InfernetError} `store_failed`, `store_unreachable`, `config_invalid`
 */
export async function openNodeContent({ kuboRpcUrl, namespace, ...options }: NodeContentOptions): Promise<NodeContent> {
  if (kuboRpcUrl === undefined) {
    const store = await createHeliaStore(options);
    return { store, host: store.libp2p, hostAddresses: () => store.addresses(), apart: [], stop: () => store.stop() };
  }
  const host = await createHost(options);
  try {
    const store = await createKuboStore({ rpcUrl: kuboRpcUrl, namespace, lookUp: (peer, signal) => addressesOf(host, peer, signal) });
    return {
      store,
      host,
      hostAddresses: () => host.getMultiaddrs().map(String),
      apart: store.addresses().slice(0, MOST_APART),
      async stop() {
        await store.stop();
        await host.stop();
      },
    };
  } catch (error) {
    await host.stop();
    throw error;
  }
}

/** Where the host has reached a peer, else where it has heard or the DHT says that it is. */
async function addressesOf(host: InfernetHost, peer: PeerId, signal?: AbortSignal): Promise<readonly Multiaddr[]> {
  // Whoever has dialled us came from a port on which nobody listens.
  const reached = host.getConnections(peer).flatMap(({ direction, remoteAddr }) => (direction === "outbound" ? [remoteAddr] : []));
  if (reached.length > 0) return reached;
  const { multiaddrs } = await host.peerRouting.findPeer(peer, signal === undefined ? {} : { signal });
  return multiaddrs;
}
