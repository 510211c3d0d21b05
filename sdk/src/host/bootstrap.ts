import type { PeerId, Startable } from "@libp2p/interface";
import type { Multiaddr } from "@multiformats/multiaddr";
import { dialTargets, type DialTarget } from "./dial-targets.ts";

/** Between two looks; while there is no connection, after each failure twice as long as before. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

interface Components {
  readonly connectionManager: { getConnections(peer: PeerId): readonly unknown[]; openConnection(addresses: Multiaddr[]): Promise<unknown> };
  readonly peerId: PeerId;
}

/**
 * Keeps a connection to one of the bootstrap peers at least, for as long as the host runs: the network
 * may have been gone for hours. (`@libp2p/bootstrap` dials each of them once.)
 * @throws {InfernetError} `invalid_argument` for what is no multiaddr
 */
export function bootstrapKeeper(multiaddrs: readonly string[]): (components: Components) => Startable {
  const targets = dialTargets(multiaddrs);
  return ({ connectionManager, peerId }) => {
    const others = targets.filter(({ peer }) => !peer?.equals(peerId));
    const connected = () => others.some(({ peer }) => peer !== undefined && connectionManager.getConnections(peer).length > 0);
    let running = false;
    let timer: NodeJS.Timeout | undefined;
    const dial = async ({ addresses }: DialTarget) => void (await connectionManager.openConnection(addresses).catch(() => {}));
    const look = async (pause: number) => {
      if (!connected()) await Promise.all(others.map(dial));
      const next = connected() ? LONGEST_PAUSE_MS : pause;
      if (running) timer = setTimeout(() => void look(connected() ? FIRST_PAUSE_MS : Math.min(2 * pause, LONGEST_PAUSE_MS)), next).unref();
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
