import { randomBytes } from "node:crypto";
import type { InfernetHost } from "./config.ts";
import { DHT_PROTOCOL } from "./protocol.ts";

/** A peer that somebody on the network knows. */
export interface FoundPeer {
  readonly peerId: string;
  readonly multiaddrs: readonly string[];
  /** Whether this host has a connection to it. */
  readonly connected: boolean;
  /** Whether it answers questions about other peers. */
  readonly dhtServer: boolean;
}

/** Points of the key space around which is asked: enough for some thousands of peers. */
const PLACES = 8;

/**
 * Peers that the DHT knows, and those that this host is connected to. What peers say about others is hearsay.
 * @param signal - ends the search; what was found until then is returned
 */
export async function peersNear(host: InfernetHost, signal: AbortSignal): Promise<FoundPeer[]> {
  const found = new Map<string, Set<string>>();
  const add = (id: string, addresses: readonly unknown[]) => {
    if (id === host.peerId.toString()) return;
    const known = found.get(id) ?? new Set<string>();
    for (const address of addresses) known.add(String(address));
    found.set(id, known);
  };
  const places = [host.peerId.toMultihash().bytes, ...Array.from({ length: PLACES - 1 }, () => new Uint8Array(randomBytes(32)))];
  const search = async (key: Uint8Array) => {
    try {
      for await (const { id, multiaddrs } of host.peerRouting.getClosestPeers(key, { signal })) add(id.toString(), multiaddrs);
    } catch {
      // The time is over, or nobody answers: whatever was found is the answer.
    }
  };
  await Promise.all(places.map(search));
  const servers = new Set<string>();
  for (const peer of await host.peerStore.all()) {
    const connected = host.getConnections(peer.id).length > 0;
    if (connected || found.has(peer.id.toString())) add(peer.id.toString(), peer.addresses.map(({ multiaddr }) => multiaddr));
    if (peer.protocols.includes(DHT_PROTOCOL)) servers.add(peer.id.toString());
  }
  const connected = new Set(host.getPeers().map(String));
  return [...found].map(([peerId, addresses]) => ({ peerId, multiaddrs: [...addresses], connected: connected.has(peerId), dhtServer: servers.has(peerId) })).sort((a, b) => (a.peerId < b.peerId ? -1 : 1));
}
