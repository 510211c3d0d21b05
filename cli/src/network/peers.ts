import { peersNear } from "@infernet/sdk/host";
import type { NetworkView } from "./session.ts";

/** A peer, and the node that the chain has under its id. */
export interface PeerRow {
  readonly peerId: string;
  readonly multiaddrs: readonly string[];
  readonly connected: boolean;
  readonly dhtServer: boolean;
  /** Id on chain; null for clients, and for whoever nobody has registered. */
  readonly node: number | null;
}

/** Peers that the DHT and the gossip know. */
export async function networkPeers({ host, announcements, directory, deadline }: NetworkView): Promise<PeerRow[]> {
  const found = new Map((await peersNear(host, deadline)).map((peer) => [peer.peerId, peer]));
  await announcements.settled(deadline);
  for (const { announcement } of announcements.known.all()) {
    const { peerId, multiaddrs } = announcement;
    // Whoever announces another's peer id is not that peer.
    if (!found.has(peerId) && directory.node(announcement.node)?.profile?.peerId === peerId) found.set(peerId, { peerId, multiaddrs, connected: false, dhtServer: false });
  }
  const nodes = new Map([...directory.nodes()].flatMap(({ node, profile }) => (profile === null ? [] : [[profile.peerId, node] as const])));
  return [...found.values()].map((peer) => ({ ...peer, node: nodes.get(peer.peerId) ?? null })).sort((a, b) => (a.node ?? Infinity) - (b.node ?? Infinity) || (a.peerId < b.peerId ? -1 : 1));
}

export function peersText(rows: readonly PeerRow[]): string {
  if (rows.length === 0) return "no peers";
  return rows.map(({ peerId, node, dhtServer, connected, multiaddrs }) => `${node === null ? "   -" : String(node).padStart(4)}  ${peerId}  ${dhtServer ? "server" : "client"}${connected ? ", connected" : ""}  ${multiaddrs[0] ?? ""}`.trimEnd()).join("\n");
}
