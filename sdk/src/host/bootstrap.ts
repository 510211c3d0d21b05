import type { PeerId, PeerStore, Startable } from "@libp2p/interface";
import type { Multiaddr } from "@multiformats/multiaddr";
import { dialTargets } from "./dial-targets.ts";
import { DHT_PROTOCOL } from "./protocol.ts";

/** Between two looks; while a connection is wanted, after each failure twice as long as before. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** Peers to be connected to, so that no single one can cut this host off. */
const ENOUGH = 4;

interface Components {
  readonly connectionManager: { getConnections(peer?: PeerId): readonly { readonly remotePeer: PeerId }[]; openConnection(peer: PeerId | Multiaddr[]): Promise<unknown> };
  readonly peerStore: PeerStore;
  readonly peerId: PeerId;
}

/**
 * Keeps a connection to one of the bootstrap peers at least, and to some others that were met, for as long
 * as the host runs: the network may have been gone for hours. (`@libp2p/bootstrap` dials each of them once.)
 * @throws {InfernetError} `invalid_argument` for what is no multiaddr
 */
export function bootstrapKeeper(multiaddrs: readonly string[]): (components: Components) => Startable {
  const targets = dialTargets(multiaddrs);
  return ({ connectionManager, peerStore, peerId }) => {
    const others = targets.filter(({ peer }) => !peer?.equals(peerId));
    const connected = () => others.some(({ peer }) => peer !== undefined && connectionManager.getConnections(peer).length > 0);
    const dial = async (peer: PeerId | Multiaddr[]) => void (await connectionManager.openConnection(peer).catch(() => {}));
    const met = async () => {
      const peers = new Set(connectionManager.getConnections().map(({ remotePeer }) => remotePeer.toString()));
      if (peers.size >= ENOUGH) return [];
      const known = await peerStore.all({ filters: [({ id, protocols }) => !peers.has(id.toString()) && protocols.includes(DHT_PROTOCOL)] });
      return known.map(({ id }) => id).sort(() => Math.random() - 0.5).slice(0, ENOUGH - peers.size);
    };
    let running = false;
    let timer: NodeJS.Timeout | undefined;
    const look = async (pause: number) => {
      if (!connected()) await Promise.all(others.map(({ addresses, peer }) => dial(addresses.length > 0 ? addresses : peer!)));
      if (running) await Promise.all((await met().catch(() => [])).map(dial));
      if (!running) return;
      const [wait, next] = connected() ? [LONGEST_PAUSE_MS, FIRST_PAUSE_MS] : [pause, Math.min(2 * pause, LONGEST_PAUSE_MS)];
      timer = setTimeout(() => void look(next), wait).unref();
    };
    return {
      start() {
        if (running || others.length === 0) return;
        running = true;
        void look(FIRST_PAUSE_MS);
      },
      stop() {
        running = false;
        clearTimeout(timer);
      },
    };
  };
}
