import type { PeerInfo } from "@libp2p/interface";
import { isPrivate } from "@libp2p/utils";
import type { Multiaddr } from "@multiformats/multiaddr";

/** Whether the public internet reaches an address without the help of a relay. */
export function isPublic(address: Multiaddr): boolean {
  const components = address.getComponents();
  return components.some(({ name }) => name === "tcp" || name === "udp") && !components.some(({ name }) => name === "p2p-circuit") && !isPrivate(address);
}

/**
 * A peer without the private addresses that mean nothing to others, if it has any other.
 * In a network that is private as a whole, such as that of a development chain, they are all there is.
 */
export function preferPublic(peer: PeerInfo): PeerInfo {
  const others = peer.multiaddrs.filter((address) => !isPrivate(address));
  return others.length === 0 ? peer : { ...peer, multiaddrs: others };
}
